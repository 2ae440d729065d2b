"""The history: its folder, its file, and whether that is sound. Nothing is changed."""

import os
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from taskconsole.cli.doctor.finding import Finding
from taskconsole.cli.doctor.sizes import size_in_words
from taskengine.errors import HistoryTooNew
from taskengine.history.folder import HistoryFolder
from taskengine.history.sqlite.database import LONGEST_LOG
from taskengine.history.sqlite.files import is_writable
from taskengine.history.sqlite.migrate import version_of
from taskengine.history.sqlite.schema import SCHEMA_VERSION
from taskengine.history.sqlite.trouble import ForeignFile

_PATIENCE = 10.0  # seconds; a file of gigabytes takes longer to be read through
_STEPS = 10_000
_BUSY = 5.0
_LITTLE, _HARDLY_ANY = 500_000_000, 10_000_000  # bytes
_OTHERS = 0o077


def look(root: Path) -> Iterator[Finding]:
    """The folder, its permissions, the room there is, and the file."""
    try:
        folder = HistoryFolder.of(root)
    except OSError as error:
        yield Finding.fail("history", str(error), "put the project on a local disk")
        return
    if folder.problem:
        yield Finding.warn("history", folder.problem.message, folder.problem.hint)
    if not os.path.lexists(folder.path):
        yield Finding.ok("history", f"nothing is kept yet; it will be in {folder.path}")
        yield _room(root)
        return
    yield _folder(folder.path)
    yield _room(folder.path)
    if folder.database.exists():
        yield from _file(folder.database)
    else:
        yield Finding.ok("history", f"no run is kept yet in {folder.path}")


def _folder(path: Path) -> Finding:
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode):
        advice = f"move {path} away; a folder is made in its place"
        return Finding.fail("history folder", f"{path} is no folder, but a file or a link", advice)
    if found.st_uid != os.geteuid():
        advice = f"chown -R {os.geteuid()} {path}"
        return Finding.fail("history folder", f"{path} belongs to another user", advice)
    if found.st_mode & _OTHERS:
        text = f"{path} is open to others ({stat.filemode(found.st_mode)})"
        return Finding.warn("history folder", text, f"chmod 700 {path}")
    return Finding.ok("history folder", f"{path}, for its user alone")


def _room(folder: Path) -> Finding:
    found = os.statvfs(folder)
    room = found.f_bavail * found.f_frsize
    text = f"{size_in_words(room)} free"
    advice = "make room, or `taskconsole history prune`"
    if room < _HARDLY_ANY:
        return Finding.fail("disk", text, advice)
    return Finding.warn("disk", text, advice) if room < _LITTLE else Finding.ok("disk", text)


def _file(path: Path) -> Iterator[Finding]:
    mode = path.stat().st_mode
    if not is_writable(path):
        advice = f"chmod u+rw {path}; look at the owner of {path.parent}"
        yield Finding.fail("history", f"{path} can't be read and written", advice)
        return
    if mode & _OTHERS:
        text = f"{path} is open to others ({stat.filemode(mode)})"
        yield Finding.warn("history file", text, f"chmod 600 {path}")
    try:
        with closing(_reading(path)) as connection:
            version = version_of(connection, path)
            size = size_in_words(path.stat().st_size)
            text = f"{path}, {size}, form {version} of {SCHEMA_VERSION}"
            yield Finding.ok("history", text)
            yield _soundness(connection, path)
    except HistoryTooNew as error:
        yield Finding.fail("history", str(error))
    except (ForeignFile, sqlite3.Error) as error:
        advice = f"move {path} away to begin a new one"
        yield Finding.fail("history", f"{path} can't be read: {error}", advice)
    else:
        yield _log(path.with_name(f"{path.name}-wal"))


def _reading(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_BUSY)


def _soundness(connection: sqlite3.Connection, path: Path) -> Finding:
    late = time.monotonic() + _PATIENCE
    connection.set_progress_handler(lambda: time.monotonic() > late, _STEPS)
    try:
        faults = [fault for (fault,) in connection.execute("PRAGMA quick_check(3)")]
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        return Finding.ok("soundness", f"no damage found in {_PATIENCE:g} s; the file is large")
    if faults == ["ok"]:
        return Finding.ok("soundness", "no damage found")
    advice = f"save what can be read: `taskconsole history export`; then move {path} away"
    return Finding.fail("soundness", f"the file is damaged: {'; '.join(faults)}", advice)


def _log(path: Path) -> Finding:
    size = path.stat().st_size if path.exists() else 0
    text = f"{size_in_words(size)} of changes to be taken into the file"
    if size > 2 * LONGEST_LOG:
        advice = "a program that reads the file keeps them there; end it, or restart the engine"
        return Finding.warn("write-ahead log", text, advice)
    return Finding.ok("write-ahead log", text if size else "empty")
