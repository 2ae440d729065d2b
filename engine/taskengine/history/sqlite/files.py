"""The history's file as the system sees it: by name only.

To close a descriptor of the file would drop all locks that SQLite has on it in this process.
"""

import os
from pathlib import Path
from typing import TypeAlias

Place: TypeAlias = tuple[int, int]
"""What tells one file from another, whatever its name."""


def make(path: Path) -> bool:
    """Make the file for its user alone, as its companions will be, too; False if there is one.

    Raises OSError.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        return False
    return True


def look(path: Path) -> tuple[Place | None, int]:
    """Which file is there, if any, and its size in bytes."""
    try:
        found = os.stat(path)  # noqa: PTH116 - in every commit, and twice as fast
    except OSError:
        return None, 0
    return (found.st_dev, found.st_ino), found.st_size


def is_writable(path: Path) -> bool:
    """Whether this user may write to the file and make others beside it.

    SQLite makes companions even for a file that it only reads, and those are as read-only as the
    file is then. They stay so when the file becomes writable, and nobody could write any more.
    """
    return os.access(path, os.R_OK | os.W_OK) and os.access(path.parent, os.W_OK)


def read_only_uri(path: Path) -> tuple[str, bool]:
    """The URI by which SQLite only reads the file; and whether nobody writes now, so that what
    readers and writers share then is not to be made. What is read so must be opened anew each time.
    """
    log = path.with_name(f"{path.name}-wal")
    has_log = log.exists() and log.stat().st_size > 0
    is_frozen = not has_log and not is_writable(path)
    mode = "mode=ro&immutable=1" if is_frozen else "mode=ro"
    return f"{path.absolute().as_uri()}?{mode}", is_frozen
