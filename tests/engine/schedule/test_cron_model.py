"""`Cron` against a model that reads the clock at every minute, or second, around clock changes."""

from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.cron_model import DayTest, Expression, day_parts, expressions, fixed_times, model_fires
from taskengine.schedule.cron import Cron, CronError

STEADY = settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
EXHAUSTIVE = settings(STEADY, max_examples=5_000, derandomize=False)
INSTANTS = st.integers(160_000_000_000_000, 3_800_000_000_000_000)  # microseconds since 1970
DAYS_AROUND = timedelta(hours=32)
HOURS_AROUND = timedelta(hours=3)

# Of each clock change: the zone, and the hour in which it happens, in UTC.
CHANGES = (
    ("UTC", datetime.fromisoformat("2024-02-29T12:00Z")),
    ("Europe/London", datetime.fromisoformat("2026-03-29T01:00Z")),
    ("Europe/London", datetime.fromisoformat("2026-10-25T01:00Z")),
    ("America/New_York", datetime.fromisoformat("2026-03-08T07:00Z")),
    ("America/New_York", datetime.fromisoformat("2026-11-01T06:00Z")),
    ("Australia/Lord_Howe", datetime.fromisoformat("2026-04-04T15:00Z")),
    ("Australia/Lord_Howe", datetime.fromisoformat("2026-10-03T15:00Z")),
    ("America/Sao_Paulo", datetime.fromisoformat("2018-11-04T03:00Z")),
    ("America/Sao_Paulo", datetime.fromisoformat("2018-02-18T02:00Z")),
    ("Africa/Cairo", datetime.fromisoformat("2026-04-23T22:00Z")),
    ("Africa/Cairo", datetime.fromisoformat("2026-10-29T21:00Z")),
    ("Asia/Beirut", datetime.fromisoformat("2026-03-28T22:00Z")),
    ("Asia/Beirut", datetime.fromisoformat("2026-10-24T21:00Z")),
    ("America/St_Johns", datetime.fromisoformat("2006-04-02T03:00Z")),
    ("America/St_Johns", datetime.fromisoformat("2006-10-29T02:00Z")),
    ("Asia/Kathmandu", datetime.fromisoformat("1985-12-31T18:00Z")),
    ("Asia/Dhaka", datetime.fromisoformat("2009-12-31T17:00Z")),
    ("Antarctica/Troll", datetime.fromisoformat("2026-03-29T01:00Z")),
    ("Antarctica/Troll", datetime.fromisoformat("2026-10-25T01:00Z")),
    ("Africa/Casablanca", datetime.fromisoformat("2026-02-15T02:00Z")),
    ("Pacific/Apia", datetime.fromisoformat("2011-12-30T10:00Z")),
    ("Pacific/Kwajalein", datetime.fromisoformat("1993-08-21T12:00Z")),
)
ZONES = st.sampled_from(sorted({zone for zone, _ in CHANGES}))


def possible(expression: Expression, zone: str) -> Cron | None:
    """The cron, or None where the draw made a date that never comes."""
    try:
        return Cron(expression.text, zone)
    except CronError as error:
        if "never fires" in str(error):
            return None
        raise


def fires_between(cron: Cron, start: datetime, end: datetime) -> list[datetime]:
    return list(takewhile(lambda fire: fire < end, cron.fires(start)))


def assert_fires_like_the_model(
    expression: Expression, change: tuple[str, datetime], around: timedelta, step: int
) -> None:
    zone, moment = change
    start, end = moment - around, moment + around
    expected = model_fires(expression, zone, start, end, step)
    cron = possible(expression, zone)
    assert (fires_between(cron, start, end) if cron else []) == expected


def assert_fires_on_the_days_of_the_model(part: tuple[str, DayTest], year: int) -> None:
    text, is_day = part
    start, span = date(year, 1, 1), 800
    expected = [day for n in range(span) if is_day(day := start + timedelta(days=n))]
    cron = possible(Expression.at_noon(text, is_day), "UTC")
    midnight = datetime(year, 1, 1, tzinfo=UTC)
    found = fires_between(cron, midnight, midnight + timedelta(days=span)) if cron else []
    assert [fire.date() for fire in found] == expected


def assert_next_is_next(expression: Expression, zone: str, microseconds: int) -> None:
    after = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    cron = possible(expression, zone)
    fire = cron.next(after) if cron else None
    if cron is None or fire is None:
        return
    assert fire > after
    assert fire.microsecond == 0
    assert cron.next(after + (fire - after) / 2) == fire
    assert cron.next(fire - timedelta(microseconds=1)) == fire
    if expression.is_interval:
        assert expression.matches(fire.astimezone(ZoneInfo(zone)).replace(tzinfo=None))


@STEADY
@given(expressions(), st.sampled_from(CHANGES))
def test_fires_at_every_minute_that_the_model_fires(
    expression: Expression, change: tuple[str, datetime]
) -> None:
    assert_fires_like_the_model(expression, change, DAYS_AROUND, 60)


@STEADY
@given(fixed_times(), st.sampled_from(CHANGES))
def test_a_fixed_time_fires_when_the_model_fires(
    expression: Expression, change: tuple[str, datetime]
) -> None:
    assert_fires_like_the_model(expression, change, DAYS_AROUND, 60)


@settings(STEADY, max_examples=8)
@given(expressions(with_seconds=True), st.sampled_from(CHANGES))
def test_fires_at_every_second_that_the_model_fires(
    expression: Expression, change: tuple[str, datetime]
) -> None:
    assert_fires_like_the_model(expression, change, HOURS_AROUND, 1)


@STEADY
@given(day_parts(), st.integers(1971, 2090))
def test_fires_on_every_day_that_the_model_fires(part: tuple[str, DayTest], year: int) -> None:
    assert_fires_on_the_days_of_the_model(part, year)


@STEADY
@given(expressions(with_seconds=True), ZONES, INSTANTS)
def test_the_next_fire_comes_later_and_is_next_from_every_instant_before_it(
    expression: Expression, zone: str, microseconds: int
) -> None:
    assert_next_is_next(expression, zone, microseconds)


@pytest.mark.slow
@EXHAUSTIVE
@given(expressions(), st.sampled_from(CHANGES))
def test_fires_at_every_minute_that_the_model_fires_in_many_cases(
    expression: Expression, change: tuple[str, datetime]
) -> None:
    assert_fires_like_the_model(expression, change, DAYS_AROUND, 60)


@pytest.mark.slow
@EXHAUSTIVE
@given(fixed_times(), st.sampled_from(CHANGES))
def test_a_fixed_time_fires_when_the_model_fires_in_many_cases(
    expression: Expression, change: tuple[str, datetime]
) -> None:
    assert_fires_like_the_model(expression, change, DAYS_AROUND, 60)


@pytest.mark.slow
@settings(EXHAUSTIVE, max_examples=300)
@given(expressions(with_seconds=True), st.sampled_from(CHANGES))
def test_fires_at_every_second_that_the_model_fires_in_many_cases(
    expression: Expression, change: tuple[str, datetime]
) -> None:
    assert_fires_like_the_model(expression, change, HOURS_AROUND, 1)


@pytest.mark.slow
@settings(EXHAUSTIVE, max_examples=500)
@given(day_parts(), st.integers(1971, 2090))
def test_fires_on_every_day_that_the_model_fires_in_many_cases(
    part: tuple[str, DayTest], year: int
) -> None:
    assert_fires_on_the_days_of_the_model(part, year)


@pytest.mark.slow
@settings(EXHAUSTIVE, max_examples=1_000)
@given(expressions(with_seconds=True), ZONES, INSTANTS)
def test_the_next_fire_comes_later_and_is_next_from_every_instant_before_it_in_many_cases(
    expression: Expression, zone: str, microseconds: int
) -> None:
    assert_next_is_next(expression, zone, microseconds)
