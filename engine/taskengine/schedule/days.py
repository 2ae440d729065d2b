"""Which days of a month an expression means: days by number, by weekday, last, nearest, n-th."""

from dataclasses import dataclass
from datetime import date

SUNDAY, SATURDAY = 0, 6
_BEYOND_28 = (0, 3, 0, 3, 2, 3, 2, 3, 3, 2, 3, 2, 3)  # by month, from 1


def month_shape(year: int, month: int) -> tuple[int, int]:
    """The number of days of a month, and the weekday of its first, from Sunday, 0."""
    length = 28 + _BEYOND_28[month] + (month == 2 and _is_leap(year))
    return length, date(year, month, 1).toordinal() % 7


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRule:
    """The two day fields together. Weekdays count from Sunday, 0.

    `nearest` are the days of `15W`, `nth` pairs of weekday and place in the month (`MON#2`),
    `last_weekdays` the weekdays of `5L`. With `both` a day must satisfy both fields, else either.
    """

    days: frozenset[int]
    weekdays: frozenset[int]
    nearest: frozenset[int] = frozenset()
    nth: frozenset[tuple[int, int]] = frozenset()
    last_weekdays: frozenset[int] = frozenset()
    last_day: bool = False
    last_workday: bool = False
    both: bool = True

    def matching(self, length: int, first: int) -> list[int]:
        """The days, ascending, of a month of `length` days that begins on the weekday `first`."""
        by_number = self._by_number(length, first)
        by_weekday = {
            day
            for day in range(1, length + 1)
            if self._is_weekday_meant(day, length, (first + day - 1) % 7)
        }
        return sorted(by_number & by_weekday if self.both else by_number | by_weekday)

    def _by_number(self, length: int, first: int) -> set[int]:
        days = {day for day in self.days if day <= length}
        if self.last_day:
            days.add(length)
        nearest = {day for day in self.nearest if day <= length}
        if self.last_workday:
            nearest.add(length)
        return days | {_nearest_workday(day, length, (first + day - 1) % 7) for day in nearest}

    def _is_weekday_meant(self, day: int, length: int, weekday: int) -> bool:
        return (
            weekday in self.weekdays
            or (weekday, (day + 6) // 7) in self.nth
            or (weekday in self.last_weekdays and day + 7 > length)
        )


def _nearest_workday(day: int, length: int, weekday: int) -> int:
    """The Monday to Friday closest to `day` that does not leave the month."""
    if weekday == SATURDAY:
        return day - 1 if day > 1 else day + 2
    if weekday == SUNDAY:
        return day + 1 if day < length else day - 2
    return day
