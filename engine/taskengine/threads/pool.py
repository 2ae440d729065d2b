"""A bounded pool of daemon threads, for code that blocks and can't be interrupted.

`ThreadPoolExecutor` joins its threads when the interpreter exits: one stuck task would keep the
process alive for ever.
"""

import asyncio
import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, nullcontext
from contextvars import Context
from typing import TypeVar

from taskengine.threads.forked import end_if_forked

Work = Callable[[], None]
T = TypeVar("T")
_log = logging.getLogger(__name__)


class _Current(threading.local):
    """The pool that the thread at hand works for."""

    pool: "DaemonPool | None" = None


_current = _Current()


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
        """Queue a piece of work; what it raises is logged.

        Raises RuntimeError after `close`, and where there is no thread and none can be started.
        """
        with self._changed:
            if self._closed:
                raise RuntimeError("the pool is closed")
            self._queue.append(work)
            self._changed.notify()
            try:
                self._add_worker_if_needed()
            except RuntimeError:
                if not self._workers:
                    self._queue.remove(work)
                    raise

    async def call(self, function: Callable[[], T]) -> T:
        """Call something that blocks, and await what it gives or raises."""
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()
        self.submit(lambda: answer(future, function))
        return await asyncio.wrap_future(future)

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
        try:
            with self._changed:
                self._add_worker_if_needed()
            yield
        finally:
            with self._changed:
                self._lent -= 1

    def close(self, *, drops_queue: bool = True) -> None:
        """Let idle threads end, and busy ones after their work and, if it stays, what is queued."""
        with self._changed:
            self._closed = True
            if drops_queue:
                self._queue.clear()
            self._changed.notify_all()

    def _add_worker_if_needed(self) -> None:
        if len(self._queue) > self._idle and self._workers < self._size + self._lent:
            worker = threading.Thread(target=self._run, name=self._name, daemon=True)
            # Whoever submits may be inside a run, whose context the worker must not carry on.
            Context().run(worker.start)
            self._workers += 1

    def _run(self) -> None:
        _current.pool = self
        process = os.getpid()
        while (work := self._next()) is not None:
            _call(work)
            end_if_forked(process)

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


def _call(work: Work) -> None:
    try:
        work()
    except BaseException:  # noqa: BLE001 - a worker has other work to do after it
        _log.exception("Work in a pool of threads has raised an exception")


def current_pool() -> DaemonPool | None:
    """The pool that the calling thread works for, in whatever context it runs code."""
    return _current.pool


@contextmanager
def lend_current_slot() -> Iterator[None]:
    """Lend the calling thread's slot, if it works for a pool.

    A coroutine may find itself there: in sync code that drives it with `asyncio.run`.
    """
    pool = current_pool()
    with pool.lend_slot() if pool else nullcontext():
        yield


def answer(future: Future[T], function: Callable[[], T]) -> None:
    """Call a function and set what it gives or raises on a future."""
    process = os.getpid()
    try:
        value = function()
    except BaseException as error:  # noqa: BLE001 - whoever waits has to hear of it, not the thread
        end_if_forked(process, error)
        future.set_exception(error)
    else:
        future.set_result(value)
