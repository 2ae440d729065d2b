"""A bounded pool of daemon threads, for code that blocks and can't be interrupted.

`ThreadPoolExecutor` joins its threads when the interpreter exits: one stuck task would keep the
process alive for ever.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import Context
from typing import TypeVar

Work = Callable[[], None]
T = TypeVar("T")


class DaemonPool:
    """At most `size` pieces of work at a time, in the order they came."""

    def __init__(self, size: int, name: str) -> None:
        self._size = size
        self._name = name
        self._queue: deque[Work] = deque()
        self._changed = threading.Condition()
        self._workers = 0
        self._idle = 0
        self._lent = 0
        self._closed = False

    def submit(self, work: Work) -> None:
        """Queue a piece of work, which must not raise. Raises RuntimeError after `close`."""
        with self._changed:
            if self._closed:
                raise RuntimeError("the pool is closed")
            self._queue.append(work)
            self._changed.notify()
            self._add_worker_if_needed()

    async def call(self, function: Callable[[], T]) -> T:
        """Call something that blocks, and await what it gives or raises."""
        answer: Future[T] = Future()
        answer.set_running_or_notify_cancel()
        self.submit(lambda: _answer(answer, function))
        return await asyncio.wrap_future(answer)

    def withdraw(self, work: Work) -> bool:
        """Take back a piece of work; False if it has begun."""
        with self._changed:
            try:
                self._queue.remove(work)
            except ValueError:
                return False
            return True

    @contextmanager
    def lend_slot(self) -> Iterator[None]:
        """Let another thread work in place of the calling one, which only waits meanwhile.

        Without it, `size` parents that wait for their children would leave no room for a child.
        """
        with self._changed:
            self._lent += 1
            self._add_worker_if_needed()
        try:
            yield
        finally:
            with self._changed:
                self._lent -= 1

    def close(self) -> None:
        """Let idle threads end, and busy ones after their work. What is queued is dropped."""
        with self._changed:
            self._closed = True
            self._queue.clear()
            self._changed.notify_all()

    def _add_worker_if_needed(self) -> None:
        if len(self._queue) > self._idle and self._workers < self._size + self._lent:
            self._workers += 1
            worker = threading.Thread(target=self._run, name=self._name, daemon=True)
            # Whoever submits may be inside a run, whose context the worker must not carry on.
            Context().run(worker.start)

    def _run(self) -> None:
        while (work := self._next()) is not None:
            work()

    def _next(self) -> Work | None:
        with self._changed:
            while not self._queue:
                if self._closed or self._workers > self._size + self._lent:
                    self._workers -= 1
                    return None
                self._idle += 1
                self._changed.wait()
                self._idle -= 1
            if self._workers > self._size + self._lent:
                self._workers -= 1
                self._changed.notify()
                return None
            return self._queue.popleft()


def _answer(answer: Future[T], function: Callable[[], T]) -> None:
    try:
        value = function()
    except BaseException as error:  # noqa: BLE001 - whoever waits has to hear of it, not the thread
        answer.set_exception(error)
    else:
        answer.set_result(value)
