"""Lines that follow each other in rows, all of them or a chosen few."""

from array import array
from bisect import bisect_left, bisect_right
from typing import Protocol, Self


class Block(Protocol):
    """A stretch of lines. Rows count from the first row of the block."""

    @property
    def rows(self) -> int:
        """How many rows there are."""

    def add(self, line: int, rows: int) -> None:
        """Append a line that takes so many rows; 0 leaves it out."""

    def extend_to(self, line: int) -> None:
        """Append all lines before this one, a row each."""

    def drop_before(self, line: int) -> None:
        """Forget the lines before this one."""

    def take_before(self, line: int) -> Self:
        """Give away the lines before this one, as a block of their own."""

    def place(self, row: int) -> tuple[int, int]:
        """The line that a row belongs to, and which of the line's rows it is."""

    def row_of(self, line: int, section: int = 0) -> int:
        """The given row of a line, or the first of the next line that is there."""


class PlainBlock:
    """Every line in a row of its own: two numbers say it all."""

    def __init__(self) -> None:
        self._start = self._stop = 0

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self._stop - self._start

    def add(self, line: int, rows: int) -> None:
        """Append a line; it takes one row here."""
        self._stop = line + min(rows, 1)

    def extend_to(self, line: int) -> None:
        """Append all lines before this one."""
        self._stop = max(line, self._start)

    def drop_before(self, line: int) -> None:
        """Forget the lines before this one."""
        self._start = max(self._start, line)
        self._stop = max(self._stop, self._start)

    def take_before(self, line: int) -> "PlainBlock":
        """Give away the lines before this one."""
        taken = PlainBlock()
        taken._start, taken._stop = self._start, max(min(line, self._stop), self._start)
        self.drop_before(line)
        return taken

    def place(self, row: int) -> tuple[int, int]:
        """The line in a row."""
        return self._start + row, 0

    def row_of(self, line: int, section: int = 0) -> int:  # noqa: ARG002  (each has one)
        """The row of a line."""
        return min(max(line - self._start, 0), self.rows)


class IndexedBlock:
    """Chosen lines, each with as many rows as it needs."""

    def __init__(self) -> None:
        self._lines = array("q")
        # Where each line's rows end, counted from the first row there ever was.
        self._ends = array("q")
        self._start = 0

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return (self._ends[-1] if self._ends else self._start) - self._start

    def add(self, line: int, rows: int) -> None:
        """Append a line that takes so many rows; 0 leaves it out."""
        if rows:
            self._ends.append((self._ends[-1] if self._ends else self._start) + rows)
            self._lines.append(line)

    def extend_to(self, line: int) -> None:
        """Append all lines before this one, a row each."""
        for number in range(self._lines[-1] + 1 if self._lines else 0, line):
            self.add(number, 1)

    def drop_before(self, line: int) -> None:
        """Forget the lines before this one."""
        index = bisect_left(self._lines, line)
        if index:
            self._start = self._ends[index - 1]
            del self._lines[:index], self._ends[:index]

    def take_before(self, line: int) -> "IndexedBlock":
        """Give away the lines before this one."""
        taken, index = IndexedBlock(), bisect_left(self._lines, line)
        taken._start = self._start
        taken._lines, taken._ends = self._lines[:index], self._ends[:index]
        self.drop_before(line)
        return taken

    def place(self, row: int) -> tuple[int, int]:
        """The line that a row belongs to, and which of the line's rows it is."""
        row += self._start
        index = bisect_right(self._ends, row)
        return self._lines[index], row - self._first_row(index)

    def row_of(self, line: int, section: int = 0) -> int:
        """The given row of a line, its last one if it has fewer, or the next line's first."""
        index = bisect_left(self._lines, line)
        first = self._first_row(index)
        if index < len(self._lines) and self._lines[index] == line:
            first = min(first + section, self._ends[index] - 1)
        return first - self._start

    def _first_row(self, index: int) -> int:
        return self._ends[index - 1] if index else self._start
