"""What each part of a cron expression means; what is refused, and in which words."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import islice

import pytest

from taskengine.schedule.cron import Cron, CronError

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)  # a Thursday


def first_fires(expression: str, count: int, after: datetime = NEW_YEAR) -> list[str]:
    return [f"{fire:%Y-%m-%d %H:%M:%S}" for fire in islice(Cron(expression).fires(after), count)]


TIMES = {
    "* * * * *": "00:01:00 00:02:00 00:03:00",
    "? * * * *": "00:01:00 00:02:00 00:03:00",
    "*/25 * * * *": "00:25:00 00:50:00 01:00:00 01:25:00",
    "?/25 * * * *": "00:25:00 00:50:00 01:00:00 01:25:00",
    "5,35 * * * *": "00:05:00 00:35:00 01:05:00",
    "05 07 * * *": "07:05:00",
    "58-59 * * * *": "00:58:00 00:59:00 01:58:00",
    "9-9 * * * *": "00:09:00 01:09:00 02:09:00",
    "10-40/15 * * * *": "00:10:00 00:25:00 00:40:00 01:10:00",
    "7-7/15 * * * *": "00:07:00 01:07:00",
    "*/60 * * * *": "01:00:00 02:00:00",
    "1-2,4,*/30 * * * *": "00:01:00 00:02:00 00:04:00 00:30:00 01:00:00",
    "0 */10 * * *": "10:00:00 20:00:00",
    "30 9-10 * * *": "09:30:00 10:30:00",
    "*/20 * * * * *": "00:00:20 00:00:40 00:01:00",
    "5 30 12 * * *": "12:30:05",
    "59 59 23 * * * 2026": "23:59:59",
    "@hourly": "01:00:00 02:00:00",
    "  @HOURLY ": "01:00:00 02:00:00",
}


@pytest.mark.parametrize(("expression", "times"), TIMES.items())
def test_time_fields_mean(expression: str, times: str) -> None:
    expected = [f"2026-01-01 {time}" for time in times.split()]
    assert first_fires(expression, len(expected)) == expected


DAYS = {
    "15 * *": "2026-01-15 2026-02-15",
    "31 * *": "2026-01-31 2026-03-31 2026-05-31",
    "30,10 * *": "2026-01-10 2026-01-30 2026-02-10 2026-03-10",
    "29-31 * *": "2026-01-29 2026-01-30 2026-01-31 2026-03-29",
    "*/16 * *": "2026-01-17 2026-02-01 2026-02-17",
    "L * *": "2026-01-31 2026-02-28 2026-03-31",
    "l,1 * *": "2026-01-31 2026-02-01 2026-02-28 2026-03-01",
    "L 2 *": "2026-02-28 2027-02-28 2028-02-29",
    "LW * *": "2026-01-30 2026-02-27 2026-03-31 2026-04-30 2026-05-29",
    "LW,L 1 *": "2026-01-30 2026-01-31 2027-01-29 2027-01-31",
    "3W * *": "2026-01-02 2026-02-03 2026-03-03",
    "1W 2,3,8 *": "2026-02-02 2026-03-02 2026-08-03",
    "31W 1,5 *": "2026-01-30 2026-05-29 2027-01-29",
    "30w 2,8 *": "2026-08-31 2027-08-30",
    "1W,15W 8 *": "2026-08-03 2026-08-14 2027-08-02",
    "10,15W 8 *": "2026-08-10 2026-08-14 2027-08-10",
    "? 1 5": "2026-01-02 2026-01-09 2026-01-16",
    "* * FRI": "2026-01-02 2026-01-09",
    "* * fri-sun": "2026-01-02 2026-01-03 2026-01-04 2026-01-09",
    "* * sat,7": "2026-01-03 2026-01-04 2026-01-10",
    "* * 0": "2026-01-04 2026-01-11",
    "* * 7": "2026-01-04 2026-01-11",
    "* * 5-7": "2026-01-02 2026-01-03 2026-01-04 2026-01-09",
    "* * 3-3": "2026-01-07 2026-01-14",
    "* * 7-7": "2026-01-04 2026-01-11",
    "* * 1-7/3": "2026-01-04 2026-01-05",
    "* * */3": "2026-01-03 2026-01-04 2026-01-07",
    "* * MON#2": "2026-01-12 2026-02-09 2026-03-09",
    "* * 7#1": "2026-01-04 2026-02-01",
    "* * thu#5": "2026-01-29 2026-04-30",
    "* * mon#1,Mon#3": "2026-01-05 2026-01-19 2026-02-02",
    "* * 3,FRI#2": "2026-01-07 2026-01-09 2026-01-14",
    "* * mon-tue#4": "2026-01-26 2026-01-27 2026-02-23",
    "* * 5L": "2026-01-30 2026-02-27",
    "* * FRI#L": "2026-01-30 2026-02-27",
    "* * sunL,WED#l": "2026-01-25 2026-01-28 2026-02-22",
    "13 * FRI": "2026-01-02 2026-01-09 2026-01-13",
    "13 * +FRI": "2026-02-13 2026-03-13 2026-11-13",
    "1-7 * +MON": "2026-01-05 2026-02-02",
    "L * +5L": "2026-07-31 2027-04-30",
    "1-31 * MON": "2026-01-02 2026-01-03",
    "* * +MON": "2026-01-05 2026-01-12",
    "1 JAN,jul *": "2026-07-01 2027-01-01",
    "1 10-Dec *": "2026-10-01 2026-11-01",
    "1 */5 *": "2026-06-01 2026-11-01 2027-01-01",
    "29 2 *": "2028-02-29 2032-02-29",
    "29 2 +mon": "2044-02-29 2072-02-29",
    "* * 1#1 2026,2030-2031": "2026-01-05 2026-02-02",
    "1 1 * 2027-2030/2": "2027-01-01 2029-01-01",
    "1 1 * 2126": "2126-01-01",
    "1 1 * 9999": "9999-01-01",
}


@pytest.mark.parametrize(("fields", "days"), DAYS.items())
def test_day_fields_mean(fields: str, days: str) -> None:
    expression = f"{'0 ' if len(fields.split()) > 3 else ''}0 12 {fields}"
    expected = [f"{day} 12:00:00" for day in days.split()]
    assert first_fires(expression, len(expected), NEW_YEAR + timedelta(hours=12)) == expected


@pytest.mark.parametrize(
    ("nickname", "long"),
    [
        ("@yearly", "0 0 1 1 *"),
        ("@annually", "0 0 1 1 *"),
        ("@monthly", "0 0 1 * *"),
        ("@weekly", "0 0 * * 0"),
        ("@daily", "0 0 * * *"),
        ("@midnight", "0 0 * * *"),
        ("@hourly", "0 * * * *"),
    ],
)
def test_a_nickname_is_its_long_form(nickname: str, long: str) -> None:
    assert Cron(nickname) == Cron(long)


def test_a_leap_day_skips_the_centuries_that_are_not_leap_years() -> None:
    after = datetime(2096, 3, 1, tzinfo=UTC)
    assert first_fires("0 0 29 2 *", 2, after) == ["2104-02-29 00:00:00", "2108-02-29 00:00:00"]


def test_a_year_that_has_passed_is_finished_not_refused() -> None:
    cron = Cron("0 0 3 * * * 2025")
    assert cron.next(NEW_YEAR) is None
    assert list(cron.fires(NEW_YEAR)) == []
    assert cron.is_finished(NEW_YEAR)
    assert not cron.is_finished(NEW_YEAR - timedelta(days=1))


def test_fires_end_with_the_last_year() -> None:
    assert first_fires("0 0 0 1 */6 * 2026", 10) == ["2026-07-01 00:00:00"]


def test_the_end_of_the_calendar_is_the_end_of_every_schedule() -> None:
    assert Cron("* * * * *", "Asia/Tokyo").next(datetime.max.replace(tzinfo=UTC)) is None


def test_the_beginning_of_the_calendar_is_no_obstacle() -> None:
    fire = Cron("0 0 1 * *", "America/New_York").next(datetime.min.replace(tzinfo=UTC))
    assert fire is not None
    assert fire.year == 1


def test_an_instant_in_any_zone_gives_a_fire_in_utc() -> None:
    east = timezone(timedelta(hours=9))
    fire = Cron("0 12 * * *").next(datetime(2026, 1, 1, 20, 59, 59, 999_999, tzinfo=east))
    assert fire == datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert fire.tzinfo is UTC


def test_a_fire_is_strictly_after() -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    cron = Cron("0 12 * * *")
    assert cron.next(noon) == noon + timedelta(days=1)
    assert cron.next(noon - timedelta(microseconds=1)) == noon


def test_a_naive_instant_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="naive"):
        Cron("* * * * *").next(NEW_YEAR.replace(tzinfo=None))


def test_equality_looks_at_meaning_of_case_spaces_and_zone() -> None:
    assert Cron("0 3 * * mon") == Cron(" 0  3 ? *  MON ")
    assert len({Cron("0 3 * * mon"), Cron("0 3 * * MON"), Cron("0 3 * * 1")}) == 2
    assert Cron("0 3 * * *") != Cron("0 3 * * *", "Europe/London")
    assert Cron("0 3 * * *") != "0 3 * * *"


def test_it_keeps_what_was_written() -> None:
    cron = Cron(" @Daily", "Europe/London")
    assert (cron.expression, cron.timezone) == (" @Daily", "Europe/London")
    assert repr(cron) == "Cron(' @Daily', 'Europe/London')"


REFUSED = [
    # expression, field, value, message, hint
    ("60 * * * *", "minute", "60", "is out of range; allowed: 0-59", "use 0-59"),
    ("* 24 * * *", "hour", "24", "is out of range; allowed: 0-23", "use 0-23"),
    ("* * 0 * *", "day-of-month", "0", "is out of range; allowed: 1-31", "use 1-31"),
    ("* * 1-32 * *", "day-of-month", "1-32", "is out of range", "use 1-31"),
    ("* * * 13 *", "month", "13", "is out of range; allowed: 1-12 or JAN-DEC", "JAN-DEC"),
    ("* * * * 8", "day-of-week", "8", "is out of range; allowed: 0-7 or SUN-SAT", "SUN-SAT"),
    ("60 * * * * *", "second", "60", "is out of range; allowed: 0-59", "use 0-59"),
    ("* * * * * * 1969", "year", "1969", "is out of range; allowed: 1970-9999", "1970-9999"),
    ("* * * * monday", "day-of-week", "monday", "is not a value", "write MON"),
    ("* * * * mon-fry", "day-of-week", "mon-fry", "contains FRY, not a value", "SUN-SAT"),
    ("x * * * *", "minute", "x", "is not a value", "use 0-59"),
    ("\N{ARABIC-INDIC DIGIT FIVE} * * * *", "minute", "\u0665", "is not a value", "use 0-59"),
    ("jan * * * *", "minute", "jan", "is not a value", "use 0-59"),
    ("* * * FEB-sun *", "month", "FEB-sun", "contains SUN, not a value", "JAN-DEC"),
    ("H * * * *", "minute", "H", "is not a value", "use 0-59"),
    ("R * * * *", "minute", "R", "is not a value", "use 0-59"),
    ("-5 * * * *", "minute", "-5", "lacks a value", "use 0-59"),
    ("5- * * * *", "minute", "5-", "lacks a value", "use 0-59"),
    ("1-2-3 * * * *", "minute", "1-2-3", "contains 2-3, not a value", "use 0-59"),
    ("1,,2 * * * *", "minute", "1,,2", "has an empty item", "comma"),
    ("1, * * * *", "minute", "1,", "has an empty item", "comma"),
    ("* * * * +", "day-of-week", "", "has an empty item", "comma"),
    ("+5 * * * *", "minute", "+5", "is not a value", "use 0-59"),
    ("* 17-9 * * *", "hour", "17-9", "runs backwards", "write 17-23,0-9"),
    ("* * * nov-feb *", "month", "nov-feb", "runs backwards", "write NOV-12,1-FEB"),
    ("* * * * 5-1", "day-of-week", "5-1", "runs backwards", "write 5-6,0-1"),
    ("5/15 * * * *", "minute", "5/15", "has a step without a range", "write 5-59/15"),
    ("/15 * * * *", "minute", "/15", "has a step without a range", "write */15"),
    ("*/90 * * * *", "minute", "*/90", "has a step larger than the field", "1-60"),
    ("* * * * */8", "day-of-week", "*/8", "has a step larger than the field", "1-7"),
    ("*/0 * * * *", "minute", "*/0", "has no valid step", "1-60"),
    ("*/ * * * *", "minute", "*/", "has no valid step", "1-60"),
    ("*/2/3 * * * *", "minute", "*/2/3", "has no valid step", "1-60"),
    ("L * * * *", "minute", "L", "is not a value", "use 0-59"),
    ("* * 5L * *", "day-of-month", "5L", "is not a day", "L, the last day, and LW stand alone"),
    ("* * 1-L * *", "day-of-month", "1-L", "is not a day", "stand alone"),
    ("* * W * *", "day-of-month", "W", "lacks a value", "use 1-31"),
    ("* * 1-5W * *", "day-of-month", "1-5W", "contains 1-5, not a value", "use 1-31"),
    ("* * 32W * *", "day-of-month", "32W", "is out of range", "use 1-31"),
    ("* * 1#1 * *", "day-of-month", "1#1", "counts weekdays", "belongs in the day-of-week"),
    ("* * * * mon#6", "day-of-week", "mon#6", "names no place in a month", "after # comes 1-5"),
    ("* * * * mon#", "day-of-week", "mon#", "names no place in a month", "after # comes 1-5"),
    ("* * * * L", "day-of-week", "L", "lacks a value", "SUN-SAT"),
    ("* * * * 5LL", "day-of-week", "5LL", "contains 5L, not a value", "SUN-SAT"),
    ("0 0 31 2 *", "day-of-month", "31", "never fires", "long enough"),
    ("0 0 30-31 2 ?", "day-of-month", "30-31", "never fires", "long enough"),
    ("0 0 31 4,6 *", "day-of-month", "31", "never fires", "long enough"),
    ("0 0 30W 2 *", "day-of-month", "30W", "never fires", "long enough"),
    ("0 0 0 29 2 * 2025-2027", "day-of-month", "29", "never fires", "long enough"),
    ("0 0 8 * +mon#1", "day-of-month", "8", "never fires", "long enough"),
]


@pytest.mark.parametrize(("expression", "field", "value", "message", "hint"), REFUSED)
def test_is_refused_with_field_value_range_and_mend(
    expression: str, field: str, value: str, message: str, hint: str
) -> None:
    with pytest.raises(CronError) as refusal:
        Cron(expression)
    error = refusal.value
    assert (error.expression, error.field, error.value) == (expression, field, value)
    assert str(error).startswith(f"{field} {value!r} ")
    assert message in str(error)
    assert hint in error.hint


WHOLLY_REFUSED = [
    ("", "has 5, 6 or 7 fields, this one has 0", "minute hour day-of-month"),
    ("* * * *", "this one has 4", "minute hour day-of-month"),
    ("* * * * * * * *", "this one has 8", "a year at the end"),
    ("@reboot", "there is no nickname '@reboot'", "no time that can be written"),
    ("@fortnightly", "there is no nickname '@fortnightly'", "@monthly @weekly"),
    ("* " * 600, "at most 1000 characters", ""),
]


@pytest.mark.parametrize(("expression", "message", "hint"), WHOLLY_REFUSED)
def test_is_refused_as_a_whole(expression: str, message: str, hint: str) -> None:
    with pytest.raises(CronError) as refusal:
        Cron(expression)
    assert refusal.value.field is None
    assert message in str(refusal.value)
    assert hint in refusal.value.hint


@pytest.mark.parametrize(
    ("zone", "hint"),
    [
        ("Europe/Londn", "did you mean 'Europe/London'?"),
        ("europe/londn", "did you mean 'Europe/London'?"),
        ("Nowhere at all", "use a name such as 'Europe/London'"),
        ("", "use a name such as 'Europe/London'"),
        ("../etc/passwd", "use a name such as 'Europe/London'"),
        ("/etc/localtime", ""),
        ("Europe", ""),
        ("a\0b", ""),
    ],
)
def test_an_unknown_zone_is_refused_with_the_closest_name(zone: str, hint: str) -> None:
    with pytest.raises(CronError) as refusal:
        Cron("* * * * *", zone)
    assert refusal.value.field is None
    assert refusal.value.value == zone
    assert repr(zone) in str(refusal.value)
    assert hint in refusal.value.hint
