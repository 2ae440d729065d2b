"""Who is told of a process's death, and who dies with it. All of it is Linux's; elsewhere nothing
happens.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # prctl(2)
_PR_SET_CHILD_SUBREAPER = 36

_library = ctypes.CDLL(None) if sys.platform == "linux" else None


def adopt_orphans() -> None:
    """Become the parent of all descendants whose own parents die."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(parent: int) -> None:
    """Be killed when the parent dies, or now if it has died already."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def watch_process(pid: int) -> list[int]:
    """A descriptor that can be read when a process has ended; none where there is no such thing.

    The end of a socket tells the same, but not while a fork of the process still holds a copy.
    """
    try:
        return [os.pidfd_open(pid)]
    except (AttributeError, OSError):
        return []


def _prctl(option: int, value: int) -> None:
    if _library is not None:
        _library.prctl(option, ctypes.c_ulong(value), 0, 0, 0)
