"""Lines of one output that were fetched, as far as there is room for them."""

from collections import OrderedDict
from collections.abc import Iterator, Sequence

BLOCK = 512
MOST_LINES = 120_000  # more than memory holds of one output in an engine
MOST_CHARS = 32_000_000


class _Block:
    """Room for so many lines; None stands for one that is not there."""

    def __init__(self) -> None:
        self.lines: list[str | None] = [None] * BLOCK
        self.count = 0
        self.chars = 0

    def put(self, start: int, lines: Sequence[str]) -> None:
        stop = start + len(lines)
        before = self.lines[start:stop] if self.count else ()
        self.lines[start:stop] = lines
        self.count += len(lines)
        self.chars += sum(map(len, lines))
        for line in before:
            if line is not None:
                self.count -= 1
                self.chars -= len(line)

    def missing(self, start: int, stop: int) -> tuple[int, int] | None:
        if self.count == BLOCK:
            return None
        gaps = [at for at, line in enumerate(self.lines[start:stop], start) if line is None]
        return (gaps[0], gaps[-1] + 1) if gaps else None


class LineStore:
    """Encoded lines by their numbers, in blocks; the blocks that were used last stay."""

    def __init__(self, most_lines: int = MOST_LINES, most_chars: int = MOST_CHARS) -> None:
        self._blocks: OrderedDict[int, _Block] = OrderedDict()
        self._lines = 0
        self._chars = 0
        self._most_lines = most_lines
        self._most_chars = most_chars

    def put(self, start: int, lines: Sequence[str]) -> None:
        """Keep lines, the first of which has the number `start`."""
        for number, first, last in _parts(start, start + len(lines)):
            block = self._blocks.setdefault(number, _Block())
            self._lines -= block.count
            self._chars -= block.chars
            offset = number * BLOCK - start
            block.put(first, lines[offset + first : offset + last])
            self._lines += block.count
            self._chars += block.chars
            self._blocks.move_to_end(number)
        self._make_room()

    def _make_room(self) -> None:
        while len(self._blocks) > 1 and (
            self._lines > self._most_lines or self._chars > self._most_chars
        ):
            _, block = self._blocks.popitem(last=False)
            self._lines -= block.count
            self._chars -= block.chars

    def read(self, start: int, stop: int) -> list[str] | None:
        """The lines from `start` up to `stop`; None if one of them is not there."""
        found: list[str] = []
        for number, first, last in _parts(start, stop):
            block = self._blocks.get(number)
            if block is None or block.missing(first, last):
                return None
            found += block.lines[first:last]  # type: ignore[arg-type]  # none of them is missing
            self._blocks.move_to_end(number)
        return found

    def missing(self, start: int, stop: int) -> tuple[int, int] | None:
        """The first and the last line, and one more, of those that are not there; None: all are."""
        gaps = [gap for part in _parts(start, stop) if (gap := self._missing_in(*part))]
        return (gaps[0][0], gaps[-1][1]) if gaps else None

    def _missing_in(self, number: int, first: int, last: int) -> tuple[int, int] | None:
        block, begin = self._blocks.get(number), number * BLOCK
        gap = block.missing(first, last) if block else (first, last)
        return (begin + gap[0], begin + gap[1]) if gap else None

    def clear(self) -> None:
        """Keep none."""
        self._blocks.clear()
        self._lines = self._chars = 0


def _parts(start: int, stop: int) -> Iterator[tuple[int, int, int]]:
    """A range of lines by blocks: a block's number, and from which line of it on up to which."""
    for number in range(start // BLOCK, (stop - 1) // BLOCK + 1 if start < stop else 0):
        begin = number * BLOCK
        yield number, max(start - begin, 0), min(stop - begin, BLOCK)
