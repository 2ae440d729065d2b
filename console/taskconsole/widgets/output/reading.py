"""Reads lines with their numbers from an output that drops lines while it is read, and whose lines
may have to come from elsewhere first.
"""

from collections.abc import Iterator

from taskengine.output import Output, OutputExtent

# Where an encoded line's kind stands, and what ends its logger; see `OutputLine.encode`. Decoding
# every line of a flood only to look at these would cost most of the time there is for a frame.
KIND_AT = 13
SEPARATOR = "\x1f"


class Stride:
    """How many lines are looked at in one go: `most`, unless they are so long that those of an
    engine elsewhere, which are kept here only as far as there is room, drive each other out. So it
    is fewer as long as these are not at hand together, and more again when they are.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.lines = most

    def shorten(self) -> None:
        """So many were not at hand."""
        self.lines = max(self.lines // 2, 1)

    def lengthen(self) -> None:
        """So many were."""
        self.lines = min(self.lines * 2, self._most)


def read_numbered(
    output: Output, extent: OutputExtent, start: int, stop: int
) -> Iterator[tuple[int, str]]:
    """The lines of `extent` from `start` up to `stop` that can still be read, with their numbers.

    What was dropped since `extent` was taken is left out. It is always the oldest of the tail,
    so the lines that come back are the last ones that were asked for.
    """
    for first, last in _kept(extent, start, stop):
        lines = output.read(first, last)
        yield from enumerate(lines, last - len(lines))


def is_at_hand(output: Output, extent: OutputExtent, start: int, stop: int) -> bool:
    """Whether the lines of `extent` from `start` up to `stop` can be read at this moment."""
    return all(output.has(first, last) for first, last in _kept(extent, start, stop))


async def bring(output: Output, extent: OutputExtent, start: int, stop: int) -> None:
    """Return when these lines can be read. Raises EngineUnreachable."""
    for first, last in _kept(extent, start, stop):
        await output.fetch(first, last)


def _kept(extent: OutputExtent, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """The parts of a stretch of lines before and after those that were dropped, unless empty."""
    for first, last in (
        (max(start, 0), min(stop, extent.gap_start)),
        (max(start, extent.gap_end), min(stop, extent.total)),
    ):
        if first < last:
            yield first, last


def read_one(output: Output, line: int) -> str:
    """One line; empty if it was dropped or is not yet written."""
    lines = output.read(line, line + 1)
    return lines[0] if lines else ""
