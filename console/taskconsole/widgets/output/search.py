"""Finds a text in an output a slice at a time, newest lines first, so that nothing waits for it.

What an output holds in memory is read here. Where it is longer than that, others look through what
is older, on threads of their own: the lines they name are candidates, read here to be sure.
"""

import re
from array import array
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from typing import TypeAlias

from taskconsole.widgets.output.reading import KIND_AT, Stride, is_at_hand, read_numbered
from taskconsole.widgets.safe_text import MAX_SHOWN, make_safe
from taskengine.output import Output, OutputExtent

LINES_AT_ONCE = 2_000
LOCAL_LINES = 100_000  # as many as memory holds of one output, so that reading them takes no file
_OWN_LINES = 10_000  # the last ones, among which there may be some that nobody else knows of
_LOGGER_AT = KIND_AT + 1


Finder: TypeAlias = Callable[[str, int], AsyncIterator[Sequence[int]]]
"""Finds the lines of an output that hold a text, whatever the case, from a line on backwards: their
numbers in batches, descending.
"""


class Candidates:
    """Lines that may be hits, as somebody else finds them, newest first."""

    def __init__(self) -> None:
        self._batches: deque[Sequence[int]] = deque()
        self.is_over = False

    def offer(self, lines: Sequence[int]) -> None:
        """Further lines, descending, all of them before those that came earlier."""
        if lines:
            self._batches.append(lines)

    def first(self, within: int) -> Sequence[int]:
        """The lines to look at next, descending, of so many lines in a row; none where none have
        come.
        """
        if not self._batches:
            return ()
        lines = self._batches[0]
        lowest = lines[0] - within
        return lines[: bisect_left(lines, -lowest, key=lambda line: -line)]

    def drop(self, count: int) -> None:
        """So many of the first ones have been looked at."""
        self._batches[0] = self._batches[0][count:]
        if not self._batches[0]:
            self._batches.popleft()

    @property
    def is_waiting(self) -> bool:
        """Whether there is nothing to look at before more have come."""
        return not self._batches and not self.is_over

    @property
    def is_done(self) -> bool:
        """Whether all of them were looked at."""
        return not self._batches and self.is_over


class Search:
    """One search in one output. `hits` are the numbers of the lines found so far, ascending.

    `is_shown` says which encoded lines count. Small letters match capitals too, unless the query
    has a capital itself. With `candidates`, which come from before line `own_from`, it reads no
    older lines than those. `wanted` are lines that have to come before it can go on; None where
    none are waited for.
    """

    def __init__(
        self,
        query: str,
        total: int,
        is_shown: Callable[[str], bool],
        candidates: Candidates | None = None,
    ) -> None:
        flags = re.NOFLAG if any(map(str.isupper, query)) else re.IGNORECASE
        self.query = query
        self.pattern = re.compile(re.escape(query), flags)
        self.hits = array("q")
        self.candidates = candidates
        self.own_from = max(total - _OWN_LINES, 0) if candidates else 0
        self.wanted: range | None = None
        self._stride = Stride(LINES_AT_ONCE)
        self._is_shown = is_shown
        self._unread_below = self._read_up_to = total

    @property
    def is_complete(self) -> bool:
        """Whether all lines from before the search began have been looked at."""
        return self._has_read_own and (self.candidates is None or self.candidates.is_done)

    @property
    def _has_read_own(self) -> bool:
        return self._unread_below <= self.own_from

    def is_waiting(self, output: Output) -> bool:
        """Whether it can't go on by itself, though it is not complete."""
        if self.wanted is not None:
            return True
        if not self._has_read_own or self._read_up_to < output.extent.total:
            return False
        return self.candidates is not None and self.candidates.is_waiting

    def advance(self, output: Output) -> None:
        """Look at a slice of what is new, else at a slice of what is older."""
        extent = output.extent
        self._forget(extent.gap_start, extent.gap_end)
        if self._read_up_to < extent.total:
            self._advance_forwards(output, extent)
        elif not self._has_read_own:
            self._advance_backwards(output, extent)
        elif self.candidates and (lines := self.candidates.first(self._stride.lines)):
            self._look_at_candidates(output, extent, self.candidates, lines)

    def _advance_forwards(self, output: Output, extent: OutputExtent) -> None:
        start = max(self._read_up_to, extent.gap_end if self._read_up_to >= extent.gap_start else 0)
        stop = min(start + self._stride.lines, extent.total)
        if self._has(output, extent, start, stop):
            self._read_up_to = stop
            self.hits.extend(self._find(output, extent, start, stop))

    def _advance_backwards(self, output: Output, extent: OutputExtent) -> None:
        stop = self._unread_below
        if extent.gap_start < stop <= extent.gap_end:
            stop = extent.gap_start
        start = max(stop - self._stride.lines, self.own_from)
        if self._has(output, extent, start, stop):
            self._unread_below = start
            self.hits[0:0] = array("q", self._find(output, extent, start, stop))

    def _look_at_candidates(
        self, output: Output, extent: OutputExtent, candidates: Candidates, lines: Sequence[int]
    ) -> None:
        start, stop = lines[-1], lines[0] + 1
        if self._has(output, extent, start, stop):
            candidates.drop(len(lines))
            named = frozenset(lines)
            found = self._find(output, extent, start, stop)
            self.hits[0:0] = array("q", (line for line in found if line in named))

    def _has(self, output: Output, extent: OutputExtent, start: int, stop: int) -> bool:
        is_here = is_at_hand(output, extent, start, stop)
        self.wanted = None if is_here else range(start, stop)
        if is_here:
            self._stride.lengthen()
        else:
            self._stride.shorten()
        return is_here

    def _find(self, output: Output, extent: OutputExtent, start: int, stop: int) -> list[int]:
        return [
            line
            for line, encoded in read_numbered(output, extent, start, stop)
            if self._is_hit(encoded) and self._is_shown(encoded)
        ]

    def _is_hit(self, encoded: str) -> bool:
        if "\x1b" in encoded:
            return bool(self.pattern.search(make_safe(encoded[_LOGGER_AT:]).plain))
        return bool(self.pattern.search(encoded, _LOGGER_AT, _LOGGER_AT + MAX_SHOWN))

    def _forget(self, start: int, stop: int) -> None:
        del self.hits[bisect_left(self.hits, start) : bisect_left(self.hits, stop)]

    def next_hit(self, line: int) -> int | None:
        """The first hit below a line; after the last one the first again."""
        if not self.hits:
            return None
        index = bisect_right(self.hits, line)
        return self.hits[index % len(self.hits)]

    def previous_hit(self, line: int) -> int | None:
        """The last hit above a line; before the first one the last again."""
        return self.hits[bisect_left(self.hits, line) - 1] if self.hits else None

    def position(self, line: int) -> int:
        """Which hit a line is, from 1; 0 if it is none."""
        index = bisect_left(self.hits, line)
        return index + 1 if index < len(self.hits) and self.hits[index] == line else 0
