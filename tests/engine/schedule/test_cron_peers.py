"""`Cron` against cronsim and croniter, on what they read rightly."""

from datetime import UTC, datetime, timedelta
from itertools import islice, product
from zoneinfo import ZoneInfo

import pytest
from croniter import croniter
from cronsim import CronSim
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from support.thorough import examples
from taskengine.schedule.cron import Cron

STEADY = examples(50)
START = datetime(2026, 1, 1, 0, 0, 30, tzinfo=UTC)


def numbers(low: int, high: int) -> SearchStrategy[str]:
    """A field: a star, a stepped star, a value, a list, a range that is more than one value."""
    value = st.integers(low, high)
    ends = st.tuples(value, value).filter(lambda pair: pair[0] < pair[1])
    return st.one_of(
        st.just("*"),
        st.integers(2, high - low).map("*/{}".format),
        value.map(str),
        st.lists(value, min_size=2, max_size=4, unique=True).map(
            lambda some: ",".join(map(str, some))
        ),
        ends.map(lambda pair: f"{pair[0]}-{pair[1]}"),
        st.tuples(ends, st.integers(1, min(9, high - low))).map(
            lambda s: f"{s[0][0]}-{s[0][1]}/{s[1]}"
        ),
    )


# The peers take `*/2` in one day field for a star when it comes to the other; croner does not.
DATES = st.one_of(
    st.tuples(numbers(1, 28), numbers(1, 12), st.just("*")),
    st.tuples(st.just("*"), numbers(1, 12), numbers(0, 6)),
    st.tuples(st.integers(1, 28).map(str), st.just("*"), st.integers(0, 6).map(str)),
    st.tuples(st.sampled_from(("L", "1,15", "31")), st.just("*"), st.just("*")),
    st.tuples(
        st.just("*"), st.just("*"), st.sampled_from(("mon-fri", "sun", "2#2", "5L", "fri-7"))
    ),
).map(" ".join)
EXPRESSIONS = st.tuples(numbers(0, 59), numbers(0, 23), DATES).map(" ".join)


def same(fire: datetime) -> datetime:
    return fire.astimezone(UTC)


@STEADY
@given(EXPRESSIONS)
def test_cronsim_agrees_in_utc(expression: str) -> None:
    expected = [same(fire) for fire in islice(CronSim(expression, START), 20)]
    assert list(islice(Cron(expression).fires(START), 20)) == expected


@STEADY
@given(EXPRESSIONS, numbers(0, 59))
def test_croniter_agrees_in_utc(expression: str, seconds: str) -> None:
    if "5L" in expression:
        expression = expression.replace("5L", "L5")
    peer = croniter(f"{seconds} {expression}", START, datetime, second_at_beginning=True)
    expected = [same(fire) for fire in islice(peer.all_next(datetime), 20)]
    ours = f"{seconds} {expression}".replace("L5", "5L")
    assert list(islice(Cron(ours).fires(START), 20)) == expected


@STEADY
@given(
    st.tuples(st.integers(0, 59), st.integers(0, 23)),
    st.sampled_from(("Europe/London", "America/New_York")),
    st.sampled_from(("2026-03-07", "2026-03-28", "2026-10-24", "2026-10-31")),
)
def test_cronsim_agrees_on_daily_times_around_clock_changes(
    time: tuple[int, int], zone: str, day: str
) -> None:
    start = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone))
    expression = f"{time[0]} {time[1]} * * *"
    expected = [same(fire) for fire in islice(CronSim(expression, start), 3)]
    assert list(islice(Cron(expression, zone).fires(start), 3)) == expected


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York", "Australia/Lord_Howe"])
def test_cronsim_agrees_on_every_quarter_and_hour_around_clock_changes(zone: str) -> None:
    for month, (expression, a_day) in product((3, 10), (("0 * * * *", 24), ("*/15 * * * *", 96))):
        start = datetime(2026, month, 1, tzinfo=UTC)
        peer = CronSim(expression, start.astimezone(ZoneInfo(zone)))
        ours = Cron(expression, zone).fires(start)
        count = 38 * a_day
        assert list(islice(ours, count)) == [same(fire) for fire in islice(peer, count)]


def test_croniter_finds_every_weekday_of_every_range_and_step() -> None:
    for first, last, step in product(range(8), range(8), range(1, 8)):
        if first <= last:
            cron = Cron(f"0 0 * * {first}-{last}/{step}")
            wanted = {weekday % 7 for weekday in range(first, last + 1, step)}
            week = (START + timedelta(days=n) for n in range(7))
            found = {day.isoweekday() % 7 for day in week if same_day_fire(cron, day)}
            assert found == wanted, cron.expression


def same_day_fire(cron: Cron, day: datetime) -> bool:
    midnight = day.replace(hour=0, minute=0, second=0)
    return cron.next(midnight - timedelta(seconds=1)) == midnight
