"""Durations, instants and counts in words."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from taskconsole.formatting import format_count, format_countdown, format_duration, format_when

LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "0ms"),
        (0, "0ms"),
        (0.0129, "12ms"),
        (0.0999, "99ms"),
        (0.1, "0.1s"),
        (0.4, "0.4s"),
        (3.19, "3.1s"),
        (59.99, "59.9s"),
        (60, "1m 00s"),
        (65.9, "1m 05s"),
        (3_599, "59m 59s"),
        (3_600, "1h 00m"),
        (7_380, "2h 03m"),
        (86_399, "23h 59m"),
        (86_400, "1d 00h"),
        (273_600, "3d 04h"),
    ],
)
def test_a_duration_is_told_as_exactly_as_it_matters(seconds: float, words: str) -> None:
    assert format_duration(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0:00"),
        (0, "0:00"),
        (0.1, "0:01"),
        (39, "0:39"),
        (3_399, "56:39"),
        (3_599.5, "1 h 0 m"),
        (11_520, "3 h 12 m"),
        (86_400, "1 d 0 h"),
        (360_000, "4 d 4 h"),
    ],
)
def test_a_countdown_reaches_zero_only_when_the_time_has_come(seconds: float, words: str) -> None:
    assert format_countdown(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("instant", "words"),
    [
        (datetime(2026, 12, 21, 14, 0, tzinfo=UTC), "today 14:00"),
        (datetime(2026, 12, 22, 3, 0, tzinfo=UTC), "tomorrow 03:00"),
        (datetime(2026, 12, 20, 18, 20, tzinfo=UTC), "yesterday 18:20"),
        (datetime(2026, 12, 27, 9, 30, tzinfo=UTC), "Sun 09:30"),
        (datetime(2026, 12, 28, 9, 30, tzinfo=UTC), "2026-12-28 09:30"),
        (datetime(2026, 12, 19, 9, 30, tzinfo=UTC), "2026-12-19 09:30"),
    ],
)
def test_an_instant_is_told_as_near_days_are_spoken_of(instant: datetime, words: str) -> None:
    now = datetime(2026, 12, 21, 12, 0, tzinfo=UTC)
    assert format_when(instant, now, UTC) == words


def test_which_day_it_is_depends_on_the_zone() -> None:
    now = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    fire = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    assert format_when(fire, now, UTC) == "today 23:30"
    assert format_when(fire, now, LONDON) == "tomorrow 00:30"


@pytest.mark.parametrize(("number", "words"), [(0, "0"), (999, "999"), (12_345, "12,345")])
def test_a_count_has_its_thousands_set_apart(number: int, words: str) -> None:
    assert format_count(number) == words
