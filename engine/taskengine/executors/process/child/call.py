"""The call of a task's function in the main thread of its own process."""

import asyncio
import atexit
import inspect
import os
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Protocol

from taskengine.executors.ending import Ending, ending_of
from taskengine.executors.parts import CANCELLED, CallParts, Outcome, call_out
from taskengine.executors.process.child.interrupts import Wakeups
from taskengine.threads.loop import LoopThread


class ChildCall(Protocol):
    """A call that is made once, by `run`; the other methods may be called from any thread."""

    def run(self, function: Callable[[], object]) -> Ending:
        """Make the call, and see what it asked to wait for to its end. Raises KeyboardInterrupt."""

    def wait_until(self, awaitable: Awaitable[object]) -> None:
        """Keep the call going until the awaitable is done."""

    def cancel(self) -> None:
        """Cancel all that runs on an event loop."""


class AsyncCall:
    """A call of an `async` function, on a loop in the calling thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._parts = CallParts(self._loop)
        self._body: asyncio.Task[Outcome] | None = None

    def run(self, function: Callable[[], object]) -> Ending:
        """Make the call."""
        asyncio.set_event_loop(self._loop)
        self._body = self._loop.create_task(call_out(function))
        self._body.add_done_callback(self._end_body)
        ending = asyncio.wrap_future(self._parts.ending, loop=self._loop)
        wakeups = Wakeups()
        self._loop.add_reader(wakeups, wakeups.drain)
        wakeups.wake_on_signals()
        while not ending.done():
            try:
                self._loop.run_until_complete(ending)
            except SystemExit:
                continue  # a task that the body has created ends itself that way, and not the run
        atexit.register(self._tidy_up)
        return ending.result()

    def wait_until(self, awaitable: Awaitable[object]) -> None:
        """Keep the call going until the awaitable is done."""
        self._parts.add(awaitable)

    def cancel(self) -> None:
        """Raise `CancelledError` in the function and in all that it waits for."""
        self._loop.call_soon_threadsafe(self._cancel)

    def _cancel(self) -> None:
        if self._body is not None:
            self._body.cancel()
        self._parts.cancel()

    def _tidy_up(self) -> None:
        """Cancel what the body has started and left behind, as `asyncio.run` would."""
        left = asyncio.all_tasks(self._loop)
        for one in left:
            one.cancel()
        if left:
            self._loop.run_until_complete(asyncio.wait(left))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())

    def _end_body(self, body: asyncio.Task[Outcome]) -> None:
        self._parts.end_body(CANCELLED if body.cancelled() else body.result())


class SyncCall:
    """A call of a plain function. What it asks to wait for has a loop on another thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parts: CallParts | None = None
        self._is_cancelled = False

    def run(self, function: Callable[[], object]) -> Ending:
        """Make the call."""
        process = os.getpid()
        try:
            outcome = Outcome(value=function())
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is how the call ended
            outcome = Outcome(error=error)
        if os.getpid() != process:
            self._parts = None  # their thread is not in this fork; the parent sees to them
        if inspect.isawaitable(outcome.value):
            self._opened_parts().add(outcome.value, is_result=True)
            outcome = Outcome()
        if self._parts is None:
            return ending_of(outcome.value, outcome.error)
        self._parts.end_body(outcome)
        return _ended(self._parts.ending)

    def wait_until(self, awaitable: Awaitable[object]) -> None:
        """Keep the call going until the awaitable is done."""
        self._opened_parts().add(awaitable)

    def cancel(self) -> None:
        """Cancel what is awaited; the function has to look at `context.cancelled`."""
        with self._lock:
            self._is_cancelled = True
        if self._parts is not None:
            self._parts.cancel()

    def _opened_parts(self) -> CallParts:
        with self._lock:
            if self._parts is None:
                thread = LoopThread("taskengine wait_until")
                thread.start()
                atexit.register(thread.stop)
                self._parts = CallParts(thread.loop)
                if self._is_cancelled:
                    self._parts.cancel()
            return self._parts


def _ended(ending: Future[Ending]) -> Ending:
    """Wait for the end of a call, and let the handlers of signals run meanwhile.

    From a lock, which `Future.result` waits for, the main thread is not woken by a signal that
    another thread gets, or that comes a moment before it sleeps.
    """
    wakeups = Wakeups()
    ending.add_done_callback(lambda _: wakeups.wake())
    wakeups.wake_on_signals()
    while not ending.done():
        wakeups.wait()
    return ending.result()
