"""A small disk whose power can be cut: what was not synced is gone, as it would be.

A file system of its own in a file, told to go down without writing anything more (`godown` of
xfstests does the same); the next mount replays its journal. It takes the right to mount.
"""

import fcntl
import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_SHUT_DOWN = 0x8004587D  # FS_IOC_SHUTDOWN, with the flag below: nothing more is written
_NO_LOG_FLUSH = struct.pack("I", 2)
_FREEZE, _THAW = 0xC0045877, 0xC0045878  # FIFREEZE and FITHAW, linux/fs.h
_SIZE = 64_000_000


class Disk:
    """Mounted at `folder` while it has power."""

    def __init__(self, place: Path) -> None:
        self.folder = place / "disk"
        self._image = place / "disk.img"
        self.folder.mkdir()
        with self._image.open("wb") as file:
            file.truncate(_SIZE)
        _call("mkfs.ext4", "-q", str(self._image))
        self.mount()

    def mount(self) -> None:
        _call("mount", "-o", "loop", str(self._image), str(self.folder))

    def cut_power(self) -> None:
        """From now on nothing is written, and what was not synced will be gone."""
        self._control(_SHUT_DOWN, _NO_LOG_FLUSH)

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """Whoever writes here is held until the block ends, as on a server that is gone."""
        self._control(_FREEZE, bytes(4))
        try:
            yield
        finally:
            self._control(_THAW, bytes(4))

    def _control(self, what: int, argument: bytes) -> None:
        disk = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.ioctl(disk, what, argument)
        finally:
            os.close(disk)

    def unmount(self) -> None:
        _call("umount", str(self.folder))


def small_disk(place: Path) -> Disk:
    """A disk in a file of the folder; skips the test where this machine gives none."""
    if shutil.which("mkfs.ext4") is None or os.geteuid() != 0:
        pytest.skip("a disk of its own takes root and mkfs.ext4")
    try:
        return Disk(place)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no file system can be mounted here: {error}")


def _call(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
