"""The walk along the calendar: the next wall-clock time that a pattern matches.

Wall-clock times are whole seconds since 1970-01-01 00:00 on the schedule's own clock. No zone and
no clock change is known here.
"""

from bisect import bisect_left
from datetime import date
from functools import lru_cache

from taskengine.schedule.days import month_shape
from taskengine.schedule.pattern import Pattern

DAY = 86_400
_LAST_YEAR = 9999
_EPOCH = date(1970, 1, 1).toordinal()
_LAST_DAY = date(_LAST_YEAR, 12, 31).toordinal() - _EPOCH
_NONE = -1
_Table = tuple[int, ...]


@lru_cache(maxsize=4096)  # thousands of schedules share a handful of tables
def _table(values: frozenset[int], size: int) -> _Table:
    """For each number below `size`: the least of `values` that is no smaller, or -1."""
    table = [_NONE] * size
    following = _NONE
    for number in reversed(range(size)):
        following = number if number in values else following
        table[number] = following
    return tuple(table)


_NO_DAYS = _table(frozenset(), 33)


class Walk:
    """Finds matching wall-clock times. Safe to use from every thread."""

    __slots__ = (
        "_days",
        "_first_time",
        "_hours",
        "_last_year",
        "_minutes",
        "_month_tables",
        "_months",
        "_seconds",
        "_shape_tables",
        "_years",
    )

    def __init__(self, pattern: Pattern) -> None:
        self._seconds = _table(pattern.seconds, 60)
        self._minutes = _table(pattern.minutes, 61)
        self._hours = _table(pattern.hours, 25)
        self._first_time = self._hours[0] * 3600 + self._minutes[0] * 60 + self._seconds[0]
        self._days = pattern.days
        self._months = _table(pattern.months, 14)
        self._years = sorted(pattern.years or ())
        self._month_tables: dict[int, _Table] = {}
        self._shape_tables: dict[tuple[int, int], _Table] = {}
        self._last_year = self._years[-1] if self._years else _LAST_YEAR

    def next(self, wall: int) -> int | None:
        """The first matching time that is not before `wall`; None after the last year."""
        day, second = divmod(wall, DAY)
        if day > _LAST_DAY:
            return None
        today = date.fromordinal(day + _EPOCH)
        year, month, number = today.year, today.month, today.day
        table = self._month_tables.get(year * 12 + month) or self._month_table(year, month)
        earliest = number
        if table[number] == number:
            time = self._time_from(second)
            if time != _NONE:
                return wall - second + time
            earliest += 1
        found = table[earliest]
        if found != _NONE:
            return (day + found - number) * DAY + self._first_time
        return self._first_after(year, month)

    def _time_from(self, second: int) -> int:
        """The first matching second of a day from `second` on, or -1."""
        minute, second = divmod(second, 60)
        hour, minute = divmod(minute, 60)
        if self._hours[hour] == hour:
            if self._minutes[minute] == minute and self._seconds[second] != _NONE:
                return hour * 3600 + minute * 60 + self._seconds[second]
            later = self._minutes[minute + 1]
            if later != _NONE:
                return hour * 3600 + later * 60 + self._seconds[0]
        later = self._hours[hour + 1]
        if later == _NONE:
            return _NONE
        return self._first_time + (later - self._hours[0]) * 3600

    def _first_after(self, year: int, month: int) -> int | None:
        """The first matching time in a later month."""
        while True:
            month = self._months[month + 1]
            if month == _NONE:
                year, month = year + 1, self._months[0]
            if year > self._last_year:
                return None
            if self._years and (later := self._years[bisect_left(self._years, year)]) != year:
                year, month = later, self._months[0]
            found = self._month_table(year, month)[1]
            if found != _NONE:
                day = date(year, month, found).toordinal() - _EPOCH
                return day * DAY + self._first_time

    def _month_table(self, year: int, month: int) -> _Table:
        """The matching days of a month; kept, as the same months are asked for again and again."""
        key = year * 12 + month
        table = self._month_tables.get(key)
        if table is None:
            table = self._month_tables[key] = self._reckon(year, month)
        return table

    def _reckon(self, year: int, month: int) -> _Table:
        if self._months[month] != month or (self._years and year not in self._years):
            return _NO_DAYS
        shape = month_shape(year, month)
        table = self._shape_tables.get(shape)
        if table is None:
            days = frozenset(self._days.matching(*shape))
            table = self._shape_tables[shape] = _table(days, 33)
        return table
