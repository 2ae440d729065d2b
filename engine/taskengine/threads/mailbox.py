"""Calls that other threads ask an event loop for."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextvars import Context


class Mailbox:
    """Calls functions on a loop, in the order in which they were posted.

    To wake a loop is what costs most. It is woken once for all that comes before it looks, where
    `call_soon_threadsafe` would wake it for each.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._calls: deque[Callable[[], object]] = deque()
        self._is_woken = False

    def post(self, call: Callable[[], object]) -> None:
        """Have something called on the loop, in no context of the poster's. From any thread.

        Raises RuntimeError if the loop is closed.
        """
        self._calls.append(call)
        if not self._is_woken:
            self._is_woken = True
            self.loop.call_soon_threadsafe(self._deliver, context=Context())

    def _deliver(self) -> None:
        self._is_woken = False  # first: what is posted from now on may come too late for this round
        for _ in range(len(self._calls)):  # no more: others want to have their turn on the loop
            call = self._calls.popleft()
            try:
                call()
            except Exception as error:  # noqa: BLE001 - the others have to be called all the same
                self.loop.call_exception_handler(
                    {"message": "a call that was posted to the loop failed", "exception": error}
                )
