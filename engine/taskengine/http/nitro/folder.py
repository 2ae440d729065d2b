"""A folder whose files are read, written and removed without ever following a symbolic link."""

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE_MODE = 0o644
_FOLDER_MODE = 0o755
_MOST_READ = 65_536


class Folder:
    """An open folder: what becomes of its path meanwhile does not matter. Methods raise OSError."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def read(self, name: str) -> bytes | None:
        """The beginning of a plain file; None if there is nothing of that name."""
        try:
            descriptor = os.open(name, _READ, dir_fd=self._descriptor)
        except FileNotFoundError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError(errno.EINVAL, "is no plain file", name)
            return file.read(_MOST_READ)

    def write(self, name: str, text: bytes) -> None:
        """Put a file in its place at once: whoever reads it meanwhile finds one or the other."""
        half = f".{name}.{secrets.token_hex(4)}"
        descriptor = os.open(half, _CREATE, _FILE_MODE, dir_fd=self._descriptor)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(text)
            os.rename(half, name, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(half, dir_fd=self._descriptor)
            raise

    def remove(self, name: str) -> None:
        """Remove a file."""
        os.unlink(name, dir_fd=self._descriptor)

    @contextmanager
    def below(self, name: str, *, create: bool) -> Iterator["Folder"]:
        """A folder in this one, made if need be."""
        if create:
            with contextlib.suppress(FileExistsError):
                os.mkdir(name, _FOLDER_MODE, dir_fd=self._descriptor)
        descriptor = os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=self._descriptor)
        with _closing(descriptor) as folder:
            yield folder

    def remove_if_empty(self, name: str) -> None:
        """Remove a folder in this one, unless something is in it."""
        with contextlib.suppress(OSError):
            os.rmdir(name, dir_fd=self._descriptor)


@contextmanager
def open_folder(path: Path) -> Iterator[Folder]:
    """The folder at a path. Raises OSError."""
    with _closing(os.open(path, _FOLDER)) as folder:
        yield folder


@contextmanager
def _closing(descriptor: int) -> Iterator[Folder]:
    try:
        yield Folder(descriptor)
    finally:
        os.close(descriptor)
