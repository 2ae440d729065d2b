"""Hands events over to a listener in batches, on the listener's own event loop."""

import asyncio
import contextlib
from collections import deque
from contextvars import copy_context

from taskengine.client.handle import Listener
from taskengine.events import Event


class Batches:
    """Collects events, which any thread may add, for the loop and the context it was made in.

    Without that context a listener would run in the one of the run that caused an event, and what
    it prints would land in that run's output.
    """

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._events: deque[Event] = deque()
        self._is_due = False
        self._loop = asyncio.get_running_loop()
        self._context = copy_context()

    def add(self, event: Event) -> None:
        """Hand an event over soon, together with those that come meanwhile."""
        self._events.append(event)
        if not self._is_due:
            self._is_due = True
            with contextlib.suppress(RuntimeError):  # the screen's loop may be closed already
                self._loop.call_soon_threadsafe(self._hand_over, context=self._context)

    def _hand_over(self) -> None:
        self._is_due = False  # before the events are taken: one that comes meanwhile is due again
        batch = []
        while self._events:
            batch.append(self._events.popleft())
        if batch:
            self._listener(batch)
