"""A model of cron that looks at every minute, or second, and asks whether it fires.

It shares nothing with `Cron`: an expression is drawn together with the test that its fields stand
for, so nothing is parsed, and clocks are read from zoneinfo, reading by reading.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

WEEKDAYS = ("sun", "MON", "Tue", "wed", "THU", "Fri", "sat")
MONTHS = ("jan", "FEB", "Mar", "apr", "May", "JUN", "jul", "Aug", "sep", "OCT", "nov", "Dec")

DayTest = Callable[[date], bool]


@dataclass(frozen=True)
class Expression:
    """An expression, and what it stands for."""

    text: str
    seconds: frozenset[int]
    minutes: frozenset[int]
    hours: frozenset[int]
    is_day: DayTest
    is_interval: bool

    @classmethod
    def at_noon(cls, day_fields: str, is_day: DayTest) -> "Expression":
        """At 12:00 on the days that three fields stand for."""
        return cls(
            text=f"0 12 {day_fields}",
            seconds=frozenset({0}),
            minutes=frozenset({0}),
            hours=frozenset({12}),
            is_day=is_day,
            is_interval=False,
        )

    def matches(self, wall: datetime) -> bool:
        return (
            wall.minute in self.minutes
            and wall.hour in self.hours
            and wall.second in self.seconds
            and self.is_day(wall.date())
        )


@st.composite
def number_items(
    draw: st.DrawFn, low: int, high: int, last_of_any: int | None = None
) -> tuple[str, frozenset[int]]:
    """One item of a field of numbers, and its values; `*` goes up to `last_of_any`."""
    top = high if last_of_any is None else last_of_any
    kind = draw(st.sampled_from(("value", "value", "range", "step", "range step")))
    first = draw(st.integers(low, high))
    last = draw(st.integers(first, high))
    step = draw(st.integers(1, top - low + 1))
    if kind == "value":
        return str(first), frozenset({first})
    if kind == "range":
        return f"{first}-{last}", frozenset(range(first, last + 1))
    if kind == "step":
        return f"*/{step}", frozenset(range(low, top + 1, step))
    return f"{first}-{last}/{step}", frozenset(range(first, last + 1, step))


def number_fields(low: int, high: int) -> SearchStrategy[tuple[str, frozenset[int]]]:
    """A whole field of numbers, and its values."""
    everything = st.sampled_from(("*", "*", "?")).map(
        lambda sign: (sign, frozenset(range(low, high + 1)))
    )
    items = st.lists(number_items(low, high), min_size=1, max_size=3)
    lists = items.map(
        lambda some: (
            ",".join(text for text, _ in some),
            frozenset().union(*(values for _, values in some)),
        )
    )
    return st.one_of(everything, lists)


def last_of_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def workday_nearest(day: date, number: int) -> date | None:
    """The workday of that month with the least distance to a day of it, if it has that day."""
    length = last_of_month(day).day
    if number > length:
        return None
    month = [day.replace(day=n) for n in range(1, length + 1)]
    workdays = [one for one in month if one.weekday() < 5]
    return min(workdays, key=lambda one: abs(one.day - number))


@st.composite
def day_items(draw: st.DrawFn) -> tuple[str, DayTest]:
    kind = draw(st.sampled_from(("numbers", "numbers", "L", "LW", "W")))
    if kind == "L":
        return draw(st.sampled_from("lL")), lambda day: day == last_of_month(day)
    if kind == "LW":
        return "LW", lambda day: day == workday_nearest(day, last_of_month(day).day)
    if kind == "W":
        number = draw(st.integers(1, 31))
        return f"{number}W", lambda day: day == workday_nearest(day, number)
    text, values = draw(number_items(1, 31))
    return text, lambda day: day.day in values


def is_place(day: date, place: str) -> bool:
    if place == "L":
        return (day + timedelta(days=7)).month != day.month
    return (day.day - 1) // 7 + 1 == int(place)


@st.composite
def weekday_items(draw: st.DrawFn) -> tuple[str, DayTest]:
    text, values = draw(number_items(0, 7, last_of_any=6))
    if text.isdigit() and draw(st.booleans()):
        text = WEEKDAYS[int(text) % 7]
    weekdays = {value % 7 for value in values}
    place = draw(st.sampled_from(("", "", "1", "2", "3", "4", "5", "L")))
    if not place:
        return text, lambda day: day.isoweekday() % 7 in weekdays
    mark = draw(st.sampled_from(("#L", "L"))) if place == "L" else f"#{place}"
    return text + mark, lambda day: day.isoweekday() % 7 in weekdays and is_place(day, place)


def day_fields(items: SearchStrategy[tuple[str, DayTest]]) -> SearchStrategy[tuple[str, DayTest]]:
    lists = st.lists(items, min_size=1, max_size=3)

    def joined(some: list[tuple[str, DayTest]]) -> tuple[str, DayTest]:
        return ",".join(text for text, _ in some), lambda day: any(test(day) for _, test in some)

    everything: SearchStrategy[tuple[str, DayTest]] = st.just(("*", lambda day: True))
    return st.one_of(everything, everything, lists.map(joined))


@st.composite
def day_parts(draw: st.DrawFn) -> tuple[str, DayTest]:
    """The three fields of the date."""
    day_text, is_number = draw(day_fields(day_items()))
    month_text, months = draw(number_fields(1, 12))
    weekday_text, is_weekday = draw(day_fields(weekday_items()))
    if month_text.isdigit() and draw(st.booleans()):
        month_text = MONTHS[int(month_text) - 1]
    plus = draw(st.sampled_from(("", "", "+")))
    both = bool(plus) or day_text == "*" or weekday_text == "*"

    def is_day(day: date) -> bool:
        if day.month not in months:
            return False
        if both:
            return is_number(day) and is_weekday(day)
        return is_number(day) or is_weekday(day)

    return f"{day_text} {month_text} {plus}{weekday_text}", is_day


@st.composite
def expressions(draw: st.DrawFn, *, with_seconds: bool = False) -> Expression:
    second_text, seconds = draw(number_fields(0, 59)) if with_seconds else ("", frozenset({0}))
    minute_text, minutes = draw(number_fields(0, 59))
    hour_text, hours = draw(st.one_of(number_fields(0, 23), number_fields(0, 4)))
    if hour_text.startswith(("*", "?")):
        hour_text, hours = "*", frozenset(range(24))
    elif "*" in hour_text:
        hour_text, hours = "0-4", frozenset(range(5))
    rest, is_day = draw(st.one_of(st.just(("* * *", lambda day: True)), day_parts()))
    return Expression(
        text=f"{second_text} {minute_text} {hour_text} {rest}".strip(),
        seconds=seconds,
        minutes=minutes,
        hours=hours,
        is_day=is_day,
        is_interval=any(sign in f"{second_text}{minute_text}{hour_text}" for sign in "*?/"),
    )


@st.composite
def fixed_times(draw: st.DrawFn) -> Expression:
    """A few times of the day, most of them near midnight, every day."""
    near_midnight = st.sampled_from((0, 1, 2, 3, 22, 23))
    hours = draw(st.sets(st.one_of(near_midnight, st.integers(0, 23)), min_size=1, max_size=4))
    minutes = draw(st.sets(st.integers(0, 59), min_size=1, max_size=4))
    return Expression(
        text=f"{','.join(map(str, minutes))} {','.join(map(str, hours))} * * *",
        seconds=frozenset({0}),
        minutes=frozenset(minutes),
        hours=frozenset(hours),
        is_day=lambda day: True,
        is_interval=False,
    )


@cache
def clock_readings(zone: str, start: datetime, end: datetime, step: int) -> list[datetime]:
    """What the zone's clock shows from `start` on, every `step` seconds, as naive datetimes."""
    info, moment, readings = ZoneInfo(zone), start, []
    while moment < end:
        readings.append(moment.astimezone(info).replace(tzinfo=None, fold=0))
        moment += timedelta(seconds=step)
    return readings


def skipped(earlier: datetime, later: datetime, step: int) -> Iterator[datetime]:
    """The times of the day of `later` between two readings that the clock never showed."""
    moment = earlier + timedelta(seconds=step)
    while moment < later:
        if moment.date() == later.date():
            yield moment
        moment += timedelta(seconds=step)


def model_fires(
    expression: Expression, zone: str, start: datetime, end: datetime, step: int
) -> list[datetime]:
    """Every fire after `start` and before `end`, found by looking at all readings."""
    readings = clock_readings(zone, start, end, step)
    a_step = timedelta(seconds=step)
    shown = {readings[0]}
    fires = []
    for number, (before, reading) in enumerate(pairwise(readings), 1):
        due = expression.matches(reading)
        if not expression.is_interval:
            due = due and reading not in shown
            if reading - before > a_step:
                due = due or any(map(expression.matches, skipped(before, reading, step)))
            shown.add(reading)
        if due:
            fires.append(start + timedelta(seconds=number * step))
    return fires
