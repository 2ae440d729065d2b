"""Time zones as tables of offsets, so that the search for a fire needs no date arithmetic.

Instants are whole seconds since the epoch, UTC; offsets are seconds east of UTC; a wall-clock time
is their sum.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

_BLOCK_BITS = 27
_BLOCK = 1 << _BLOCK_BITS  # about four years, a millisecond to probe
_PROBE_STEP = 86_400  # no zone ever changed its clocks and back within three days
_LOOK_BACK = 2 * 86_400  # no clock was set back further: Alaska repeated a day in 1867

FIRST_INSTANT = int(datetime(1, 1, 5, tzinfo=UTC).timestamp())
LAST_INSTANT = int(datetime(9999, 12, 30, tzinfo=UTC).timestamp())


class Segment(NamedTuple):
    """A stretch of time from `start` up to `end` in which the zone's offset is the same.

    `fresh` is the first wall-clock time that was never shown before `start`: later than the time
    at `start` if the clock was set back there; earlier if it was set forward, and then the times
    between are those it skipped.
    """

    start: int
    end: int
    offset: int
    fresh: int


@dataclass(frozen=True, slots=True)
class _Block:
    """The segments of one block of time; `ends` repeats where they end, for the search."""

    segments: tuple[Segment, ...]
    ends: tuple[int, ...]


class Zone:
    """The offsets of a zone, probed block by block when first needed, and kept.

    Safe to use from every thread: a block is complete before others see it. Every instant asked
    for lies from `FIRST_INSTANT` up to `LAST_INSTANT`.
    """

    __slots__ = ("_blocks", "_info")

    def __init__(self, info: tzinfo) -> None:
        self._info = info
        self._blocks: dict[int, _Block] = {}

    def segment(self, instant: int) -> Segment:
        """The segment an instant lies in.

        It may be cut short; then one of the same offset follows, in which nothing is skipped.
        """
        number = instant >> _BLOCK_BITS
        block = self._blocks.get(number)
        if block is None:
            block = self._blocks[number] = self._probe(number << _BLOCK_BITS)
        return block.segments[bisect_right(block.ends, instant)]

    def _probe(self, block_start: int) -> _Block:
        start = max(block_start, FIRST_INSTANT)
        end = min(block_start + _BLOCK, LAST_INSTANT)
        before = start - _LOOK_BACK
        bounds = [before, *self._changes(before, end), end]
        segments: list[Segment] = []
        fresh = before + self._offset(before)
        for left, right in pairwise(bounds):
            offset = self._offset(left)
            segments.append(Segment(left, right, offset, fresh))
            fresh = max(fresh, right + offset)
        kept = tuple(segment for segment in segments if segment.end > start)
        return _Block(kept, tuple(segment.end for segment in kept))

    def _changes(self, start: int, end: int) -> Iterator[int]:
        """The instants after `start` and before `end` from which another offset holds."""
        offset = self._offset(start)
        while start < end - 1:
            following = min(start + _PROBE_STEP, end - 1)
            if self._offset(following) != offset:
                following = self._first_change(start, following)
                offset = self._offset(following)
                yield following
            start = following

    def _first_change(self, start: int, end: int) -> int:
        offset = self._offset(start)
        while end - start > 1:
            middle = (start + end) // 2
            if self._offset(middle) == offset:
                start = middle
            else:
                end = middle
        return end

    def _offset(self, instant: int) -> int:
        offset = datetime.fromtimestamp(instant, self._info).utcoffset()
        assert offset is not None
        return offset.days * 86_400 + offset.seconds


@cache
def load_zone(name: str) -> Zone:
    """The zone of an IANA name. Raises KeyError, ValueError or OSError for what is no such name."""
    return Zone(ZoneInfo(name))
