"""What keeps a history from being written or read, and how people are told of it."""

import errno
import os
import sqlite3
import traceback
from enum import Enum, auto
from pathlib import Path

from taskengine.errors import HistoryTooNew
from taskengine.history.sqlite.files import is_writable
from taskengine.problem import Problem, ProblemKind

_NO_TEXT = "Could not decode to UTF-8"  # Python's own words, which have no code
_HARDLY_ANY_ROOM = 256 * 1024  # bytes; little enough to be why SQLite says it can't open or write


class ForeignFile(Exception):
    """The file is a SQLite database of some other program."""


class UnsupportedSqlite(Exception):
    """Python's SQLite lacks what the history needs; the exception says what."""


class FileGone(Exception):
    """Another file, or none, is where the file was that is open."""


class Trouble(Enum):
    """What sort of trouble it is, by what can be done about it."""

    FULL = auto()
    READ_ONLY = auto()
    LOCKED = auto()
    CANT_OPEN = auto()
    DISK_ERROR = auto()
    DAMAGED = auto()
    GONE = auto()
    FOREIGN = auto()
    TOO_NEW = auto()
    UNSUPPORTED = auto()
    UNEXPECTED = auto()


_BY_CODE = {
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_READONLY: Trouble.READ_ONLY,
    sqlite3.SQLITE_PERM: Trouble.CANT_OPEN,
    sqlite3.SQLITE_BUSY: Trouble.LOCKED,
    sqlite3.SQLITE_PROTOCOL: Trouble.LOCKED,
    sqlite3.SQLITE_CANTOPEN: Trouble.CANT_OPEN,
    sqlite3.SQLITE_IOERR: Trouble.DISK_ERROR,
    sqlite3.SQLITE_NOLFS: Trouble.DISK_ERROR,
    sqlite3.SQLITE_CORRUPT: Trouble.DAMAGED,
    sqlite3.SQLITE_NOTADB: Trouble.DAMAGED,
    sqlite3.SQLITE_INTERRUPT: Trouble.UNEXPECTED,
}
_BY_ERRNO = {
    errno.ENOSPC: Trouble.FULL,
    errno.EDQUOT: Trouble.FULL,
    errno.EROFS: Trouble.READ_ONLY,
    errno.EACCES: Trouble.CANT_OPEN,
    errno.EPERM: Trouble.CANT_OPEN,
    errno.EIO: Trouble.DISK_ERROR,
}
_BY_TYPE = {
    ForeignFile: Trouble.FOREIGN,
    UnsupportedSqlite: Trouble.UNSUPPORTED,
    FileGone: Trouble.GONE,
    HistoryTooNew: Trouble.TOO_NEW,
}
_ON = "Runs go on; their history is kept in memory, and is written as soon as that is possible."
_WORDS = {
    Trouble.FULL: ("the disk is full", f"Make room on the disk that holds {{folder}}. {_ON}"),
    Trouble.READ_ONLY: (
        "the file or its folder is read-only",
        f"Make {{folder}} and the files in it writable. {_ON}",
    ),
    Trouble.LOCKED: (
        "another process has locked the file",
        f"Close the program that has {{path}} open, such as a database browser. {_ON}",
    ),
    Trouble.CANT_OPEN: (
        "the file can't be opened",
        f"Look whether {{folder}} is a folder that you may write to. {_ON}",
    ),
    Trouble.DISK_ERROR: ("the disk reports an error", f"Check the disk of {{folder}}. {_ON}"),
    Trouble.DAMAGED: (
        "the file is damaged",
        f"Move {{path}} away to begin a new one. {_ON}",
    ),
    Trouble.GONE: (
        "the file was deleted or replaced",
        f"A new one is begun as soon as {{folder}} can be written to. {_ON}",
    ),
    Trouble.FOREIGN: (
        "the file belongs to another program",
        f"Move {{path}} away; it is left as it is. {_ON}",
    ),
    Trouble.TOO_NEW: (
        "the file was written by a newer taskconsole",
        f"Install that version, or move {{path}} away to begin anew. {_ON}",
    ),
    Trouble.UNSUPPORTED: (
        "Python's SQLite lacks what is needed",
        "Use a Python whose SQLite is 3.37 or newer, with FTS5. Runs go on, in memory only.",
    ),
    Trouble.UNEXPECTED: ("something unexpected happened", f"Please report this. {_ON}"),
}


def trouble_of(error: BaseException) -> Trouble | None:
    """The trouble that the file makes, if an error of a statement is due to the file; None if it is
    a mistake of whoever wrote the statement.
    """
    if isinstance(error, sqlite3.Error):
        if str(error).startswith(_NO_TEXT):
            return Trouble.DAMAGED
        code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        return _BY_CODE.get(code & 0xFF)
    if isinstance(error, MemoryError):
        return Trouble.UNEXPECTED
    return _BY_TYPE.get(type(error))


def trouble_with_file(error: BaseException, path: Path) -> Trouble:
    """The trouble behind any error that came while the history's file was opened or written."""
    trouble = trouble_of(error)
    if isinstance(error, OSError):
        trouble = _BY_ERRNO.get(error.errno or 0, Trouble.CANT_OPEN)
    if trouble in {Trouble.DISK_ERROR, Trouble.CANT_OPEN}:
        return _cause(path) or trouble
    return trouble or Trouble.UNEXPECTED


def problem_of(trouble: Trouble, error: BaseException, path: Path) -> Problem:
    """What people are told of a history that can't be written for the time being."""
    cause, hint = _WORDS[trouble]
    said = f" ({error})" if str(error) else ""
    unexpected = trouble is Trouble.UNEXPECTED
    return Problem(
        kind=ProblemKind.HISTORY,
        message=f"History can't be written: {cause}{said}",
        path=path,
        hint=hint.format(path=path, folder=path.parent),
        traceback="".join(traceback.format_exception(error)) if unexpected else "",
    )


def chore_problem(error: BaseException) -> Problem:
    """What people are told of housekeeping that failed, though the file is not to blame."""
    return Problem(
        kind=ProblemKind.HISTORY,
        message=f"Housekeeping in the history has failed ({type(error).__name__}: {error})",
        hint="Please report this. Runs go on and are kept, but old ones may stay longer than asked"
        " for. It is tried again after the next run.",
        traceback="".join(traceback.format_exception(error)),
    )


def _cause(path: Path) -> Trouble | None:
    """What may be behind words of SQLite that say little, None if nothing is to be seen."""
    folder = path.parent
    try:
        room = os.statvfs(folder)
    except OSError:
        return Trouble.CANT_OPEN
    if not is_writable(path if path.exists() else folder):
        return Trouble.READ_ONLY
    if room.f_bavail * room.f_frsize < _HARDLY_ANY_ROOM:
        return Trouble.FULL
    return Trouble.CANT_OPEN if path.is_dir() else None
