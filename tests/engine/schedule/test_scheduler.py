"""The loop that watches the clock, driven by a clock of the test's."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from taskengine.schedule.cron import Cron
from taskengine.schedule.due import Due, Missed
from taskengine.schedule.entry import ScheduleEntry
from taskengine.schedule.scheduler import Looks, Scheduler
from taskengine.schedule.timed import TimedSchedule
from taskengine.testing import ManualClock

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Fires:
    """What a scheduler handed over, in order; it begins at noon."""

    def __init__(self, looks: Mapping[str, datetime] | None = None) -> None:
        self.clock = ManualClock(NOON)
        self.queue: asyncio.Queue[tuple[str, datetime]] = asyncio.Queue()
        self.missed: list[Missed] = []
        self.looks: dict[str, datetime | None] = {}
        self.scheduler = Scheduler(self.clock, looks or {}, self._deal, self._note_looks)

    async def _deal(self, dues: Sequence[Due]) -> None:
        for due in dues:
            self.missed += [due.missed] if due.missed else []
            for at in due.fires:
                self.queue.put_nowait((due.entry.task, at))

    async def _note_looks(self, looks: Looks) -> None:
        self.looks.update(looks)

    async def next(self) -> tuple[str, datetime]:
        return await asyncio.wait_for(self.queue.get(), 60)


@asynccontextmanager
async def running(*crons: str) -> AsyncIterator[Fires]:
    fires = Fires()
    fires.scheduler.replace(schedules(*crons))
    task = asyncio.create_task(fires.scheduler.run())
    yield fires
    task.cancel()


def schedules(*crons: str) -> list[TimedSchedule]:
    return [TimedSchedule(entry=ScheduleEntry(task=cron, cron=Cron(cron))) for cron in crons]


def identity(cron: str) -> str:
    return schedules(cron)[0].entry.identity


async def test_it_fires_on_the_minute() -> None:
    async with running("* * * * *") as fires:
        for minute in (1, 2, 3):
            fires.clock.advance(60)
            assert await fires.next() == ("* * * * *", NOON + timedelta(minutes=minute))


async def test_a_schedule_that_is_added_while_it_sleeps_fires_in_time() -> None:
    async with running("0 0 1 1 *") as fires:
        fires.scheduler.replace(schedules("* * * * *"))
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
        await fires.scheduler.look()
        fires.clock.set(NOON + timedelta(minutes=1, seconds=30))
        await fires.scheduler.look()
        assert fires.queue.empty()

        fires.clock.set(NOON + timedelta(minutes=2))
        assert await fires.next() == ("* * * * *", NOON + timedelta(minutes=2))


async def test_a_clock_set_back_by_more_than_three_hours_is_taken_as_right() -> None:
    async with running("* * * * *") as fires:
        earlier = NOON - timedelta(hours=4)
        fires.clock.set(earlier)
        await fires.scheduler.look()

        fires.clock.set(earlier + timedelta(minutes=1))

        assert await fires.next() == ("* * * * *", earlier + timedelta(minutes=1))
        assert fires.looks == {identity("* * * * *"): earlier}


async def test_a_clock_that_creeps_to_an_instant_is_asked_again_until_it_is_there() -> None:
    async with running("* * * * *") as fires:
        for _ in range(6):
            fires.clock.advance(9.99)
            await fires.scheduler.look()
        assert fires.queue.empty()

        fires.clock.advance(0.06)
        assert await fires.next() == ("* * * * *", NOON + timedelta(minutes=1))


async def test_the_next_fires_are_known() -> None:
    async with running("0 13 * * *", "0 0 13 1 3 * 2026") as fires:
        assert set(fires.scheduler.next_fires) == {"0 13 * * *", "0 0 13 1 3 * 2026"}
        fires.clock.advance(3600)
        await fires.next()
        await fires.next()

        assert fires.scheduler.next_fires == {"0 13 * * *": NOON + timedelta(hours=25)}


async def test_a_schedule_that_was_never_seen_before_has_missed_nothing() -> None:
    fires = Fires()
    fires.scheduler.replace(schedules("* * * * *"))

    await fires.scheduler.look()

    assert (fires.queue.empty(), fires.missed) == (True, [])
    assert fires.looks == {identity("* * * * *"): NOON}


async def test_a_schedule_is_taken_up_where_it_was_left() -> None:
    fires = Fires({identity("0 * * * *"): NOON - timedelta(minutes=150)})
    fires.scheduler.replace(schedules("0 * * * *"))

    await fires.scheduler.look()

    assert [missed.count for missed in fires.missed] == [2]
    assert await fires.next() == ("0 * * * *", NOON)  # this very moment: on time
    assert fires.looks == {}


async def test_a_schedule_left_in_the_near_future_waits_for_it_after_a_restart() -> None:
    fires = Fires({identity("* * * * *"): NOON + timedelta(hours=2)})
    fires.scheduler.replace(schedules("* * * * *"))

    assert fires.scheduler.next_fires == {"* * * * *": NOON + timedelta(hours=2, minutes=1)}


async def test_a_schedule_left_in_the_far_future_follows_the_clock_after_a_restart() -> None:
    fires = Fires({identity("* * * * *"): NOON + timedelta(hours=4)})
    fires.scheduler.replace(schedules("* * * * *"))

    await fires.scheduler.look()

    assert fires.scheduler.next_fires == {"* * * * *": NOON + timedelta(minutes=1)}
    assert fires.looks == {identity("* * * * *"): NOON}


async def test_a_schedule_that_went_and_comes_again_is_a_new_one() -> None:
    cron = "* * * * *"
    async with running(cron) as fires:
        fires.clock.advance(60)
        await fires.next()
        fires.scheduler.replace([])
        await fires.scheduler.look()
        assert fires.looks == {identity(cron): None}

        fires.clock.advance(3600)
        fires.scheduler.replace(schedules(cron))
        await fires.scheduler.look()

        assert fires.looks == {identity(cron): NOON + timedelta(minutes=61)}
        assert (fires.queue.empty(), fires.missed) == (True, [])


async def test_a_schedule_that_comes_and_goes_while_tasks_are_loaded_is_no_new_one() -> None:
    fires = Fires({identity("0 * * * *"): NOON - timedelta(minutes=90)})
    for loaded in (["0 * * * *"], [], ["0 * * * *"]):
        fires.scheduler.replace(schedules(*loaded))

    await fires.scheduler.look()

    assert [missed.count for missed in fires.missed] == [1]


async def test_others_on_the_loop_go_on_while_a_day_of_missed_fires_is_counted() -> None:
    fires = Fires()
    fires.scheduler.replace(schedules(*(f"{second} * * * * *" for second in range(40))))
    fires.clock.advance(86_400)
    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(take_turns())
    await fires.scheduler.look()
    other.cancel()

    assert len(fires.missed) == 40
    assert turns >= 10
