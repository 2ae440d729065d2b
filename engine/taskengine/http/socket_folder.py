"""The folder that a user's sockets are in, which nobody else may look into.

A path inside the project could be longer than the system allows for a socket.
"""

import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

# sun_path has 108 bytes on Linux (unix(7)) and 104 on macOS (sys/un.h), with a zero at its end.
LONGEST_PATH = 107 if sys.platform == "linux" else 103
LONGEST_NAME = 24
_FOLDER_MODE = 0o700
_FOR_OTHERS = 0o077
_ROOT = 0


def socket_folder() -> Path:
    """The first good place for sockets: in the user's runtime folder, or else below a temporary
    one. The folder is made if need be. Raises OSError, in words, where there is none.
    """
    for place in _places():
        if _is_short(place) and _is_safe_parent(place.parent) and _is_ours(place):
            return place
    for parent in _temporary():
        if _is_short(parent / _random_name("x" * 8)) and _is_safe_parent(parent):
            # The usual name belongs to somebody else, who may want to be taken for us.
            made_before = filter(_is_ours, parent.glob(_random_name("?" * 8)))
            return next(made_before, None) or _made_in(parent)
    raise OSError("There is no place for the engine's socket: set XDG_RUNTIME_DIR to a folder")


def _places() -> Iterator[Path]:
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR", ""))
    if runtime.is_absolute():  # one that is not has to be passed over, says its specification
        yield runtime / "taskconsole"
    for parent in _temporary():
        yield parent / f"taskconsole-{os.geteuid()}"


def _temporary() -> tuple[Path, ...]:
    return tuple(dict.fromkeys((Path(tempfile.gettempdir()), Path("/tmp"))))  # noqa: S108 - looked at closely


def _random_name(random: str) -> str:
    return f"taskconsole-{os.geteuid()}-{random}"


def _made_in(parent: Path) -> Path:
    return Path(tempfile.mkdtemp(prefix=_random_name(""), dir=parent))


def _is_short(folder: Path) -> bool:
    return len(os.fsencode(folder)) + 1 + LONGEST_NAME <= LONGEST_PATH


def _is_safe_parent(parent: Path) -> bool:
    """Whether nobody else can put another folder in place of ours."""
    try:
        found = parent.stat()
    except OSError:
        return False
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), _ROOT}:
        return False
    is_open = bool(found.st_mode & (stat.S_IWGRP | stat.S_IWOTH))
    return not is_open or bool(found.st_mode & stat.S_ISVTX)


def _is_ours(folder: Path) -> bool:
    """Whether the folder, which is made if it is not there, is nobody's but ours."""
    try:
        folder.mkdir(_FOLDER_MODE)
    except FileExistsError:
        pass
    except OSError:
        return False
    try:
        found = folder.lstat()
    except OSError:
        return False
    is_private = not stat.S_IMODE(found.st_mode) & _FOR_OTHERS
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and is_private
