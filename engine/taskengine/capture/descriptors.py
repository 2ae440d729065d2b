"""The process's descriptors 0, 1 and 2, taken from the terminal and given back."""

import fcntl
import os

from taskengine.capture.pump import Pump
from taskengine.capture.sink import RunOutput
from taskengine.output import OutputKind

_PIPE_SIZE = 1 << 20
_KINDS = {1: OutputKind.STDOUT, 2: OutputKind.STDERR}


class Descriptors:
    """Standard input is empty, what is written to 1 and 2 goes to one output.

    Own them from `take` to `give_back`; what was written until then has arrived when the pump
    has stopped.
    """

    def __init__(self, pump: Pump, output: RunOutput) -> None:
        self._pump = pump
        self._output = output
        self._before: dict[int, int] = {}
        self._ours: dict[int, int] = {}

    def take(self) -> None:
        """Keep copies of the present ones and put others in their places."""
        self._before = _copies()
        _put(os.open(os.devnull, os.O_RDONLY), 0)
        for fd, kind in _KINDS.items():
            reader, writer = os.pipe()
            _enlarge(writer)
            _put(writer, fd)
            self._pump.attach(reader, self._output, kind)
        self._ours = _copies()

    def mend(self) -> None:
        """Put ours back where a task has closed one, or put another in its place."""
        for fd, copy in self._ours.items():
            if not _are_same(fd, copy):
                os.dup2(copy, fd, inheritable=True)
                self._output.note(f"Descriptor {fd} was closed or replaced; it is back in place.")

    def give_back(self) -> None:
        """Put the earlier ones back; what is held back in streams has to be flushed before."""
        for fd, copy in self._before.items():
            _put(copy, fd)
        for copy in self._ours.values():
            os.close(copy)
        self._before, self._ours = {}, {}


def _copies() -> dict[int, int]:
    return {fd: fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 3) for fd in (0, 1, 2)}


def _are_same(fd: int, other: int) -> bool:
    try:
        return os.path.sameopenfile(fd, other)
    except OSError:
        return False


def _put(fd: int, place: int) -> None:
    os.dup2(fd, place, inheritable=True)
    os.close(fd)


def _enlarge(pipe: int) -> None:
    """A large pipe takes a burst of C code that does not let the reading thread run."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        try:
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_SIZE)
        except OSError:
            return  # the user's share of large pipes is spent: the usual size works too
