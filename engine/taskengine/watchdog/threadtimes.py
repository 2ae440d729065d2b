"""How much processor time each thread has used, where the system tells (Linux)."""

import threading
from collections.abc import Mapping
from pathlib import Path

_THREADS = Path("/proc/self/task")


class ThreadTimes:
    """The threads' processor time, from one look to the next."""

    def __init__(self) -> None:
        self._before: Mapping[int, int] = {}

    def look(self) -> None:
        """Remember how it stands."""
        self._before = _nanoseconds()

    def busiest(self, threads: frozenset[int]) -> int | None:
        """Which of these threads, given by identifier, has used most since the last look."""
        used = {
            thread: now - self._before.get(thread, 0)
            for thread, now in _nanoseconds().items()
            if thread in threads
        }
        return max(used, key=lambda thread: used[thread], default=None)


def _nanoseconds() -> dict[int, int]:
    times = {}
    for thread in threading.enumerate():
        try:
            text = (_THREADS / str(thread.native_id) / "schedstat").read_text()
        except OSError:
            continue  # the thread has just ended, or the system keeps no such file
        if thread.ident is not None:
            times[thread.ident] = int(text.split()[0])
    return times
