"""How much processor time threads have used: each of them where the system tells (Linux)."""

import threading
import time
from collections.abc import Mapping
from pathlib import Path

_THREADS = Path("/proc/self/task")


class ThreadTimes:
    """The threads' processor time, from one look to the next."""

    def __init__(self) -> None:
        self._before: Mapping[int, int] = {}
        self._others_before = 0.0

    def look(self) -> None:
        """Remember how it stands."""
        self._before = _nanoseconds()
        self._others_before = _seconds_of_others()

    def of_others(self) -> float:
        """How many seconds all threads but the calling one have used since the last look."""
        return _seconds_of_others() - self._others_before

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


def _seconds_of_others() -> float:
    return time.process_time() - time.thread_time()
