"""Spans of time: how long to wait between attempts, and how to wait."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from taskengine.clock import Clock
from taskengine.options import Backoff

LONGEST = timedelta(days=3650)
_SLACK = 0.01  # seconds by which a loop's sleep may end early


def delay_after(attempt: int, backoff: Backoff, chance: Callable[[], float]) -> float:
    """Seconds between the attempt of this number, from 1, and the next.

    `chance` gives a number from 0 to 1: how much of the part that is left to chance is waited.
    """
    try:
        whole = min(backoff.initial * backoff.factor ** (attempt - 1), backoff.cap)
    except OverflowError:
        whole = backoff.cap
    return whole * (1 - backoff.jitter * (1 - chance()))


def after(instant: datetime, seconds: float) -> datetime:
    """The instant so many seconds later, ten years at the most."""
    return instant + min(timedelta(seconds=min(seconds, 1e9)), LONGEST)


async def sleep_from(start: datetime, seconds: float, clock: Clock) -> None:
    """Sleep until so many seconds have passed since an instant that was just now.

    A wall clock that is set back meanwhile does not make it longer.
    """
    loop = asyncio.get_running_loop()
    enough = loop.time() + seconds - _SLACK
    until = after(start, seconds)
    await clock.sleep_until(until)
    while clock.now() < until and loop.time() < enough:
        await clock.sleep_until(until)
