"""The loop that watches the clock, driven by a clock of the test's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from taskengine.schedule.cron import Cron
from taskengine.schedule.entry import ScheduleEntry
from taskengine.schedule.scheduler import Scheduler
from taskengine.schedule.timetable import Missed
from taskengine.testing import ManualClock

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Fires:
    """What a scheduler fired, in order."""

    def __init__(self) -> None:
        self.clock = ManualClock(NOON)
        self.queue: asyncio.Queue[tuple[str, datetime]] = asyncio.Queue()
        self.missed: list[Missed] = []
        self.scheduler = Scheduler(self.clock, self._fire, lambda _, one: self.missed.append(one))

    def _fire(self, entry: ScheduleEntry, at: datetime) -> None:
        self.queue.put_nowait((entry.task, at))

    async def next(self) -> tuple[str, datetime]:
        return await asyncio.wait_for(self.queue.get(), 10)


@asynccontextmanager
async def running(*crons: str) -> AsyncIterator[Fires]:
    fires = Fires()
    fires.scheduler.replace(entries(*crons))
    task = asyncio.create_task(fires.scheduler.run())
    yield fires
    task.cancel()


def entries(*crons: str) -> list[ScheduleEntry]:
    return [ScheduleEntry(task=cron, cron=Cron(cron)) for cron in crons]


async def test_it_fires_on_the_minute() -> None:
    async with running("* * * * *") as fires:
        for minute in (1, 2, 3):
            fires.clock.advance(60)
            assert await fires.next() == ("* * * * *", NOON + timedelta(minutes=minute))


def test_the_same_schedules_again_are_not_reckoned_anew() -> None:
    scheduler = Fires().scheduler
    scheduler.replace(entries("* * * * *", "@daily"))
    before = scheduler.next_fires

    scheduler.replace(entries("* * * * *", "@daily"))
    assert scheduler.next_fires is before

    scheduler.replace(entries("@daily"))
    assert scheduler.next_fires.keys() == {"@daily"}


async def test_a_schedule_that_is_added_while_it_sleeps_fires_in_time() -> None:
    async with running("0 0 1 1 *") as fires:
        fires.scheduler.replace(entries("* * * * *"))
        fires.clock.advance(60)

        assert await fires.next() == ("* * * * *", NOON + timedelta(minutes=1))


async def test_a_clock_set_forward_fires_the_latest_at_once() -> None:
    async with running("0 * * * *") as fires:
        fires.clock.advance(5 * 3600 + 600)

        assert await fires.next() == ("0 * * * *", NOON + timedelta(hours=5))
        assert [missed.count for missed in fires.missed] == [4]


async def test_a_clock_set_back_an_hour_fires_nothing_twice() -> None:
    async with running("* * * * *") as fires:
        fires.clock.advance(60)
        await fires.next()

        fires.clock.set(NOON - timedelta(hours=1))
        fires.scheduler.fire_due()
        fires.clock.set(NOON + timedelta(minutes=1, seconds=30))
        fires.scheduler.fire_due()
        assert fires.queue.empty()

        fires.clock.set(NOON + timedelta(minutes=2))
        assert await fires.next() == ("* * * * *", NOON + timedelta(minutes=2))


async def test_a_clock_set_back_by_more_than_three_hours_is_taken_as_right() -> None:
    async with running("* * * * *") as fires:
        earlier = NOON - timedelta(hours=4)
        fires.clock.set(earlier)
        fires.scheduler.fire_due()

        fires.clock.set(earlier + timedelta(minutes=1))

        assert await fires.next() == ("* * * * *", earlier + timedelta(minutes=1))


async def test_the_next_fires_are_published() -> None:
    async with running("0 13 * * *", "0 0 13 1 3 * 2026") as fires:
        assert set(fires.scheduler.next_fires) == {"0 13 * * *", "0 0 13 1 3 * 2026"}
        fires.clock.advance(3600)
        await fires.next()
        await fires.next()

        assert fires.scheduler.next_fires == {"0 13 * * *": NOON + timedelta(hours=25)}
