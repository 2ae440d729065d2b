"""The nights on which the clocks of a zone change."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise

_CLOSE_ENOUGH = timedelta(seconds=1)


def change_between(earlier: datetime, later: datetime, zone: tzinfo) -> tuple[datetime, timedelta]:
    """When the clocks are changed between two instants that differ in their offset from UTC, as it
    is told there just after, and by how much: more than nothing is forward.
    """
    before = _offset(earlier, zone)
    low, high = earlier, later
    while high - low > _CLOSE_ENOUGH:
        middle = low + (high - low) / 2
        low, high = (middle, high) if _offset(middle, zone) == before else (low, middle)
    return high.astimezone(zone), _offset(high, zone) - before


def changes(instants: Sequence[datetime], zone: tzinfo) -> Sequence[tuple[datetime, str]]:
    """Before which of some instants in order the clocks are changed, and in words how:
    `Sun 29 Mar: the clocks go forward by 1 h`.
    """
    found = []
    for earlier, later in pairwise(instants):
        if _offset(earlier, zone) != _offset(later, zone):
            at, shift = change_between(earlier, later, zone)
            found.append((later, f"{at:%a} {at.day} {at:%b}: the clocks go {_in_words(shift)}"))
    return found


def _offset(instant: datetime, zone: tzinfo) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta(0)


def _in_words(shift: timedelta) -> str:
    minutes = abs(shift) // timedelta(minutes=1)
    amount = f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"
    return f"{'forward' if shift > timedelta(0) else 'back'} by {amount}"
