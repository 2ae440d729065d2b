"""What of a schedule's late fires happens, by the rule of its task."""

from datetime import UTC, datetime, timedelta

from taskengine.options import CatchUp, Options
from taskengine.schedule.cron import Cron
from taskengine.schedule.due import Due, due_until
from taskengine.schedule.entry import ScheduleEntry
from taskengine.schedule.timed import TimedSchedule

UNSET = Options()
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def due(cron: str, until: float, options: Options = UNSET, *, over_restart: bool = False) -> Due:
    """What is due of a schedule `until` minutes after noon, up to which all was dealt with."""
    schedule = TimedSchedule.of(ScheduleEntry(task="job", cron=Cron(cron)), options)
    first = schedule.entry.cron.next(NOON)
    assert first is not None
    return due_until(schedule, first, at(until), over_restart=over_restart)


def minutes(due: Due) -> list[float]:
    return [(fire - NOON).total_seconds() / 60 for fire in due.fires]


def missed(due: Due) -> tuple[float, float, int] | None:
    if due.missed is None:
        return None
    first, last = due.missed.first - NOON, due.missed.last - NOON
    return first.total_seconds() / 60, last.total_seconds() / 60, due.missed.count


def test_fires_up_to_a_minute_late_all_count() -> None:
    result = due("*/10 * * * * *", 35 / 60)

    assert result.fires == tuple(NOON + timedelta(seconds=second) for second in (10, 20, 30))
    assert result.missed is None


def test_a_fire_is_on_time_for_less_than_a_minute_whatever_the_rule() -> None:
    skip = Options(catch_up=CatchUp.SKIP)

    assert minutes(due("5 12 * * *", 6 - 0.001, skip)) == [5]
    assert minutes(due("5 12 * * *", 6, skip)) == []


def test_in_a_living_engine_the_latest_is_made_up_for() -> None:
    result = due("0 * * * *", 10 * 60 + 30)

    assert minutes(result) == [600]
    assert missed(result) == (60, 540, 9)


def test_what_is_on_time_stands_for_the_latest() -> None:
    result = due("0 * * * *", 5 * 60 + 0.5, Options(catch_up=CatchUp.LATEST))

    assert minutes(result) == [300]
    assert missed(result) == (60, 240, 4)


def test_a_late_fire_that_is_alone_is_fired_and_nothing_is_missed() -> None:
    result = due("0 13 * * *", 90)

    assert (minutes(result), result.missed) == ([60], None)


def test_over_a_restart_nothing_is_made_up_for_unless_that_is_asked_for() -> None:
    unset = due("0 * * * *", 150, over_restart=True)
    latest = due("0 * * * *", 150, Options(catch_up=CatchUp.LATEST), over_restart=True)

    assert (minutes(unset), missed(unset)) == ([], (60, 120, 2))
    assert (minutes(latest), missed(latest)) == ([120], (60, 60, 1))


def test_what_a_quick_restart_passed_over_is_on_time() -> None:
    assert minutes(due("*/5 * * * *", 5.5, over_restart=True)) == [5]


def test_skip_makes_up_for_nothing() -> None:
    result = due("*/10 * * * *", 35, Options(catch_up=CatchUp.SKIP))

    assert (minutes(result), missed(result)) == ([], (10, 30, 3))


def test_all_makes_up_for_every_fire_oldest_first() -> None:
    result = due("*/10 * * * *", 35, Options(catch_up=CatchUp.ALL))

    assert (minutes(result), result.missed) == ([10, 20, 30], None)


def test_all_keeps_to_its_limit_and_takes_the_newest() -> None:
    options = Options(catch_up=CatchUp.ALL, catch_up_limit=2)
    result = due("*/10 * * * *", 55, options)

    assert (minutes(result), missed(result)) == ([40, 50], (10, 30, 3))


def test_fires_on_time_are_not_counted_against_the_limit() -> None:
    options = Options(catch_up=CatchUp.ALL, catch_up_limit=1)
    result = due("*/10 * * * *", 40.5, options)

    assert (minutes(result), missed(result)) == ([30, 40], (10, 20, 2))


def test_what_is_older_than_the_window_is_not_made_up_for() -> None:
    options = Options(catch_up=CatchUp.ALL, catch_up_window=25 * 60)

    assert minutes(due("*/10 * * * *", 55, options)) == [40, 50]


def test_the_latest_keeps_to_the_window_too() -> None:
    options = Options(catch_up=CatchUp.LATEST, catch_up_window=3600)
    in_time, too_late = due("0 13 * * *", 119, options), due("0 13 * * *", 120, options)

    assert (minutes(in_time), in_time.missed) == ([60], None)
    assert (minutes(too_late), missed(too_late)) == ([], (60, 60, 1))


def test_a_year_of_every_second_is_reckoned_with_a_bound() -> None:
    result = due("* * * * * *", 365 * 24 * 60)

    assert result.fires[-1] == at(365 * 24 * 60)
    assert len(result.fires) == 60
    assert result.missed is not None
    assert result.missed.count == 10_000
    assert result.missed.last == result.fires[0] - timedelta(seconds=1)


def test_lateness_is_counted_from_when_jitter_lets_a_fire_come() -> None:
    schedule = TimedSchedule(
        entry=ScheduleEntry(task="job", cron=Cron("*/10 * * * *")),
        delay=timedelta(minutes=25),
        catch_up=CatchUp.SKIP,
    )
    result = due_until(schedule, at(10), at(45.5))

    assert (minutes(result), missed(result)) == ([20], (10, 10, 1))


def test_all_that_is_due_can_be_taken_for_missed() -> None:
    both = due("0 * * * *", 150).all_missed
    fires = due("0 * * * *", 60).all_missed
    neither = due("0 * * * *", 150, over_restart=True).all_missed

    assert (both.first, both.last, both.count) == (at(60), at(120), 2)
    assert (fires.first, fires.last, fires.count) == (at(60), at(60), 1)
    assert neither == due("0 * * * *", 150, over_restart=True).missed
