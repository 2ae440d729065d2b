"""Finds a text in an output a slice at a time, newest lines first, so that nothing waits for it."""

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable

from taskconsole.widgets.output.reading import KIND_AT, read_numbered
from taskconsole.widgets.safe_text import MAX_SHOWN, make_safe
from taskengine.output import Output

LINES_AT_ONCE = 2_000
_LOGGER_AT = KIND_AT + 1


class Search:
    """One search in one output. `hits` are the numbers of the lines found so far, ascending.

    `is_shown` says which encoded lines count. Small letters match capitals too, unless the query
    has a capital itself.
    """

    def __init__(self, query: str, total: int, is_shown: Callable[[str], bool]) -> None:
        flags = re.NOFLAG if any(map(str.isupper, query)) else re.IGNORECASE
        self.query = query
        self.pattern = re.compile(re.escape(query), flags)
        self.hits = array("q")
        self._is_shown = is_shown
        self._unread_below = self._read_up_to = total

    @property
    def is_complete(self) -> bool:
        """Whether all lines from before the search began have been looked at."""
        return self._unread_below == 0

    def advance(self, output: Output) -> None:
        """Look at a slice of what is new, else at a slice of what is older."""
        extent = output.extent
        self._forget(extent.gap_start, extent.gap_end)
        if self._read_up_to < extent.total:
            start = max(
                self._read_up_to, extent.gap_end if self._read_up_to >= extent.gap_start else 0
            )
            self._read_up_to = min(start + LINES_AT_ONCE, extent.total)
            self.hits.extend(self._find(output, start, self._read_up_to))
        elif self._unread_below:
            self._advance_backwards(output)

    def _advance_backwards(self, output: Output) -> None:
        extent = output.extent
        stop = self._unread_below
        if extent.gap_start < stop <= extent.gap_end:
            stop = extent.gap_start
        self._unread_below = max(stop - LINES_AT_ONCE, 0)
        self.hits[0:0] = array("q", self._find(output, self._unread_below, stop))

    def _find(self, output: Output, start: int, stop: int) -> list[int]:
        return [
            line
            for line, encoded in read_numbered(output, output.extent, start, stop)
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
