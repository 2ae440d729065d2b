"""The clock that a test moves."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone

from taskengine.testing import ManualClock

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


async def test_it_stands_still_in_utc() -> None:
    clock = ManualClock(NOON.astimezone(timezone(timedelta(hours=5))))

    assert (clock.now(), clock.now().tzinfo) == (NOON, UTC)


async def test_it_wakes_whoever_has_slept_long_enough_and_nobody_else() -> None:
    clock = ManualClock(NOON)
    short = asyncio.create_task(clock.sleep_until(NOON + timedelta(seconds=10)))
    long = asyncio.create_task(clock.sleep_until(NOON + timedelta(seconds=20)))
    await asyncio.sleep(0)

    clock.advance(10)
    await short

    assert not long.done()
    clock.advance(10)
    await long


async def test_a_jump_back_wakes_everybody() -> None:
    clock = ManualClock(NOON)
    sleeper = asyncio.create_task(clock.sleep_until(NOON + timedelta(days=1)))
    await asyncio.sleep(0)

    clock.set(NOON - timedelta(hours=1))

    await sleeper
