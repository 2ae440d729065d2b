"""Which line of an output stands in which row of the view, with a filter, wrapping and a gap.

Lines keep their numbers for ever; rows move up as lines are dropped. Head and tail of the output
are a block each, with one row between them that stands for all the lines that were dropped. As long
as none were, everything is tail: where an output says that its empty gap is means nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from taskconsole.widgets.output.blocks import Block, IndexedBlock, PlainBlock
from taskconsole.widgets.output.reading import Stride, is_at_hand, read_numbered
from taskengine.output import Output, OutputExtent

LINES_AT_ONCE = 1_000
AHEAD = 20_000  # lines that are sent for at a time where they are not at hand
_NOTHING_WRITTEN = OutputExtent(0, 0, 0)

HeightOf = Callable[[str], int]


class Special(Enum):
    """Rows that are no line of the output."""

    GAP = "gap"
    PARTIAL = "partial"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Place:
    """What stands in a row: a line's number or something special, and which row of it."""

    line: int | Special
    section: int = 0


class Rows:
    """The rows of an output as it stood at the last `catch_up`.

    `height_of` says how many rows an encoded line takes, 0 if it is not shown. Without it every
    line takes one row, and nothing needs to be read to know where a line stands. `wanted` are lines
    that have to come before it can go on; None where none are waited for.
    """

    def __init__(self, height_of: HeightOf | None = None) -> None:
        self._height_of = height_of
        self.extent = _NOTHING_WRITTEN
        self.partial_rows = 0
        self.wanted: range | None = None
        self._stride = Stride(LINES_AT_ONCE)
        self._begin()

    def _begin(self) -> None:
        self._head: Block = IndexedBlock() if self._height_of else PlainBlock()
        self._tail: Block = IndexedBlock() if self._height_of else PlainBlock()
        self._gap = range(0)
        self._seen = 0

    @property
    def is_complete(self) -> bool:
        """Whether every line of the extent has its rows."""
        return self._seen >= self.extent.total

    @property
    def count(self) -> int:
        """How many rows there are."""
        return self._tail_start + self._tail.rows + self.partial_rows

    @property
    def _gap_rows(self) -> int:
        return 1 if self._gap else 0

    @property
    def _tail_start(self) -> int:
        return self._head.rows + self._gap_rows

    def catch_up(self, output: Output) -> None:
        """Take in what was written and dropped since the last call, or a good part of it."""
        self.extent = extent = output.extent
        self._follow_gap(range(extent.gap_start, extent.gap_end))
        if self._height_of is None:
            self._head.extend_to(self._gap.start)
            self._tail.extend_to(extent.total)
            self._seen = extent.total
            return
        if self._seen in self._gap:
            self._seen = self._gap.stop
        stop = min(self._seen + self._stride.lines, extent.total)
        self.wanted = None
        if not is_at_hand(output, extent, self._seen, stop):
            self.wanted = range(self._seen, min(self._seen + AHEAD, extent.total))
            self._stride.shorten()
            return
        self._stride.lengthen()
        for line, encoded in read_numbered(output, extent, self._seen, stop):
            block = self._head if line < self._gap.start else self._tail
            block.add(line, self._height_of(encoded))
        self._seen = stop

    def _follow_gap(self, gap: range) -> None:
        """Leave out what was dropped. Only the file may have again what memory has dropped: then
        all lines are looked at anew.
        """
        before = self._gap
        if not gap:
            gap = range(0)
        if before and (gap.start != before.start or gap.stop < before.stop):
            self._begin()
        if gap and not self._gap:
            self._head = self._tail.take_before(gap.start)
        self._tail.drop_before(gap.stop)
        self._gap = gap

    def place(self, row: int) -> Place:
        """What stands in a row."""
        if row < self._head.rows:
            return Place(*self._head.place(row))
        if row < self._tail_start:
            return Place(Special.GAP)
        row -= self._tail_start
        if row < self._tail.rows:
            return Place(*self._tail.place(row))
        row -= self._tail.rows
        return Place(Special.PARTIAL, row) if row < self.partial_rows else Place(Special.NOTHING)

    def row_of(self, line: int, section: int = 0) -> int:
        """The row of a line, of the gap if it was dropped, or of the next line that is shown."""
        if line < self._gap.start:
            return self._head.row_of(line, section)
        if line < self._gap.stop:
            return self._head.rows
        return self._tail_start + self._tail.row_of(line, section)

    def anchor(self, row: int) -> Place:
        """A row's place in terms that outlive a change of the rows: a line's number."""
        place = self.place(row)
        if place.line is Special.GAP:
            return Place(self._gap.start)
        if isinstance(place.line, Special):
            return Place(self.extent.total, place.section)
        return place
