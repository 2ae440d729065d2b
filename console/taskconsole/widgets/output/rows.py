"""Which line of an output stands in which row of the view, with a filter, wrapping and a gap.

Lines keep their numbers for ever; rows move up as lines are dropped. Head and tail of the output
are a block each, with one row between them that stands for all the lines that were dropped.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from taskconsole.widgets.output.blocks import Block, IndexedBlock, PlainBlock
from taskconsole.widgets.output.reading import read_numbered
from taskengine.output import Output, OutputExtent

LINES_AT_ONCE = 1_000
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
    line takes one row, and nothing needs to be read to know where a line stands.
    """

    def __init__(self, height_of: HeightOf | None = None) -> None:
        self._height_of = height_of
        self._head: Block = IndexedBlock() if height_of else PlainBlock()
        self._tail: Block = IndexedBlock() if height_of else PlainBlock()
        self._seen = 0
        self.extent = _NOTHING_WRITTEN
        self.partial_rows = 0

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
        return 1 if self.extent.dropped else 0

    @property
    def _tail_start(self) -> int:
        return self._head.rows + self._gap_rows

    def catch_up(self, output: Output) -> None:
        """Take in what was written and dropped since the last call, or a good part of it."""
        self.extent = extent = output.extent
        self._tail.drop_before(extent.gap_end)
        if self._height_of is None:
            self._head.extend_to(extent.gap_start)
            self._tail.extend_to(extent.total)
            self._seen = extent.total
            return
        if extent.gap_start <= self._seen < extent.gap_end:
            self._seen = extent.gap_end
        stop = min(self._seen + LINES_AT_ONCE, extent.total)
        for line, encoded in read_numbered(output, extent, self._seen, stop):
            block = self._head if line < extent.gap_start else self._tail
            block.add(line, self._height_of(encoded))
        self._seen = stop

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
        if line < self.extent.gap_start:
            return self._head.row_of(line, section)
        if line < self.extent.gap_end:
            return self._head.rows
        return self._tail_start + self._tail.row_of(line, section)

    def anchor(self, row: int) -> Place:
        """A row's place in terms that outlive a change of the rows: a line's number."""
        place = self.place(row)
        if place.line is Special.GAP:
            return Place(self.extent.gap_start)
        if isinstance(place.line, Special):
            return Place(self.extent.total, place.section)
        return place
