"""The rules for clock changes, case by case, with answers that anybody can check on a wall."""

from datetime import UTC, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

import pytest

from taskengine.schedule.cron import Cron

SPAN = timedelta(days=2, hours=2)


def readings(expression: str, zone: str, start: str) -> list[str]:
    """What the clock on the wall shows at each fire from a local time on, with its offset."""
    after = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    fires = takewhile(lambda fire: fire <= after + SPAN, Cron(expression, zone).fires(after))
    return [f"{fire.astimezone(ZoneInfo(zone)):%d %H:%M %z}" for fire in fires]


FIXED = [
    # a repeated hour: its first pass
    ("30 1 * * *", "Europe/London", "2026-10-24", ["24 01:30 +0100", "25 01:30 +0100"]),
    ("30 1 * * *", "America/New_York", "2026-10-31", ["31 01:30 -0400", "01 01:30 -0400"]),
    ("0,45 1 * * *", "Europe/London", "2026-10-24T12", ["25 01:00 +0100", "25 01:45 +0100"]),
    ("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T12", ["05 01:45 +1100", "06 01:45 +1030"]),
    ("30 23 * * *", "Asia/Beirut", "2026-10-24", ["24 23:30 +0300", "25 23:30 +0200"]),
    ("30 23 * * *", "Africa/Cairo", "2026-10-29", ["29 23:30 +0300", "30 23:30 +0200"]),
    ("30 23 * * *", "America/Sao_Paulo", "2018-02-17", ["17 23:30 -0200", "18 23:30 -0300"]),
    # a gap: its end
    ("30 1 * * *", "Europe/London", "2026-03-28", ["28 01:30 +0000", "29 02:00 +0100"]),
    ("30 2 * * *", "America/New_York", "2026-03-07", ["07 02:30 -0500", "08 03:00 -0400"]),
    ("15 2 * * *", "Australia/Lord_Howe", "2026-10-03", ["03 02:15 +1030", "04 02:30 +1100"]),
    # a gap that begins at midnight ends on the same day
    ("0 0 * * *", "Africa/Cairo", "2026-04-23T12", ["24 01:00 +0300", "25 00:00 +0300"]),
    ("0 0 * * *", "Asia/Beirut", "2026-03-28T12", ["29 01:00 +0300", "30 00:00 +0300"]),
    ("30 0 * * *", "America/Sao_Paulo", "2018-11-03T12", ["04 01:00 -0200", "05 00:30 -0200"]),
    # several that come together fire once
    ("0,20,40 1 * * *", "Europe/London", "2026-03-28T12", ["29 02:00 +0100", "30 01:00 +0100",
                                                           "30 01:20 +0100", "30 01:40 +0100"]),
    ("30 1,2 * * *", "Europe/London", "2026-03-29", ["29 02:00 +0100", "29 02:30 +0100"]),
    ("0 1,2 * * *", "Europe/London", "2026-03-29", ["29 02:00 +0100", "30 01:00 +0100"]),
    # a day that was skipped as a whole has no end of its own
    ("0 12 * * *", "Pacific/Apia", "2011-12-29", ["29 12:00 -1000", "31 12:00 +1400"]),
    ("0 0 * * *", "Pacific/Apia", "2011-12-29T12", ["31 00:00 +1400", "01 00:00 +1400"]),
    ("0 12 30 12 *", "Pacific/Apia", "2011-12-29", []),
    # a list of times has no star in it, so it is fixed
    ("0-30/30 1 * * *", "Europe/London", "2026-03-28T12", ["30 01:00 +0100", "30 01:30 +0100"]),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "zone", "start", "expected"), FIXED)
def test_a_fixed_time_fires_once_a_day(
    expression: str, zone: str, start: str, expected: list[str]
) -> None:
    assert readings(expression, zone, start)[: len(expected) or 1] == expected


INTERVALS = [
    ("0 * * * *", "Europe/London", "2026-10-25T00:30",
     ["25 01:00 +0100", "25 01:00 +0000", "25 02:00 +0000"]),
    ("*/30 1 * * *", "Europe/London", "2026-10-25",
     ["25 01:00 +0100", "25 01:30 +0100", "25 01:00 +0000", "25 01:30 +0000", "26 01:00 +0000"]),
    ("30 ? * * *", "America/New_York", "2026-11-01T00:45",
     ["01 01:30 -0400", "01 01:30 -0500", "01 02:30 -0500"]),
    ("0 * * * *", "Europe/London", "2026-03-29",
     ["29 02:00 +0100", "29 03:00 +0100", "29 04:00 +0100"]),
    ("*/30 1 * * *", "Europe/London", "2026-03-29",
     ["30 01:00 +0100", "30 01:30 +0100"]),
    ("*/20 * * * *", "Australia/Lord_Howe", "2026-04-05T01:20",
     ["05 01:40 +1100", "05 01:40 +1030", "05 02:00 +1030"]),
    ("0 */6 * * *", "Pacific/Apia", "2011-12-29T17",
     ["29 18:00 -1000", "31 00:00 +1400", "31 06:00 +1400"]),
    ("0 0 */23 31 12 ? 2009", "Asia/Dhaka", "2009-12-31T20",
     ["31 23:00 +0700", "31 23:00 +0600"]),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "zone", "start", "expected"), INTERVALS)
def test_an_interval_follows_real_time(
    expression: str, zone: str, start: str, expected: list[str]
) -> None:
    assert readings(expression, zone, start)[: len(expected)] == expected


def test_a_day_that_was_lived_twice_fires_once() -> None:
    # Alaska passed from the Russian to the American side of the date line.
    zone = ZoneInfo("America/Juneau")
    start = datetime(1867, 10, 16, tzinfo=UTC)
    cron = Cron("0 12 * * *", "America/Juneau")
    fires = takewhile(lambda fire: fire < start + timedelta(days=5), cron.fires(start))
    assert [fire.astimezone(zone).day for fire in fires] == [17, 18, 19, 20]


def test_from_within_the_second_pass_nothing_of_the_first_is_repeated() -> None:
    second_pass = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
    fire = Cron("30 1 * * *", "Europe/London").next(second_pass)
    assert fire == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_a_fire_at_the_end_of_a_gap_is_not_found_again_from_there() -> None:
    gap_end = datetime(2026, 3, 29, 1, tzinfo=UTC)
    cron = Cron("30 1 * * *", "Europe/London")
    assert cron.next(gap_end - timedelta(seconds=1)) == gap_end
    assert cron.next(gap_end) == datetime(2026, 3, 30, 0, 30, tzinfo=UTC)


def test_summer_time_goes_on_beyond_the_tables_of_the_zone_files() -> None:
    winter = datetime(2126, 1, 1, tzinfo=UTC)
    cron = Cron("0 12 1 1,7 *", "Europe/London")
    assert cron.next(winter) == datetime(2126, 1, 1, 12, tzinfo=UTC)
    assert cron.next(winter + timedelta(days=1)) == datetime(2126, 7, 1, 11, tzinfo=UTC)
