"""What is due when, and what comes next."""

from datetime import UTC, datetime, timedelta
from itertools import islice

from taskengine.schedule.cron import Cron
from taskengine.schedule.entry import ScheduleEntry
from taskengine.schedule.timed import TimedSchedule
from taskengine.schedule.timetable import Timetable

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def schedule(cron: str, task: str = "job", *, delay: float = 0) -> TimedSchedule:
    """A schedule whose fires are put off by some minutes."""
    entry = ScheduleEntry(task=task, cron=Cron(cron))
    return TimedSchedule(entry=entry, delay=timedelta(minutes=delay))


def timetable(*schedules: TimedSchedule, since: datetime = NOON) -> Timetable:
    """A timetable that begins at noon, of schedules that were dealt with up to `since`."""
    table = Timetable(NOON)
    table.replace(schedules, lambda _: since)
    return table


def minutes(count: float) -> datetime:
    return NOON + timedelta(minutes=count)


def due_tasks(table: Timetable, now: float) -> list[str]:
    return [due.entry.task for due in table.take_due(minutes(now))]


def due_fires(table: Timetable, now: float) -> list[datetime]:
    return [fire for due in table.take_due(minutes(now)) for fire in due.fires]


def test_nothing_is_due_before_its_time() -> None:
    table = timetable(schedule("*/5 * * * *"))

    assert table.next_due == minutes(5)
    assert list(table.take_due(minutes(4.99))) == []


def test_a_due_fire_is_taken_once() -> None:
    table = timetable(schedule("*/5 * * * *"))

    [due] = table.take_due(minutes(5))

    assert (due.fires, due.missed) == ((minutes(5),), None)
    assert list(table.take_due(minutes(5))) == []
    assert table.next_due == minutes(10)


def test_schedules_of_one_instant_are_due_together() -> None:
    table = timetable(schedule("*/5 * * * *", "a"), schedule("5 12 * * *", "b"))

    assert due_tasks(table, 5) == ["a", "b"]


def test_what_passed_before_the_beginning_is_told_from_what_passed_since() -> None:
    table = timetable(schedule("0 * * * *"), since=minutes(-150))

    before, since = table.take_due(minutes(130))

    assert (before.over_restart, before.fires) == (True, (minutes(0),))
    assert before.missed is not None
    assert (before.missed.first, before.missed.count) == (minutes(-120), 2)
    assert (since.over_restart, since.fires) == (False, (minutes(120),))
    assert since.missed is not None
    assert (since.missed.first, since.missed.count) == (minutes(60), 1)


def test_what_passed_before_the_beginning_is_not_what_comes_next() -> None:
    table = timetable(schedule("0 * * * *"), since=minutes(-150))

    assert table.next_fires == {"job": minutes(60)}
    assert next(table.coming()).due == minutes(60)


def test_replacing_keeps_the_next_fire_of_a_schedule_that_stays() -> None:
    kept = schedule("*/5 * * * *")
    table = timetable(kept)

    gone = table.replace([kept, schedule("*/2 * * * *", "new")], lambda _: minutes(5.5))

    assert gone == set()
    assert due_tasks(table, 5.5) == ["job"]
    assert table.next_fires == {"job": minutes(10), "new": minutes(6)}


def test_replacing_tells_what_went() -> None:
    went = schedule("*/5 * * * *", "went")
    table = timetable(went, schedule("@daily"))

    assert table.replace([schedule("@daily")], lambda _: NOON) == {went.entry.identity}
    assert table.next_fires.keys() == {"job"}


def test_new_options_of_a_schedule_put_off_the_fire_it_waits_for() -> None:
    table = timetable(schedule("*/5 * * * *"))

    table.replace([schedule("*/5 * * * *", delay=2)], lambda _: minutes(3))

    assert table.next_due == minutes(7)
    assert due_fires(table, 7) == [minutes(5)]


def test_a_schedule_that_has_ended_leaves_the_table() -> None:
    table = timetable(schedule("0 0 13 1 3 * 2026"))

    assert due_fires(table, 60) == [minutes(60)]
    assert table.next_due is None
    assert table.next_fires == {}


def test_a_clock_that_is_set_right_reckons_anew_even_what_had_ended() -> None:
    table = timetable(schedule("0 0 13 1 3 * 2026"))
    list(table.take_due(minutes(60)))

    table.correct(minutes(-300))

    assert table.next_due == minutes(60)


def test_a_task_with_several_schedules_fires_next_at_the_earliest() -> None:
    table = timetable(schedule("0 13 * * *"), schedule("30 12 * * *"))

    assert table.next_fires == {"job": minutes(30)}


def test_fires_that_are_put_off_longer_than_their_interval_keep_number_and_order() -> None:
    table = timetable(schedule("* * * * *", delay=3.5))

    assert table.next_due == minutes(4.5)
    assert due_fires(table, 4.4) == []
    assert [due_fires(table, now) for now in (4.5, 5.5, 6.5)] == [[minutes(n)] for n in (1, 2, 3)]


def test_fires_to_come_are_in_order_over_all_schedules() -> None:
    table = timetable(schedule("*/20 * * * *", "a"), schedule("*/30 * * * *", "b", delay=1))

    coming = [(slot.due, slot.schedule.entry.task) for slot in islice(table.coming(), 4)]

    assert coming == [
        (minutes(20), "a"),
        (minutes(31), "b"),
        (minutes(40), "a"),
        (minutes(60), "a"),
    ]
    assert [slot.due for slot in islice(table.coming("b"), 2)] == [minutes(31), minutes(61)]
    assert list(table.coming("unknown")) == []


def test_fires_to_come_end_with_their_schedules() -> None:
    table = timetable(schedule("0 0 13 1 3 * 2026"))

    assert [slot.due for slot in table.coming()] == [minutes(60)]
    assert table.next_due == minutes(60)
