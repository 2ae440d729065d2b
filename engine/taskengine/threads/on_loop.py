"""Coroutines that run on the loop of another thread, and are waited for on one's own."""

import asyncio
import contextlib
from collections.abc import Coroutine
from concurrent.futures import Future
from contextvars import copy_context
from functools import partial
from typing import Any, Generic, TypeVar

from taskengine.threads.mailbox import LoopEnded, Mailbox
from taskengine.threads.settling import settle_as

T = TypeVar("T")


async def on_loop(there: Mailbox, here: Mailbox, work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on the loop of the mailbox `there`, and give back or raise what it does.

    `here` is a mailbox of the loop at hand. To stop waiting cancels the work. It is done in the
    caller's context. Raises LoopEnded if the loop ends before the work does, or has ended.

    `asyncio.run_coroutine_threadsafe` and `wrap_future` do the same with two futures more, each
    with locks of its own, and wake both loops for each call.
    """
    if here.loop is there.loop:
        return await work
    visit = _Visit(there, here, work)
    try:
        there.post(visit.begin)
    except RuntimeError:
        work.close()  # or it would be complained of as one that nobody has awaited
        raise
    try:
        return await visit.answer
    except asyncio.CancelledError:
        with contextlib.suppress(RuntimeError):  # the loop was closed, and the work ended by that
            there.post(visit.cancel)
        raise


def begin_on_loop(there: Mailbox, work: Coroutine[Any, Any, T]) -> Future[T]:
    """Begin a coroutine on the loop of a mailbox, after what was posted to that before, and in the
    caller's context; for a thread that waits by blocking.

    `asyncio.run_coroutine_threadsafe` may overtake what was posted. Raises RuntimeError if the loop
    has ended.
    """
    given: Future[T] = Future()
    context = copy_context()

    def begin() -> None:
        task = there.loop.create_task(work, context=context)
        task.add_done_callback(partial(settle_as, given))

    try:
        there.post(begin)
    except RuntimeError:
        work.close()
        raise
    return given


class _Visit(Generic[T]):
    """A coroutine away from the loop on which its `answer` is awaited."""

    def __init__(self, there: Mailbox, home: Mailbox, work: Coroutine[Any, Any, T]) -> None:
        self._there = there
        self._home = home
        self._work = work
        self._context = copy_context()
        self._task: asyncio.Task[T] | None = None
        self.answer: asyncio.Future[T] = home.loop.create_future()

    def begin(self) -> None:
        """Begin with the work. On the other loop."""
        self._task = self._there.loop.create_task(self._work, context=self._context)
        self._task.add_done_callback(self._end)

    def cancel(self) -> None:
        """Cancel the work. On the other loop, after `begin`."""
        if self._task:
            self._task.cancel()

    def _end(self, task: asyncio.Task[T]) -> None:
        if not task.cancelled():
            task.exception()  # whoever gave up does not look at it, which asyncio would complain of
        with contextlib.suppress(RuntimeError):  # nobody waits on a loop that is closed
            self._home.post(partial(self._tell, task))

    def _tell(self, task: asyncio.Task[T]) -> None:
        if task.cancelled() and self._there.is_closed and not self.answer.done():
            self.answer.set_exception(LoopEnded("the loop has ended before the work was done"))
        else:
            settle_as(self.answer, task)
