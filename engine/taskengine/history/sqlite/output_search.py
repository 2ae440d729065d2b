"""Which lines of a run hold a text, looked for where they are: in memory, and in the file."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from sqlite3 import Connection

from taskengine.history.line_search import LineSearch
from taskengine.history.sqlite import chunks
from taskengine.history.sqlite.kept_output import KeptOutput
from taskengine.history.sqlite.reader import Reader
from taskengine.output import OutputBuffer

_AT_ONCE = 5_000  # lines of those in memory
_WINDOW = 50_000  # lines of those in the file
_SECONDS = 0.03  # for which the file is searched before what was found is given


@dataclass(frozen=True, slots=True)
class _Found:
    """Lines that hold the text, in the order of the search, and where it goes on."""

    lines: Sequence[int]
    position: int


class OutputSearch:
    """Looks for a text in the lines of a run.

    A position is that of the next line forwards; backwards, of the line after it.
    """

    def __init__(self, run: int, output: KeptOutput, reader: Reader, wanted: LineSearch) -> None:
        self._run = run
        self._output = output
        self._reader = reader
        self._wanted = wanted
        self._backwards = wanted.backwards

    async def hits(self, start: int) -> AsyncIterator[Sequence[int]]:
        """The numbers of the lines, from line `start` on or back from there, in batches."""
        position = max(start, 0)
        if self._backwards:
            position = min(start + 1, self._output.extent.total)
        while self._is_inside(position):
            found = await self._step(position)
            if found.lines:
                yield found.lines
            position = found.position

    def _is_inside(self, position: int) -> bool:
        return position > 0 if self._backwards else position < self._output.extent.total

    async def _step(self, position: int) -> _Found:
        """Search some lines, in one of the places where they are."""
        buffer = self._output.buffer
        if buffer is None:
            return await self._in_file(position, 0, self._output.extent.total)
        held = buffer.extent
        next_line = position - 1 if self._backwards else position
        if next_line < held.gap_start:
            return await self._in_memory(buffer, position, 0, held.gap_start)
        if next_line >= held.gap_end:
            return await self._in_memory(buffer, position, held.gap_end, held.total)
        return await self._in_file(position, held.gap_start, held.gap_end)

    async def _in_memory(
        self, buffer: OutputBuffer, position: int, start: int, stop: int
    ) -> _Found:
        start, stop = self._part(position, start, stop, _AT_ONCE)
        first, lines = buffer.read_on(start, stop - start)
        if first > start and not self._backwards:
            return _Found([], start)  # memory has dropped it just now, and the file has it
        found = self._wanted.in_text("\n".join(lines), first, first, stop) if lines else []
        await asyncio.sleep(0)
        return _Found(found, min(first, stop) if self._backwards else stop)

    async def _in_file(self, position: int, start: int, stop: int) -> _Found:
        start, stop = self._part(position, start, stop, _WINDOW)
        default = _Found([], start if self._backwards else stop)
        return await self._reader.ask(lambda file: self._in_chunks(file, start, stop), default)

    def _part(self, position: int, start: int, stop: int, most: int) -> tuple[int, int]:
        """The lines of a range that come next, up to `most`."""
        if self._backwards:
            stop = min(position, stop)
            return max(start, stop - most), stop
        start = max(position, start)
        return start, min(stop, start + most)

    def _in_chunks(self, connection: Connection, start: int, stop: int) -> _Found:
        found: list[int] = []
        deadline = time.monotonic() + _SECONDS
        keys = chunks.keys(connection, self._run, start, stop)
        for key in reversed(keys) if self._backwards else keys:
            if text := chunks.text_at(connection, key):
                found += self._wanted.in_text(text, key.first, start, stop)
            if time.monotonic() > deadline:
                return _Found(found, max(key.first, start) if self._backwards else key.stop)
        return _Found(found, start if self._backwards else stop)
