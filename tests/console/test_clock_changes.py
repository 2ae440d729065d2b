"""The nights on which the clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from taskconsole.clock_changes import changes

LONDON = ZoneInfo("Europe/London")
DAY = timedelta(days=1)


def test_the_night_between_two_fires_is_told() -> None:
    noon = datetime(2026, 3, 27, 12, tzinfo=UTC)
    found = changes([noon, noon + DAY, noon + 2 * DAY, noon + 3 * DAY], LONDON)
    assert found == [(noon + 2 * DAY, "Sun 29 Mar: the clocks go forward by 1 h")]


def test_it_is_told_far_from_any_fire_too() -> None:
    summer = datetime(2026, 7, 1, tzinfo=UTC)
    found = changes([summer, datetime(2026, 12, 1, tzinfo=UTC)], LONDON)
    assert [words for _, words in found] == ["Sun 25 Oct: the clocks go back by 1 h"]


def test_half_an_hour_is_half_an_hour() -> None:
    march = datetime(2026, 3, 1, tzinfo=UTC)
    found = changes([march, datetime(2026, 6, 1, tzinfo=UTC)], ZoneInfo("Australia/Lord_Howe"))
    assert [words for _, words in found] == ["Sun 5 Apr: the clocks go back by 30 min"]


def test_where_the_clocks_never_change_nothing_is_told() -> None:
    march = datetime(2026, 3, 1, tzinfo=UTC)
    assert changes([march, datetime(2026, 6, 1, tzinfo=UTC)], UTC) == []
