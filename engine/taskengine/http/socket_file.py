"""The file of the socket by which a user's own programs reach a project's engine."""

import contextlib
import errno
import itertools
import os
import socket
import stat
import threading
from hashlib import blake2b
from pathlib import Path

from taskengine.folder_lock import one_at_a_time
from taskengine.http.socket_folder import socket_folder

_SUFFIX = ".sock"
_SOCKET_MODE = 0o600
_MOST_OF_ONE_PROJECT = 1_000


class SocketFile:
    """A listening socket of the engine of `root`, from the first `open` to `close`. Engines of one
    project have one each. Used by any thread.
    """

    def __init__(self, root: Path) -> None:
        self._mark = blake2b(os.fsencode(root), digest_size=6).hexdigest()
        self._bound: socket.socket | None = None
        self._file: os.stat_result | None = None
        self._changing = threading.Lock()
        self._is_over = False
        self.path: Path | None = None

    def open(self) -> socket.socket:
        """Listen at the first path that is free, and leave another one that was opened before.
        Raises OSError, in words.
        """
        with self._changing:
            try:
                if self._is_over:
                    raise OSError("it was closed")
                folder = socket_folder()
                with one_at_a_time(folder):
                    _sweep(folder)
                    return self._bind(folder)
            except OSError as error:
                self.path = None
                raise OSError(error.errno, f"The engine can't have a socket: {error}") from error

    def is_there(self) -> bool:
        """Whether the path still leads here: whoever clears up temporary files, or a user's runtime
        folder at the logout, may have taken it away.
        """
        path, file = self.path, self._file
        if path is None or file is None:
            return False
        try:
            return os.path.samestat(path.lstat(), file)
        except OSError:
            return False

    def close(self) -> None:
        """Listen no more, and take the path away, unless it is another's by now."""
        with self._changing:
            self._is_over = True
            path, self.path = self.path, None
            if self._bound:
                self._bound.close()
            with contextlib.suppress(OSError):
                if path:
                    with one_at_a_time(path.parent):
                        _remove_if_dead(path)

    def _bind(self, folder: Path) -> socket.socket:
        bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with contextlib.suppress(OSError):  # macOS can't; there the folder alone protects
                os.fchmod(bound.fileno(), _SOCKET_MODE)
            path = _bind_to_free(bound, folder, self._mark)
            path.chmod(_SOCKET_MODE)  # nobody can connect before `listen`
            bound.listen()
            bound.setblocking(False)
            self._file = path.lstat()
        except OSError:
            bound.close()
            raise
        self.path, self._bound = path, bound
        return bound


def _bind_to_free(bound: socket.socket, folder: Path, mark: str) -> Path:
    for number in itertools.count(1):
        path = folder / (mark + (f"-{number}" if number > 1 else "") + _SUFFIX)
        try:
            bound.bind(os.fsencode(path))
        except OSError as error:
            if error.errno != errno.EADDRINUSE or number == _MOST_OF_ONE_PROJECT:
                raise
        else:
            return path
    raise AssertionError


def _sweep(folder: Path) -> None:
    """Take away what engines have left that died without a word."""
    for path in folder.glob(f"*{_SUFFIX}"):
        with contextlib.suppress(OSError):
            _remove_if_dead(path)


def _remove_if_dead(path: Path) -> None:
    """Take away a socket that nobody listens at: all come to listen while they keep others out."""
    if not stat.S_ISSOCK(path.lstat().st_mode):
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        is_dead = probe.connect_ex(os.fsencode(path)) == errno.ECONNREFUSED
    if is_dead:
        path.unlink()
