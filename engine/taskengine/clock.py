"""Where the engine gets the time from, so that tests can drive it."""

import asyncio
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """A wall clock. Implementations are safe to use from every thread and event loop."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""

    async def sleep_until(self, instant: datetime) -> None:
        """Return when this clock has reached an instant (aware), or soon after it was set back."""


class SystemClock:
    """The machine's own wall clock."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC)

    async def sleep_until(self, instant: datetime) -> None:
        """Sleep in real time for as long as it is to the instant now."""
        await asyncio.sleep((instant - self.now()).total_seconds())


async def sleep_unless(event: asyncio.Event, clock: Clock, instant: datetime) -> None:
    """Return when the clock has reached an instant, or as soon as the event is set."""
    sleeping = asyncio.ensure_future(clock.sleep_until(instant))
    waiting = asyncio.ensure_future(event.wait())
    try:
        await asyncio.wait({sleeping, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if sleeping.done():
            sleeping.result()
    finally:
        sleeping.cancel()
        waiting.cancel()
