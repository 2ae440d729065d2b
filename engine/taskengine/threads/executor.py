"""A `ThreadPoolExecutor` on daemon threads, because loops insist on that type."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, ParamSpec, TypeVar

from taskengine.threads.pool import DaemonPool, answer

P = ParamSpec("P")
T = TypeVar("T")


class DaemonExecutor(ThreadPoolExecutor):
    """Calls functions on a `DaemonPool`; Python does not wait for them when it exits."""

    def __init__(self, size: int, name: str) -> None:
        super().__init__(size, name)
        self._pool = DaemonPool(size, name)
        self._queued: set[Future[Any]] = set()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Queue a call, in the context of the caller. Raises RuntimeError after `shutdown`."""
        future: Future[T] = Future()
        context = copy_context()
        self._queued.add(future)
        future.add_done_callback(self._queued.discard)
        self._pool.submit(lambda: _begin(future, lambda: context.run(fn, *args, **kwargs)))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002 - the signature is Python's
        """Take no more calls and cancel those that wait; those that go on are left to themselves.

        It never waits, whatever `wait` says: one of the calls may be stuck.
        """
        self._pool.close()
        for future in tuple(self._queued):
            future.cancel()


def _begin(future: Future[T], function: Callable[[], T]) -> None:
    if future.set_running_or_notify_cancel():
        answer(future, function)
