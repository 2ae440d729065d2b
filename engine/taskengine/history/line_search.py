"""Which lines of an output hold a text."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass

from taskengine.output import Output, OutputExtent

_SEPARATOR = "\x1f"
_AT_ONCE = 2_000  # lines; some 2 ms


@dataclass(frozen=True, slots=True)
class LineSearch:
    """A text that is looked for in lines, whatever the case, forwards or backwards."""

    needle: str
    backwards: bool

    @classmethod
    def of(cls, text: str, *, backwards: bool = False) -> "LineSearch":
        """A search for a text."""
        return cls(text.casefold(), backwards)

    def in_text(self, text: str, first: int, start: int, stop: int) -> list[int]:
        """The lines that hold it, of those from `start` up to `stop`, in the order of the search.

        `text` has the encoded lines from the number `first` on, joined by line feeds.
        """
        folded = text.casefold()
        if self.needle not in folded:
            return []
        found = [
            number
            for number, line in enumerate(folded.split("\n"), first)
            if self.needle in line
            and start <= number < stop
            # What stands before the separator is no part of what was written.
            and self.needle in line.partition(_SEPARATOR)[2]
        ]
        return found[::-1] if self.backwards else found

    async def in_output(self, output: Output, start: int) -> AsyncIterator[Sequence[int]]:
        """The numbers of the lines that hold it, from line `start` on or back from it, in batches.

        On any loop, which it lets turn again and again. Lines written after it began are not
        looked at.
        """
        for part in self._parts(output.extent, start):
            lines = output.read(part.start, part.stop)
            # Those that were dropped in the meantime are missing at the beginning.
            first = part.stop - len(lines)
            if lines and (found := self.in_text("\n".join(lines), first, first, part.stop)):
                yield found
            await asyncio.sleep(0)

    def _parts(self, extent: OutputExtent, start: int) -> Iterator[range]:
        """The lines that are there, in parts, in the order of the search."""
        wanted = range(start + 1) if self.backwards else range(max(start, 0), extent.total)
        kept = [range(extent.gap_start), range(extent.gap_end, extent.total)]
        for some in reversed(kept) if self.backwards else kept:
            numbers = range(max(some.start, wanted.start), min(some.stop, wanted.stop))
            parts = range(numbers.start, numbers.stop, _AT_ONCE)
            for begin in reversed(parts) if self.backwards else parts:
                yield range(begin, min(begin + _AT_ONCE, numbers.stop))
