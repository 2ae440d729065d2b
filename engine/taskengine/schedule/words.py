"""A cron expression in words.

The words are cron-descriptor's where it speaks the truth, and our own where it does not. It never
sees what an author wrote (it calls `*/90` "every 90 minutes", and `9-9` "minutes 9 through 9"), but
an expression of the same meaning made from the values, in forms whose words were checked.
"""

from functools import lru_cache
from importlib import import_module

from taskengine.schedule.cron import Cron
from taskengine.schedule.days import DayRule
from taskengine.schedule.pattern import Pattern
from taskengine.schedule.phrases import (
    ALL_DAYS,
    ALL_HOURS,
    ALL_MONTHS,
    ALL_WEEKDAYS,
    SIXTY,
    compact,
    plain_words,
    spans,
    sunday_last,
    year_words,
)
from taskengine.schedule.short_words import describe_short

__all__ = ["describe", "describe_short"]


@lru_cache(maxsize=4096)
def describe(cron: Cron) -> str:
    """When it fires, as a sentence without its full stop: "At 09:30, Monday through Friday"."""
    pattern = cron.pattern
    if not (_is_time_readable(pattern) and _is_day_readable(pattern.days)):
        return plain_words(pattern)
    parts = [_descriptor_words(_canonical(pattern))]
    if _is_daily(pattern):
        parts.append("every day")
    return ", ".join(parts + year_words(pattern))


def _descriptor_words(expression: str) -> str:
    # Imported here because a start that shows no sentence should not wait for it.
    descriptor = import_module("cron_descriptor")
    options = descriptor.Options()
    options.locale_code = "en_US"
    options.use_24hour_time_format = True
    return str(descriptor.ExpressionDescriptor(expression, options).get_description())


def _is_daily(pattern: Pattern) -> bool:
    every_month = pattern.months == ALL_MONTHS
    return every_month and pattern.hours != ALL_HOURS and _day_fields(pattern.days) == ("*", "*")


def _is_time_readable(pattern: Pattern) -> bool:
    """Whether cron-descriptor's words for the time of day are clear and true."""
    one_stretch = len(spans(pattern.hours)) == 1
    if pattern.seconds != {0}:
        if len(pattern.seconds) == len(pattern.minutes) == 1:
            return not one_stretch or len(pattern.hours) == 1
        return one_stretch and pattern.minutes == SIXTY and _is_even(pattern.seconds, 60)
    if len(pattern.minutes) == 1 or pattern.hours == ALL_HOURS:
        return True
    return one_stretch and (len(pattern.hours) > 1 or _is_even(pattern.minutes, 60))


def _is_day_readable(rule: DayRule) -> bool:
    """Whether there is one kind of item per field, and no weekday that has to meet a number."""
    number_kinds = [rule.days, *rule.nearest, rule.last_day, rule.last_workday]
    weekday_kinds = [rule.weekdays, *rule.nth, *rule.last_weekdays]
    if any(sum(map(bool, kinds)) > 1 for kinds in (number_kinds, weekday_kinds)):
        return False
    return not rule.both or rule.days == ALL_DAYS or rule.weekdays == ALL_WEEKDAYS


def _canonical(pattern: Pattern) -> str:
    """An expression of the same meaning, but for its years, that cron-descriptor reads rightly."""
    day, weekday = _day_fields(pattern.days)
    fields = (
        _stepped(pattern.seconds, 60),
        _stepped(pattern.minutes, 60),
        _hours(pattern),
        day,
        "*" if pattern.months == ALL_MONTHS else ",".join(compact(pattern.months)),
        weekday,
    )
    return " ".join(fields)


def _day_fields(rule: DayRule) -> tuple[str, str]:
    if not rule.both and (rule.days == ALL_DAYS or rule.weekdays == ALL_WEEKDAYS):
        return "*", "*"
    return _day_field(rule), _weekday_field(rule)


def _day_field(rule: DayRule) -> str:
    if rule.days == ALL_DAYS:
        return "*"
    special = [f"{day}W" for day in rule.nearest] + ["L"] * rule.last_day
    return ",".join(compact(rule.days) + special + ["LW"] * rule.last_workday)


def _weekday_field(rule: DayRule) -> str:
    if rule.weekdays == ALL_WEEKDAYS:
        return "*"
    special = [f"{day}#{place}" for day, place in rule.nth] + [
        f"{day}L" for day in rule.last_weekdays
    ]
    return ",".join(compact(sunday_last(rule.weekdays)) + special)


def _hours(pattern: Pattern) -> str:
    stretches = spans(pattern.hours)
    if len(stretches) == 1 and len(pattern.minutes) > 1 and pattern.hours != ALL_HOURS:
        return f"{stretches[0][0]}-{stretches[0][1]}"
    # A range within a list would be worded as all minutes from its first hour to its last.
    if len(stretches) > 1 and not _is_even(pattern.hours, 24):
        return ",".join(map(str, sorted(pattern.hours)))
    return _stepped(pattern.hours, 24)


def _stepped(values: frozenset[int], period: int) -> str:
    if not _is_even(values, period):
        return ",".join(compact(values))
    step = period // len(values)
    return "*" if step == 1 else f"*/{step}"


def _is_even(values: frozenset[int], period: int) -> bool:
    """Whether the values come in even steps, over the end of the period too."""
    step, rest = divmod(period, len(values))
    return rest == 0 and step < period and values == frozenset(range(0, period, step))
