"""Calls that other threads ask an event loop for."""

import asyncio
import threading
from collections.abc import Callable
from contextvars import Context


class LoopEnded(RuntimeError):
    """The loop takes no more calls."""


class Mailbox:
    """Calls functions on a loop, in the order in which they were posted.

    To wake a loop is what costs most. It is woken once for all that comes before it looks, where
    `call_soon_threadsafe` would wake it for each. `is_closed`: it takes no more.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._calls: list[Callable[[], object]] = []  # if there are any, the loop is being woken
        self.is_closed = False
        self._lock = threading.RLock()  # a __del__ or a signal's handler may post while it is held

    def post(self, call: Callable[[], object]) -> None:
        """Have something called on the loop, in no context of the poster's. From any thread.

        Raises LoopEnded if the mailbox is closed, and RuntimeError if the loop is.
        """
        with self._lock:
            if self.is_closed:
                raise LoopEnded("the loop has ended")
            is_first = not self._calls
            self._calls.append(call)
        if is_first:  # without the lock, which the loop wants as soon as it is awake
            try:
                self.loop.call_soon_threadsafe(self._deliver, context=Context())
            except RuntimeError:  # the loop is closed
                with self._lock:
                    if self.is_closed:  # since the call was taken in: `close` has made it
                        return
                    self._calls.clear()  # whoever posts next has to hear of it, too
                raise

    def close(self) -> None:
        """Take no more, and make the calls that came too late for the loop to look. On the thread
        of the loop, which has been stopped.
        """
        with self._lock:
            self.is_closed = True
        self._deliver()

    def _deliver(self) -> None:
        with self._lock:
            calls, self._calls = self._calls, []
        for number, call in enumerate(calls, 1):
            try:
                call()
            except Exception as error:  # noqa: BLE001 - the others have to be called all the same
                self.loop.call_exception_handler(
                    {"message": "a call that was posted to the loop failed", "exception": error}
                )
            except BaseException:  # such as a signal's: it ends this round, and maybe not the loop
                with self._lock:
                    self._calls[:0] = calls[number:]
                self.loop.call_soon(self._deliver, context=Context())
                raise
