"""The items of one field: each is checked, and refused with its reason or sorted by what it is.

Plain items (`*`, values, ranges, steps) are left to croniter. The rest is read here: `L`, `LW`,
`15W`, `MON#2`, `5L`, which croniter reads wrongly or not at all, alone or in lists.
"""

from dataclasses import dataclass, field

from taskengine.schedule.cron_error import CronError
from taskengine.schedule.fields import DAY_OF_MONTH, DAY_OF_WEEK, Field

_PLACES = {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5}


@dataclass(frozen=True, slots=True)
class Span:
    """A plain item: from `low` to `high` in steps of `step`."""

    low: int
    high: int
    step: int

    @property
    def values(self) -> range:
        """The numbers it stands for; a Sunday may be 7."""
        return range(self.low, self.high + 1, self.step)


@dataclass(slots=True)
class FieldItems:
    """The items of a field, sorted by kind; for the special kinds see `DayRule`."""

    spans: list[Span] = field(default_factory=list)
    nearest: set[int] = field(default_factory=set)
    nth: set[tuple[int, int]] = field(default_factory=set)
    last_weekdays: set[int] = field(default_factory=set)
    last_day: bool = False
    last_workday: bool = False


class FieldReader:
    """Reads one field of one expression."""

    def __init__(self, expression: str, field: Field) -> None:
        self._expression = expression
        self._field = field
        self._items = FieldItems()
        self._item = ""

    def read(self, text: str) -> FieldItems:
        """The items of the field's text. Raises CronError."""
        for item in text.split(","):
            self._item = item or text
            self._read_item(item.upper().replace("?", "*"))
        return self._items

    def _read_item(self, text: str) -> None:
        if not text:
            raise self._refusal("has an empty item", "a comma stands between two items")
        if self._field is DAY_OF_MONTH and text.endswith(("L", "W")):
            self._read_special_day(text)
        elif "#" in text or (self._field is DAY_OF_WEEK and text.endswith("L")):
            self._read_placed_weekday(text)
        else:
            self._items.spans.append(self._span(text))

    def _read_special_day(self, text: str) -> None:
        if text == "L":
            self._items.last_day = True
        elif text == "LW":
            self._items.last_workday = True
        elif text.endswith("W"):
            self._items.nearest.add(self._value(text.removesuffix("W")))
        else:
            raise self._refusal("is not a day", "L, the last day, and LW stand alone")

    def _read_placed_weekday(self, text: str) -> None:
        if self._field is not DAY_OF_WEEK:
            raise self._refusal("counts weekdays", "# belongs in the day-of-week field")
        base, hash_sign, place = text.partition("#")
        if not hash_sign:
            base, place = text.removesuffix("L"), "L"
        weekdays = {number % 7 for number in self._span(base).values}
        if place == "L":
            self._items.last_weekdays |= weekdays
        elif place in _PLACES:
            self._items.nth |= {(weekday, _PLACES[place]) for weekday in weekdays}
        else:
            raise self._refusal("names no place in a month", "after # comes 1-5, or L for the last")

    def _span(self, text: str) -> Span:
        base, slash, step = text.partition("/")
        if not slash:
            return Span(*self._bounds(base), 1)
        if not base:
            raise self._refusal("has a step without a range", f"write */{step}")
        low, high = self._bounds(base)
        if base != "*" and "-" not in base:
            mend = f"write {base}-{self._field.last}/{step}"
            raise self._refusal("has a step without a range", mend)
        return Span(low, high, self._step(step))

    def _bounds(self, base: str) -> tuple[int, int]:
        if base == "*":
            return self._field.low, self._field.last
        first, dash, last = base.partition("-")
        low = self._value(first)
        if not dash:
            return low, low
        # A Sunday that ends a range comes after Saturday, as in MON-SUN.
        is_final_sunday = last == "SUN" and self._field is DAY_OF_WEEK
        high = 7 if is_final_sunday else self._value(last)
        if low > high:
            mend = f"write {first}-{self._field.last},{self._field.low}-{last}"
            raise self._refusal("runs backwards", mend)
        return low, high

    def _value(self, text: str) -> int:
        field = self._field
        if text in field.names:
            return field.low + field.names.index(text)
        if not (text.isascii() and text.isdigit()):
            raise self._refusal(self._fault(text), self._mend(text))
        if not field.low <= int(text) <= field.high:
            raise self._refusal("is out of range", self._mend(text))
        return int(text)

    def _fault(self, text: str) -> str:
        if not text:
            return "lacks a value"
        return "is not a value" if text == self._item.upper() else f"contains {text}, not a value"

    def _mend(self, text: str) -> str:
        short = text[:3]
        return f"write {short}" if short in self._field.names else f"use {self._field.allowed}"

    def _step(self, text: str) -> int:
        period = self._field.period
        mend = f"a step is a whole number, 1-{period}"
        if not (text.isascii() and text.isdigit() and int(text) > 0):
            raise self._refusal("has no valid step", mend)
        if int(text) > period:
            raise self._refusal("has a step larger than the field", mend)
        return int(text)

    def _refusal(self, why: str, hint: str) -> CronError:
        return CronError(
            f"{self._field.name} {self._item!r} {why}; allowed: {self._field.allowed}",
            expression=self._expression,
            field=self._field.name,
            value=self._item,
            hint=hint,
        )
