"""A cron expression in the few words that a list's column has room for."""

from taskengine.schedule.cron import Cron
from taskengine.schedule.days import DayRule
from taskengine.schedule.pattern import Pattern
from taskengine.schedule.phrases import (
    ALL_DAYS,
    ALL_HOURS,
    ALL_MONTHS,
    ALL_WEEKDAYS,
    SIXTY,
    WEEKDAY_NAMES,
    spans,
    sunday_last,
    times,
)

_WIDTH = 18
_ROOMY = 14  # up to here there is room for an "at"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def describe_short(cron: Cron) -> str:
    """When it fires, in about 16 characters; the expression itself if there are no such words."""
    words = _short(cron.pattern)
    return words if words and len(words) <= _WIDTH else cron.expression


def _short(pattern: Pattern) -> str:
    if pattern.years is not None:
        return ""
    days = _days(pattern)
    if days == "daily":
        return _interval(pattern) or _at("daily", pattern)
    return _at(days, pattern) if days else ""


def _interval(pattern: Pattern) -> str:
    """The words for what repeats round the clock: "every 5 min", "hourly at :00"."""
    seconds, minutes, hours = pattern.seconds, pattern.minutes, pattern.hours
    if minutes == SIXTY and hours == ALL_HOURS and (every := _every(seconds, 60, "second", "sec")):
        return every
    if seconds != {0}:
        return ""
    if hours == ALL_HOURS and (every := _every(minutes, 60, "minute", "min")):
        return every
    if len(minutes) > 1:
        return ""
    past = f"at :{min(minutes):02}"
    if hours == ALL_HOURS:
        return f"hourly {past}"
    every = _every(hours, 24, "hour", "h")
    return f"{every} {past}" if every else ""


def _every(values: frozenset[int], period: int, unit: str, short_unit: str) -> str:
    step, rest = divmod(period, len(values))
    if rest or len(values) == 1 or values != frozenset(range(0, period, step)):
        return ""
    return f"every {unit}" if step == 1 else f"every {step} {short_unit}"


def _at(days: str, pattern: Pattern) -> str:
    few = ", ".join(times(pattern, most=3))
    if not few:
        return ""
    spelled = f"{days} at {few}"
    return spelled if len(spelled) <= _ROOMY else f"{days} {few}"


def _days(pattern: Pattern) -> str:
    """The words for the days: "daily", "Mon-Fri", "1st", "1 Jan"; nothing if there are none."""
    rule = pattern.days
    if rule.both and rule.weekdays == ALL_WEEKDAYS:
        return _numbered(pattern, rule)
    if pattern.months != ALL_MONTHS or rule.days != ALL_DAYS or not rule.both:
        return ""
    return "" if rule.nth or rule.last_weekdays else _weekdays(rule.weekdays)


def _numbered(pattern: Pattern, rule: DayRule) -> str:
    if rule.days == ALL_DAYS:
        return "daily" if pattern.months == ALL_MONTHS else ""
    if rule.nearest or rule.last_workday or len(rule.days) + rule.last_day != 1:
        return ""
    if pattern.months == ALL_MONTHS:
        return "last day" if rule.last_day else _ordinal(min(rule.days))
    if len(pattern.months) > 1 or rule.last_day:
        return ""
    return f"{min(rule.days)} {_MONTHS[min(pattern.months) - 1]}"


def _weekdays(weekdays: frozenset[int]) -> str:
    names = [
        (WEEKDAY_NAMES[first % 7][:3], WEEKDAY_NAMES[last % 7][:3])
        for first, last in spans(sunday_last(weekdays))
    ]
    return ",".join(first if first == last else f"{first}-{last}" for first, last in names)


def _ordinal(number: int) -> str:
    endings = {1: "st", 2: "nd", 3: "rd"}
    ending = "th" if 11 <= number <= 13 else endings.get(number % 10, "th")
    return f"{number}{ending}"
