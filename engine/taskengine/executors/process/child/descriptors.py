"""The descriptors of a task's process: the standard ones, and those that are the engine's."""

import fcntl
import os
import select
from collections.abc import Iterable
from typing import NamedTuple

# High enough to be out of the way of code that counts on low numbers, or closes them one by one.
_OWN_FDS = 200


class TaskEnds(NamedTuple):
    """A task's ends of what joins it to the engine: messages, output, and raw standard error."""

    messages: int
    output: int
    errors: int


class KnownFile:
    """A descriptor together with what it led to at first.

    A task may close it, and the number may then be another file's, into which nothing of ours must
    be written.
    """

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._identity = _identity(fd)

    @property
    def is_intact(self) -> bool:
        """Whether the descriptor still leads where it led."""
        try:
            return _identity(self.fd) == self._identity
        except OSError:
            return False


def _identity(fd: int) -> tuple[int, int]:
    status = os.fstat(fd)
    return status.st_dev, status.st_ino


def move_out_of_the_way(fd: int) -> int:
    """The same file under a high number that programs which the task starts do not inherit."""
    try:
        moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _OWN_FDS)
    except OSError:  # fewer descriptors are allowed
        moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 3)
    os.close(fd)
    return moved


def close_others(kept: Iterable[int]) -> None:
    """Close all but the standard descriptors and these."""
    start = 3
    for fd in sorted(kept):
        os.closerange(start, fd)
        start = fd + 1
    os.closerange(start, os.sysconf("SC_OPEN_MAX"))


def put(fd: int, place: int) -> None:
    """Let one of the standard descriptors lead to the same file."""
    os.dup2(fd, place, inheritable=True)


def write_all(fd: int, data: bytes) -> None:
    """Write everything, whatever the task has made of the descriptor's blocking."""
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(fd, view) :]
        except BlockingIOError:
            _wait_for_room(fd)


def _wait_for_room(fd: int) -> None:
    poll = select.poll()
    poll.register(fd, select.POLLOUT)
    poll.poll()
