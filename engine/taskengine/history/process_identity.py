"""Which process it was: its number alone says little, for numbers are given again."""

import os
import platform
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_PROC = Path("/proc")
_BOOT_ID = _PROC / "sys/kernel/random/boot_id"
_DEAD_STATES = frozenset("ZXx")  # what its parent has not asked about yet is dead all the same
_PS_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """A process by its number, what the system says of its start, and where it runs.

    `boot` is the boot that `start` counts from; empty where that is an instant by itself.
    """

    pid: int
    start: str
    boot: str
    host: str

    @classmethod
    def own(cls) -> "ProcessIdentity":
        """This process."""
        pid = os.getpid()
        return cls(pid, start_of(pid) or "", _boot(), platform.node())

    @property
    def is_here(self) -> bool:
        """Whether it is or was a process of this host, so that one can see if it lives."""
        return self.host == platform.node()

    def is_alive(self) -> bool:
        """Whether it runs on this host at this moment. Of other hosts nothing is known: False."""
        return self.is_here and self.boot == _boot() and start_of(self.pid) == self.start


def start_of(pid: int) -> str | None:
    """When a process of this host started, in a form that only compares; None: there is none."""
    return _start_by_proc(pid) if sys.platform == "linux" else start_by_ps(pid)


def _start_by_proc(pid: int) -> str | None:
    try:
        text = (_PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return None
    # The name stands in parentheses and may hold anything; then come the state and 18 others.
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in _DEAD_STATES else fields[19]


def start_by_ps(pid: int) -> str | None:
    """The same by the `ps` of the system, where there is no /proc; to the second."""
    import subprocess

    try:
        found = subprocess.run(  # noqa: S603 - a number and nothing else
            ["/bin/ps", "-o", "state=,lstart=", "-p", str(pid)],
            env={"LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PS_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    state, _, start = found.stdout.strip().partition(" ")
    return None if not start or state[0] in _DEAD_STATES else " ".join(start.split())


@cache
def _boot() -> str:
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return ""
