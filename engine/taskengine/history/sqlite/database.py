"""The file that is written: opening it, where it lies, how safe it is, and its write-ahead log."""

import errno
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from sqlite3 import Connection
from typing import TypeAlias

from taskengine.history.retention import Durability
from taskengine.history.sqlite.files import is_writable, look, make
from taskengine.history.sqlite.migrate import migrate, version_of
from taskengine.history.sqlite.schema import OLDEST_SQLITE
from taskengine.history.sqlite.trouble import FileGone, Trouble, UnsupportedSqlite, trouble_of

Connect: TypeAlias = Callable[[str, float], Connection]
"""Connects to the file of a URI; the seconds are how long to wait for a lock."""

LONGEST_LOG = 64_000_000  # bytes; beyond it readers are waited for, so that it can begin anew
_CHECKPOINT_PAGES = 4_000  # some 16 MB; a checkpoint syncs, so the quiet moments are better for it
_KEPT_LOG = 16_000_000  # bytes of the log that stay on the disk when it begins anew
_BETWEEN = 0.005  # seconds, between two tries where SQLite does not wait by itself


def connect(uri: str, timeout: float) -> Connection:
    """Connect without implicit transactions; the connection may go from thread to thread."""
    return sqlite3.connect(
        uri,
        timeout=timeout,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
        uri=True,
    )


class Database:
    """A connection that writes, and the file it was opened on. Used by one thread at a time.

    `is_outdated`: nothing is lost so far, but it has to be opened again before more is written.
    """

    def __init__(self, path: Path, busy: float, connect: Connect = connect) -> None:
        """Open the file, or make it, and bring it to this version.

        `busy` is how many seconds to wait for the lock of another process. Raises HistoryTooNew,
        ForeignFile, UnsupportedSqlite, OSError, sqlite3.Error; what was opened is closed then.
        """
        self._log = path.with_name(f"{path.name}-wal")
        self._path = path
        self._busy = busy
        self.is_outdated = False
        self._durability: Durability | None = None
        _check_sqlite()
        if not make(path):
            if not is_writable(path):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), os.fspath(path))
            check_version(path, busy, connect)
        self.connection = connect(f"{path.absolute().as_uri()}?mode=rw", busy)
        try:
            self._prepare()
            self._file_place = look(self._path)[0]
            self._log_place = look(self._log)[0]
        except BaseException:
            self.connection.close()
            raise

    def _prepare(self) -> None:
        execute = self.connection.execute
        _check_search(self.connection)
        if version_of(self.connection, self._path) == 0:
            execute("PRAGMA auto_vacuum = INCREMENTAL")  # later than WAL it would not be heeded
        if self._begin_log() != "wal":
            raise UnsupportedSqlite("its write-ahead log does not work in this folder")
        execute("PRAGMA synchronous = NORMAL")
        execute("PRAGMA temp_store = MEMORY")
        execute("PRAGMA cell_size_check = ON")
        execute("PRAGMA cache_size = -16000")
        execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        execute(f"PRAGMA journal_size_limit = {_KEPT_LOG}")
        migrate(self.connection, self._path)

    def _begin_log(self) -> str:
        """Ask for a write-ahead log, and give the kind of journal that the file has then.

        SQLite itself does not wait where another process is just doing the same to a new file.
        """
        until = time.monotonic() + self._busy
        while True:
            try:
                (mode,) = self.connection.execute("PRAGMA journal_mode = WAL").fetchone()
            except sqlite3.OperationalError as error:
                if trouble_of(error) is not Trouble.LOCKED or time.monotonic() >= until:
                    raise
                time.sleep(_BETWEEN)
            else:
                return str(mode)

    def set_durability(self, durability: Durability) -> None:
        """Make commits as safe as asked for. Not to be called inside a transaction."""
        if durability is self._durability:
            return
        safe = durability is Durability.POWER_LOSS
        self.connection.execute(f"PRAGMA synchronous = {'FULL' if safe else 'NORMAL'}")
        # Only macOS knows a sync that reaches the disk's own memory; elsewhere these do nothing.
        self.connection.execute(f"PRAGMA fullfsync = {int(safe)}")
        self.connection.execute(f"PRAGMA checkpoint_fullfsync = {int(safe)}")
        self._durability = durability

    def is_in_place(self) -> bool:
        """Whether the file that is open is still the one of its path."""
        return look(self._path)[0] == self._file_place

    def check_place(self) -> int:
        """See that what was written is where it is looked for, and give the log's size in bytes.

        What is written to a deleted file is written without an error. Raises FileGone.
        """
        place, size = look(self._log)
        if not self.is_in_place():
            raise FileGone("another file or none is there now")
        if place != self._log_place:
            self._save_log()
        return size

    def _save_log(self) -> None:
        """Bring a log that was deleted into the file, as long as it is open."""
        if not self.is_outdated and not self.shorten_log(waits=True):
            raise FileGone("its log was deleted")
        self.is_outdated = True

    def shorten_log(self, *, waits: bool) -> bool:
        """Bring what is in the log into the file; False if a reader or writer is in the way.

        `waits`: for as long as for any lock.
        """
        execute = self.connection.execute
        execute(f"PRAGMA busy_timeout = {round(self._busy * 1000) if waits else 0}")
        try:
            (busy, _, _) = execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError as error:
            # Somebody still holds the cursor of a query on this connection.
            if error.sqlite_errorcode != sqlite3.SQLITE_LOCKED:
                raise
            return False
        finally:
            execute(f"PRAGMA busy_timeout = {round(self._busy * 1000)}")
        return not busy

    def close(self) -> None:
        """Let go of the file, whatever state it is in."""
        with suppress(sqlite3.Error):
            self.connection.close()
        if not self.is_in_place() and look(self._log)[0] == self._log_place:
            # The file that has taken the place would take the log for its own.
            self._log.unlink(missing_ok=True)


def _check_sqlite() -> None:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise UnsupportedSqlite(f"it is version {sqlite3.sqlite_version}")


def _check_search(connection: Connection) -> None:
    if not connection.execute("SELECT 1 FROM pragma_module_list WHERE name = 'fts5'").fetchone():
        raise UnsupportedSqlite("it was built without FTS5")


def check_version(path: Path, busy: float, connect: Connect = connect) -> None:
    """Refuse a file that is not to be touched, before a connection that writes changes a byte.

    Raises HistoryTooNew, ForeignFile, sqlite3.Error.
    """
    try:
        with closing(connect(f"{path.absolute().as_uri()}?mode=ro", busy)) as connection:
            version_of(connection, path)
    except sqlite3.Error as error:
        # Only one who may write can open a file that waits for its journal to be rolled back.
        if trouble_of(error) not in {Trouble.READ_ONLY, Trouble.CANT_OPEN}:
            raise
