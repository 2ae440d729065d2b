"""The fields of a cron expression as they were written, each with what it allows."""

from collections.abc import Iterator
from dataclasses import dataclass

from taskengine.schedule import fields
from taskengine.schedule.fields import Field
from taskengine.schedule.pattern import Pattern
from taskengine.schedule.phrases import compact

_FIELDS = (
    fields.SECOND,
    fields.MINUTE,
    fields.HOUR,
    fields.DAY_OF_MONTH,
    fields.MONTH,
    fields.DAY_OF_WEEK,
    fields.YEAR,
)
_SHOWN = 60  # characters


@dataclass(frozen=True, slots=True)
class WrittenField:
    """A field's name and its text. `values` are the numbers that it allows, in order; None where it
    allows all of them, or days that differ from month to month.
    """

    name: str
    text: str
    values: tuple[int, ...] | None

    @property
    def meaning(self) -> str:
        """What the text stands for; nothing where that is what it says."""
        if self.text == "*":
            return "every"
        text = ",".join(compact(self.values or ()))
        shown = f"{text[: _SHOWN - 1]}…" if len(text) > _SHOWN else text
        return "" if text == self.text else shown


def written_fields(pattern: Pattern) -> Iterator[WrittenField]:
    """The five, six or seven fields of an expression; a nickname's are those it stands for."""
    texts = pattern.text.split()
    named = _FIELDS if len(texts) == len(_FIELDS) else _FIELDS[6 - len(texts) : 6]
    for field, text in zip(named, texts, strict=True):
        yield WrittenField(field.name, text, None if text == "*" else _values(field, pattern))


def range_of(name: str | None) -> str | None:
    """The values that a field allows, by its name: `0-59`, `1-12 or JAN-DEC`."""
    return next((field.allowed for field in _FIELDS if field.name == name), None)


def _values(field: Field, pattern: Pattern) -> tuple[int, ...] | None:
    days = pattern.days
    is_special = {
        fields.DAY_OF_MONTH: bool(days.nearest or days.last_day or days.last_workday),
        fields.DAY_OF_WEEK: bool(days.nth or days.last_weekdays),
    }
    if is_special.get(field):
        return None
    found = {
        fields.SECOND: pattern.seconds,
        fields.MINUTE: pattern.minutes,
        fields.HOUR: pattern.hours,
        fields.DAY_OF_MONTH: days.days,
        fields.MONTH: pattern.months,
        fields.DAY_OF_WEEK: days.weekdays,
        fields.YEAR: pattern.years or frozenset(),
    }
    return tuple(sorted(found[field]))
