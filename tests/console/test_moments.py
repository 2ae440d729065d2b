"""Instants and stretches of time as people type them."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from taskconsole.moments import WhenError, parse_since, parse_stretch, parse_when

LONDON = ZoneInfo("Europe/London")
SATURDAY = datetime(2026, 3, 28, 14, 3, 21, tzinfo=UTC)  # the clocks go forward that night


def when(text: str) -> str:
    return parse_when(text, SATURDAY, LONDON).isoformat().removesuffix("+00:00")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("in 10m", "2026-03-28T14:13:21"),
        ("1h30m", "2026-03-28T15:33:21"),
        ("at 14:30", "2026-03-28T14:30:00"),
        ("14:30", "2026-03-28T14:30:00"),
        ("23:59:59", "2026-03-28T23:59:59"),
        ("today 15:00", "2026-03-28T15:00:00"),
        ("2026-12-24 03:00", "2026-12-24T03:00:00"),
        ("2026-12-24T03:00", "2026-12-24T03:00:00"),
        ("sat 15:00", "2026-03-28T15:00:00"),
        ("  At 14:30 ", "2026-03-28T14:30:00"),
        ("tomorrow at 9:00", "2026-03-29T08:00:00"),
    ],
)
def test_a_delay_or_a_time_is_an_instant(text: str, instant: str) -> None:
    assert when(text) == instant


@pytest.mark.parametrize("text", ["9:00", "tomorrow 9:00", "sun 9:00", "sunday 9:00"])
def test_a_time_that_was_today_comes_tomorrow_by_the_clock_of_the_zone(text: str) -> None:
    assert when(text) == "2026-03-29T08:00:00"


def test_a_weekday_whose_time_was_today_comes_next_week() -> None:
    assert when("saturday 14:00") == "2026-04-04T13:00:00"


def test_a_time_that_comes_twice_is_meant_the_first_time() -> None:
    assert when("2026-10-25 01:30") == "2026-10-25T00:30:00"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "when?"),
        ("in", "no time"),
        ("in a while", "how long?"),
        ("in -5m", "how long?"),
        ("0s", "has passed"),
        ("today 14:00", "has passed"),
        ("2020-01-01 00:00", "has passed"),
        ("25:00", "no 25:00"),
        ("14:60", "no 14:60"),
        ("monkey 9:00", "no day"),
        ("2026-02-30 9:00", "no day"),
        ("soon", "no time"),
        ("\uff11\uff14:\uff13\uff10", "no time"),
        ("2026-03-29 01:30", "clocks skip 01:30"),
        ("in 999999999999999w", "too far"),
        ("\x1b[2J 9:00", "no day"),
    ],
)
def test_anything_else_is_refused_with_a_reason(text: str, why: str) -> None:
    with pytest.raises(WhenError, match=why.replace("?", r"\?")):
        when(text)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2h", "2026-03-28 12:03:21"),
        ("since 90s ago", "2026-03-28 14:01:51"),
        ("14:00", "2026-03-28 14:00:00"),
        ("15:00", "2026-03-27 15:00:00"),
        ("today", "2026-03-28 00:00:00"),
        ("yesterday", "2026-03-27 00:00:00"),
        ("Yesterday 9:00", "2026-03-27 09:00:00"),
        ("fri", "2026-03-27 00:00:00"),
        ("sat 9:00", "2026-03-28 09:00:00"),
        ("sat 15:00", "2026-03-21 15:00:00"),
        ("2026-01-02", "2026-01-02 00:00:00"),
        ("2026-01-02T03:04", "2026-01-02 03:04:00"),
    ],
)
def test_a_past_instant_is_told_in_many_ways(text: str, instant: str) -> None:
    assert f"{parse_since(text, SATURDAY, UTC):%Y-%m-%d %H:%M:%S}" == instant


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "since when?"),
        ("soon", "'soon' is no day"),
        ("25:00", "a day has no 25:00"),
        ("today 15:00", "that is to come"),
        ("2027-01-01", "that is to come"),
        ("fri 9:0", "no time is in that"),
    ],
)
def test_what_is_no_past_instant_is_refused_with_a_reason(text: str, why: str) -> None:
    with pytest.raises(WhenError, match=re.escape(why)):
        parse_since(text, SATURDAY, UTC)


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("2h", "2026-03-28 12:03:21", None),
        ("until fri", None, "2026-03-28 00:00:00"),
        ("until 2h ago", None, "2026-03-28 12:03:21"),
        ("2h until 1h", "2026-03-28 12:03:21", "2026-03-28 13:03:21"),
        ("yesterday 9:00 to 17:00", "2026-03-27 09:00:00", "2026-03-27 17:00:00"),
        ("thu 22:00 to 6:00", "2026-03-26 22:00:00", "2026-03-27 06:00:00"),
        ("since mon to Fri", "2026-03-23 00:00:00", "2026-03-28 00:00:00"),
        ("yesterday to today", "2026-03-27 00:00:00", "2026-03-29 00:00:00"),
        ("2026-01-02 to 2026-01-02", "2026-01-02 00:00:00", "2026-01-03 00:00:00"),
    ],
)
def test_a_stretch_of_the_past_may_have_two_ends(
    text: str, since: str | None, until: str | None
) -> None:
    bounds = parse_stretch(text, SATURDAY, UTC)
    assert [f"{one:%Y-%m-%d %H:%M:%S}" if one else None for one in bounds] == [since, until]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1h to 2h", "ends before it begins"),
        ("to fri", "'to fri' is no day"),
        ("fri to", "'fri to' is no day"),
        ("until", "'until' is no day"),
        ("fri to soon", "'soon' is no day"),
        ("fri to 25:00", "a day has no 25:00"),
        ("until 9999-12-31", "too far away"),
    ],
)
def test_what_is_no_stretch_is_refused_with_a_reason(text: str, why: str) -> None:
    with pytest.raises(WhenError, match=re.escape(why)):
        parse_stretch(text, SATURDAY, UTC)


def test_a_day_ends_by_the_clock_of_the_zone_when_clocks_change() -> None:
    now = datetime(2026, 3, 30, 12, tzinfo=UTC)
    since, until = parse_stretch("sun to sun", now, ZoneInfo("Europe/London"))
    assert since
    assert until
    assert until - since == timedelta(hours=23)
