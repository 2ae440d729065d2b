"""Lines of one output that were fetched, as far as there is room for them."""

from collections import OrderedDict
from collections.abc import Iterator, Sequence

BLOCK = 512
MOST_LINES = 120_000  # more than memory holds of one output in an engine
MOST_CHARS = 32_000_000

_Block = dict[int, str]


class LineStore:
    """Encoded lines by their numbers, in blocks; the blocks that were used last stay."""

    def __init__(self, most_lines: int = MOST_LINES, most_chars: int = MOST_CHARS) -> None:
        self._blocks: OrderedDict[int, _Block] = OrderedDict()
        self._sizes: dict[int, int] = {}
        self._lines = 0
        self._chars = 0
        self._most_lines = most_lines
        self._most_chars = most_chars

    def put(self, start: int, lines: Sequence[str]) -> None:
        """Keep lines, the first of which has the number `start`."""
        offset = 0
        while offset < len(lines):
            number = (start + offset) // BLOCK
            stop = min((number + 1) * BLOCK - start, len(lines))
            self._put(number, dict(enumerate(lines[offset:stop], start + offset)))
            offset = stop
        self._make_room()

    def _put(self, number: int, lines: _Block) -> None:
        block = self._blocks.setdefault(number, {})
        new = [text for line, text in lines.items() if line not in block]
        block.update(lines)
        size = sum(map(len, new))
        self._sizes[number] = self._sizes.get(number, 0) + size
        self._lines += len(new)
        self._chars += size
        self._blocks.move_to_end(number)

    def _make_room(self) -> None:
        while len(self._blocks) > 1 and (
            self._lines > self._most_lines or self._chars > self._most_chars
        ):
            number, block = self._blocks.popitem(last=False)
            self._lines -= len(block)
            self._chars -= self._sizes.pop(number)

    def read(self, start: int, stop: int) -> list[str] | None:
        """The lines from `start` up to `stop`; None if one of them is not there."""
        found: list[str] = []
        for number, first, last in _parts(start, stop):
            block = self._blocks.get(number, {})
            try:
                found.extend(block[line] for line in range(first, last))
            except KeyError:
                return None
            self._blocks.move_to_end(number)
        return found

    def missing(self, start: int, stop: int) -> tuple[int, int] | None:
        """The first and the last line, and one more, of those that are not there; None: all are."""
        gaps = [gap for part in _parts(start, stop) if (gap := self._missing_in(*part))]
        return (gaps[0][0], gaps[-1][1]) if gaps else None

    def _missing_in(self, number: int, first: int, last: int) -> tuple[int, int] | None:
        block = self._blocks.get(number)
        if block is None:
            return first, last
        if len(block) == BLOCK:
            return None
        lines = [line for line in range(first, last) if line not in block]
        return (lines[0], lines[-1] + 1) if lines else None

    def clear(self) -> None:
        """Keep none."""
        self._blocks.clear()
        self._sizes.clear()
        self._lines = self._chars = 0


def _parts(start: int, stop: int) -> Iterator[tuple[int, int, int]]:
    """A range of lines by blocks: the number of the block, the first line, the one after it."""
    for number in range(start // BLOCK, (stop - 1) // BLOCK + 1 if start < stop else 0):
        yield number, max(start, number * BLOCK), min(stop, (number + 1) * BLOCK)
