"""From the text of a cron expression to a `Pattern`: the values that each field allows.

The grammar is croner's: five fields, six with seconds in front, seven with a year at the end.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from taskengine.schedule.cron_error import CronError
from taskengine.schedule.days import DayRule, month_shape
from taskengine.schedule.expand import expand
from taskengine.schedule.fields import (
    DAY_OF_MONTH,
    DAY_OF_WEEK,
    HOUR,
    MINUTE,
    MONTH,
    SECOND,
    YEAR,
)
from taskengine.schedule.items import FieldItems, FieldReader

_MAX_LENGTH = 1000
_CYCLE = range(2000, 2400)  # the calendar repeats after 400 years
_FIELDS = (SECOND, MINUTE, HOUR, DAY_OF_MONTH, MONTH, DAY_OF_WEEK, YEAR)
_NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """What an expression means, apart from any zone.

    `text` is the same for expressions that differ only in case, spacing, `?` for `*`, or by a
    nickname. `years` is None for every year. `is_interval` tells an expression with `*`, `?` or
    `/` in second, minute or hour.
    """

    text: str
    seconds: frozenset[int]
    minutes: frozenset[int]
    hours: frozenset[int]
    days: DayRule
    months: frozenset[int]
    years: frozenset[int] | None
    is_interval: bool


def parse(expression: str) -> Pattern:
    """The pattern of an expression. Raises CronError."""
    texts = _split(expression)
    normal = " ".join(texts).upper().replace("?", "*")
    seven = ["0"] * (len(texts) == 5) + texts + ["*"] * (len(texts) < 7)
    pattern = _read(expression, normal, seven)
    _refuse_impossible(expression, pattern, seven[3])
    return pattern


def _split(expression: str) -> list[str]:
    if len(expression) > _MAX_LENGTH:
        message = f"a cron expression has at most {_MAX_LENGTH} characters"
        raise CronError(message, expression=expression)
    texts = expression.split()
    if len(texts) == 1 and texts[0].startswith("@"):
        texts = _long_form(expression, texts[0]).split()
    if 5 <= len(texts) <= 7:
        return texts
    raise CronError(
        f"a cron expression has 5, 6 or 7 fields, this one has {len(texts)}",
        expression=expression,
        hint="minute hour day-of-month month day-of-week; seconds go in front, a year at the end",
    )


def _long_form(expression: str, nickname: str) -> str:
    known = _NICKNAMES.get(nickname.lower())
    if known is not None:
        return known
    hint = "use one of " + " ".join(_NICKNAMES)
    if nickname.lower() == "@reboot":
        hint = "a start is no time that can be written as fields; use the option run_on_startup"
    message = f"there is no nickname {nickname!r}"
    raise CronError(message, expression=expression, value=nickname, hint=hint)


def _read(expression: str, normal: str, texts: list[str]) -> Pattern:
    weekday_text = texts[5].removeprefix("+")
    readable = [*texts[:5], weekday_text, texts[6]]
    items = [
        FieldReader(expression, field).read(text)
        for field, text in zip(_FIELDS, readable, strict=True)
    ]
    seconds, minutes, hours, days, months, weekdays = expand([read.spans for read in items[:6]])
    needs_both = weekday_text != texts[5] or _is_any(texts[3]) or _is_any(weekday_text)
    return Pattern(
        text=normal,
        seconds=seconds,
        minutes=minutes,
        hours=hours,
        days=_day_rule(days, weekdays, items[3], items[5], both=needs_both),
        months=months,
        years=None if _is_any(texts[6]) else _years(items[6]),
        is_interval=any(sign in text for text in texts[:3] for sign in "*?/"),
    )


def _is_any(text: str) -> bool:
    return text in ("*", "?")


def _day_rule(
    days: frozenset[int],
    weekdays: frozenset[int],
    day_items: FieldItems,
    weekday_items: FieldItems,
    *,
    both: bool,
) -> DayRule:
    return DayRule(
        days=days,
        weekdays=weekdays,
        nearest=frozenset(day_items.nearest),
        nth=frozenset(weekday_items.nth),
        last_weekdays=frozenset(weekday_items.last_weekdays),
        last_day=day_items.last_day,
        last_workday=day_items.last_workday,
        both=both,
    )


def _years(items: FieldItems) -> frozenset[int]:
    return frozenset(year for span in items.spans for year in span.values)


def _refuse_impossible(expression: str, pattern: Pattern, day_text: str) -> None:
    if any(pattern.days.matching(length, first) for length, first in _month_shapes(pattern)):
        return
    raise CronError(
        f"{DAY_OF_MONTH.name} {day_text!r} never fires: no month that is named has such a day",
        expression=expression,
        field=DAY_OF_MONTH.name,
        value=day_text,
        hint="name a month that is long enough, or L for the last day of a month",
    )


def _month_shapes(pattern: Pattern) -> Iterator[tuple[int, int]]:
    """The lengths and first weekdays of all months that the pattern names, each once."""
    seen: set[tuple[int, int]] = set()
    for year in pattern.years or _CYCLE:
        for month in pattern.months:
            shape = month_shape(year, month)
            if shape not in seen:
                seen.add(shape)
                yield shape
