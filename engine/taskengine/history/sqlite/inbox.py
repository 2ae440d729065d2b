"""What is asked of the writer's thread."""

import math
import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue

from taskengine.history.sqlite.work import Work

_MOST_AT_ONCE = 1_000
_BEFORE_IT_WAITS = 0.0  # when the thread, which is at work, looks at what is due
_NEVER = math.inf


class Inbox:
    """Any thread asks; the writer's thread takes, until it finishes.

    `due` is when what is unwritten is to be written, in the time of `time.monotonic`.
    """

    def __init__(self) -> None:
        self.due: float | None = None
        self.is_closing = False
        self._queue: SimpleQueue[Work | None] = SimpleQueue()
        self._lock = threading.RLock()  # a __del__ that prints may run while it is held
        self._is_finished = False
        self._closers: list[Work] = []
        self._looks_at = _BEFORE_IT_WAITS

    def put(self, work: Work) -> bool:
        """Ask for a piece of work; False if nobody takes it any more."""
        with self._lock:
            if not self._is_finished:
                self._queue.put(work)
            return not self._is_finished

    def wake(self, within: float) -> None:
        """Ask for what is unwritten to be written, within so many seconds. The thread is woken only
        if it would sleep for longer.
        """
        due, known = time.monotonic() + within, self.due
        if known is not None and known <= due:
            return
        with self._lock:
            if self.due is None or due < self.due:
                self.due = due
                if due < self._looks_at:
                    self._queue.put(None)

    def close(self, closer: Work) -> bool:
        """Ask the thread to finish, and to give back `closer` then; False if it has finished."""
        with self._lock:
            if not self._is_finished:
                self._closers.append(closer)
                self.is_closing = True
                self._queue.put(None)
            return not self._is_finished

    def take(self, next_due: Callable[[], float | None]) -> list[Work]:
        """Wait up to the instant of `time.monotonic` when something is due, None: for ever, and
        take what has come.
        """
        works: list[Work] = []
        self._looks_at = _NEVER  # whoever finds something due from now on can't rely on this look
        until = next_due()
        self._looks_at = _NEVER if until is None else until
        try:
            pause = None if until is None else max(0.0, until - time.monotonic())
            work = self._queue.get(timeout=pause)
            while True:
                if work is not None:
                    works.append(work)
                if len(works) == _MOST_AT_ONCE:
                    break
                work = self._queue.get_nowait()
        except Empty:
            pass
        self._looks_at = _BEFORE_IT_WAITS
        return works

    def finish(self) -> tuple[list[Work], list[Work]]:
        """Take nothing more. Gives what nobody took, and what those gave who asked to finish."""
        with self._lock:
            self._is_finished = True
            return self._rest(), self._closers

    def _rest(self) -> list[Work]:
        rest = []
        while not self._queue.empty():
            work = self._queue.get_nowait()
            if work is not None:
                rest.append(work)
        return rest
