"""Waiting for what an engine tells."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from taskengine import Engine
from taskengine.events import EngineState, EngineStateChanged, Event

E = TypeVar("E", bound=Event)
SOON = 60.0


class Events:
    """All events of an engine since this was made, to be read or waited for on this loop."""

    def __init__(self, engine: Engine) -> None:
        self.seen: list[Event] = []
        self._read = 0
        self._loop = asyncio.get_running_loop()
        self._arrived = asyncio.Event()
        engine.subscribe(self._receive)

    def _receive(self, event: Event) -> None:
        self._loop.call_soon_threadsafe(self._add, event)

    def _add(self, event: Event) -> None:
        self.seen.append(event)
        self._arrived.set()

    async def next(self, kind: type[E], where: Callable[[E], bool] = lambda _: True) -> E:
        """The next event of a kind, after the one that was last waited for."""
        async with asyncio.timeout(SOON):
            while True:
                while self._read < len(self.seen):
                    event = self.seen[self._read]
                    self._read += 1
                    if isinstance(event, kind) and where(event):
                        return event
                self._arrived.clear()
                await self._arrived.wait()

    async def live(self) -> None:
        """Wait until all tasks are imported."""
        await self.state(EngineState.LIVE)

    async def state(self, state: EngineState) -> None:
        """Wait until the engine is in a state."""
        await self.next(EngineStateChanged, lambda event: event.state is state)

    def of(self, kind: type[E]) -> list[E]:
        """The events of a kind that have come so far."""
        return [event for event in self.seen if isinstance(event, kind)]
