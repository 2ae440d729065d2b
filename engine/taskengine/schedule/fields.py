"""The seven fields of a cron expression: their names, their ranges, the words they accept."""

from dataclasses import dataclass

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its values run from `low` to `high`, `*` means `low` to `last`.

    The two differ for weekdays, where Sunday is 0 and 7. `names` are those of the values from
    `low` on, in upper case.
    """

    name: str
    low: int
    high: int
    last: int
    names: tuple[str, ...] = ()

    @property
    def period(self) -> int:
        """How many different values there are."""
        return self.last - self.low + 1

    @property
    def allowed(self) -> str:
        """The range of values, as a message says it."""
        numbers = f"{self.low}-{self.high}"
        return f"{numbers} or {self.names[0]}-{self.names[-1]}" if self.names else numbers


SECOND = Field("second", 0, 59, 59)
MINUTE = Field("minute", 0, 59, 59)
HOUR = Field("hour", 0, 23, 23)
DAY_OF_MONTH = Field("day-of-month", 1, 31, 31)
MONTH = Field("month", 1, 12, 12, _MONTHS)
DAY_OF_WEEK = Field("day-of-week", 0, 7, 6, _WEEKDAYS)
YEAR = Field("year", 1970, 9999, 9999)
