"""A clock that the test moves by hand."""

import asyncio
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class _Sleeper:
    until: datetime
    loop: asyncio.AbstractEventLoop
    woken: asyncio.Future[None]

    def wake(self) -> None:
        self.loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        if not self.woken.done():
            self.woken.set_result(None)


class ManualClock:
    """A clock that stands still until it is told to move. Safe to use from every thread."""

    def __init__(self, now: datetime) -> None:
        self._now = now.astimezone(UTC)
        self._sleepers: list[_Sleeper] = []
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The instant this clock was last set to, aware, in UTC."""
        return self._now

    async def sleep_until(self, instant: datetime) -> None:
        """Return when the clock was moved to the instant or beyond, or was set back."""
        with self._lock:
            if instant <= self._now:
                return
            loop = asyncio.get_running_loop()
            sleeper = _Sleeper(instant, loop, loop.create_future())
            self._sleepers.append(sleeper)
        try:
            await sleeper.woken
        finally:
            with self._lock:
                self._sleepers = [other for other in self._sleepers if other is not sleeper]

    def advance(self, seconds: float) -> None:
        """Move on by `seconds`, and wake who has slept long enough."""
        self.set(self._now + timedelta(seconds=seconds))

    def set(self, now: datetime) -> None:
        """Jump to an instant, forwards or backwards; a jump back wakes everybody, as a check."""
        with self._lock:
            is_back = now < self._now
            self._now = now.astimezone(UTC)
            due = [one for one in self._sleepers if is_back or one.until <= self._now]
        for sleeper in due:
            sleeper.wake()
