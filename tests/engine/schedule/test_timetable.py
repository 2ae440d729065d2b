"""What is due when, and what was missed."""

from datetime import UTC, datetime, timedelta

from taskengine.schedule.cron import Cron
from taskengine.schedule.entry import ScheduleEntry
from taskengine.schedule.timetable import Timetable, upcoming

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def entry(cron: str, task: str = "job") -> ScheduleEntry:
    return ScheduleEntry(task=task, cron=Cron(cron))


def timetable(*entries: ScheduleEntry, now: datetime = NOON) -> Timetable:
    table = Timetable()
    table.replace(entries, now)
    return table


def minutes(count: float) -> datetime:
    return NOON + timedelta(minutes=count)


def test_nothing_is_due_before_its_time() -> None:
    table = timetable(entry("*/5 * * * *"))

    assert table.next_at == minutes(5)
    assert table.take_due(minutes(4.99)) == []


def test_a_due_fire_is_taken_once() -> None:
    table = timetable(entry("*/5 * * * *"))

    [due] = table.take_due(minutes(5))

    assert (due.fires, due.missed) == ((minutes(5),), None)
    assert table.take_due(minutes(5)) == []
    assert table.next_at == minutes(10)


def test_schedules_of_one_instant_are_due_together() -> None:
    table = timetable(entry("*/5 * * * *", "a"), entry("5 12 * * *", "b"))

    assert [due.entry.task for due in table.take_due(minutes(5))] == ["a", "b"]


def test_fires_up_to_a_minute_late_all_count() -> None:
    table = timetable(entry("*/10 * * * * *"))

    [due] = table.take_due(NOON + timedelta(seconds=35))

    assert due.fires == tuple(NOON + timedelta(seconds=second) for second in (10, 20, 30))
    assert due.missed is None


def test_after_a_long_sleep_the_latest_fires_and_the_others_are_missed() -> None:
    table = timetable(entry("0 * * * *"))

    [due] = table.take_due(minutes(10 * 60 + 30))

    assert due.fires == (minutes(600),)
    assert due.missed is not None
    assert (due.missed.first, due.missed.last, due.missed.count) == (
        minutes(60),
        minutes(540),
        9,
    )
    assert table.next_at == minutes(660)


def test_a_late_fire_that_is_alone_is_fired_and_nothing_is_missed() -> None:
    table = timetable(entry("0 13 * * *"))

    [due] = table.take_due(minutes(90))

    assert (due.fires, due.missed) == ((minutes(60),), None)


def test_a_year_of_every_second_is_reckoned_with_a_bound() -> None:
    table = timetable(entry("* * * * * *"))
    later = NOON + timedelta(days=365)

    [due] = table.take_due(later)

    assert due.fires[-1] == later
    assert len(due.fires) == 60
    assert due.missed is not None
    assert due.missed.count == 10_000


def test_replacing_keeps_the_next_fire_of_a_schedule_that_stays() -> None:
    kept = entry("*/5 * * * *")
    table = timetable(kept)

    table.replace([kept, entry("*/2 * * * *", "new")], minutes(5.5))

    assert [due.entry.task for due in table.take_due(minutes(5.5))] == ["job"]
    assert table.next_fires() == {"job": minutes(10), "new": minutes(6)}


def test_a_schedule_that_has_ended_leaves_the_table() -> None:
    table = timetable(entry("0 0 13 1 3 * 2026"))

    assert len(table.take_due(minutes(60))) == 1
    assert table.next_at is None


def test_a_task_with_several_schedules_fires_next_at_the_earliest() -> None:
    table = timetable(entry("0 13 * * *"), entry("30 12 * * *"))

    assert table.next_fires() == {"job": minutes(30)}


def test_upcoming_fires_of_several_schedules_come_in_order_and_once() -> None:
    fires = upcoming([entry("*/20 * * * *"), entry("*/30 * * * *")], NOON)

    assert [next(fires) for _ in range(4)] == [minutes(20), minutes(30), minutes(40), minutes(60)]
