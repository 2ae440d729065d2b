"""Parts of speech for cron: stretches, lists, names, and a plain wording of any pattern."""

from collections.abc import Iterable, Sequence

from taskengine.schedule.days import DayRule
from taskengine.schedule.pattern import Pattern

ALL_DAYS = frozenset(range(1, 32))
ALL_WEEKDAYS = frozenset(range(7))
ALL_MONTHS = frozenset(range(1, 13))
ALL_HOURS = frozenset(range(24))
SIXTY = frozenset(range(60))
WEEKDAY_NAMES = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_MONTH_NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_PLACES = ("first", "second", "third", "fourth", "fifth")
_MOST_TIMES = 6
_MOST_YEARS = 6


def spans(values: Iterable[int]) -> list[tuple[int, int]]:
    """The values, ascending, as stretches without a gap, each by its first and last."""
    stretches: list[tuple[int, int]] = []
    for value in sorted(values):
        if stretches and stretches[-1][1] == value - 1:
            stretches[-1] = (stretches[-1][0], value)
        else:
            stretches.append((value, value))
    return stretches


def compact(values: Iterable[int]) -> list[str]:
    """The values, ascending, three or more in a row written as a range."""
    texts: list[str] = []
    for first, last in spans(values):
        if last - first > 1:
            texts.append(f"{first}-{last}")
        else:
            texts += [str(value) for value in range(first, last + 1)]
    return texts


def sunday_last(weekdays: frozenset[int]) -> frozenset[int]:
    """The weekdays with Sunday as 7 where it follows a Saturday."""
    return weekdays - {0} | {7} if {0, 6} <= weekdays < ALL_WEEKDAYS else weekdays


def joined(words: Sequence[str], last: str = "and") -> str:
    """`a, b and c`."""
    return f" {last} ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def times(pattern: Pattern, most: int) -> list[str]:
    """The times of day at which the pattern fires, or nothing if there are more than `most`."""
    if len(pattern.seconds) * len(pattern.minutes) * len(pattern.hours) > most:
        return []
    return [
        f"{hour:02}:{minute:02}" + (f":{second:02}" if pattern.seconds != {0} else "")
        for hour in sorted(pattern.hours)
        for minute in sorted(pattern.minutes)
        for second in sorted(pattern.seconds)
    ]


def plain_words(pattern: Pattern) -> str:
    """Any pattern in words, dry but exact."""
    parts = [_time_words(pattern), _day_words(pattern.days)]
    if pattern.months != ALL_MONTHS:
        parts.append(f"in {joined([_MONTH_NAMES[month - 1] for month in sorted(pattern.months)])}")
    return ", ".join(parts + year_words(pattern))


def year_words(pattern: Pattern) -> list[str]:
    """The years, in a list of one; an empty list if they are not restricted."""
    if pattern.years is None:
        return []
    few = compact(pattern.years)
    if len(few) > _MOST_YEARS:
        return [f"in the years {pattern.text.split()[-1]}"]
    return [f"in {joined(few)}"]


def _time_words(pattern: Pattern) -> str:
    if few := times(pattern, _MOST_TIMES):
        return f"At {joined(few)}"
    parts = [
        _unit_words("minute", pattern.minutes, SIXTY),
        _unit_words("hour", pattern.hours, ALL_HOURS),
    ]
    if pattern.seconds != {0}:
        parts.insert(0, _unit_words("second", pattern.seconds, SIXTY))
    words = " of ".join(parts)
    return words.capitalize() if words.startswith("every") else f"At {words}"


def _unit_words(unit: str, values: frozenset[int], everything: frozenset[int]) -> str:
    if values == everything:
        return f"every {unit}"
    plural = "s" if len(values) > 1 else ""
    return f"{unit}{plural} {joined(compact(values))}"


def _day_words(rule: DayRule) -> str:
    by_number, by_weekday = _number_words(rule), _weekday_words(rule)
    if by_number and by_weekday:
        link = ", but only if that is " if rule.both else " or on "
        return f"on {by_number}{link}{by_weekday}"
    restricted = by_number or by_weekday
    return f"on {restricted}" if restricted and rule.both else "every day"


def _number_words(rule: DayRule) -> str:
    """The days meant by number, or nothing if every day is."""
    if rule.days == ALL_DAYS:
        return ""
    words = [f"the weekday nearest day {day}" for day in sorted(rule.nearest)]
    if rule.days:
        plural = "s" if len(rule.days) > 1 else ""
        words.insert(0, f"day{plural} {joined(compact(rule.days))}")
    words += ["the last weekday"] * rule.last_workday + ["the last day"] * rule.last_day
    return f"{joined(words)} of the month"


def _weekday_words(rule: DayRule) -> str:
    """The days meant by weekday, or nothing if every day is."""
    if rule.weekdays == ALL_WEEKDAYS:
        return ""
    words = [WEEKDAY_NAMES[day % 7] for day in sorted(sunday_last(rule.weekdays))]
    placed = [f"the {_PLACES[place - 1]} {WEEKDAY_NAMES[day]}" for day, place in sorted(rule.nth)]
    placed += [f"the last {WEEKDAY_NAMES[day]}" for day in sorted(rule.last_weekdays)]
    return joined(words + placed) + (" of the month" if placed else "")
