"""What a run has written: one object for as long as it is of interest, wherever the lines are."""

from collections.abc import Callable
from sqlite3 import Connection

from taskengine.history.sqlite import chunks
from taskengine.history.sqlite.chunk_cache import ChunkCache
from taskengine.history.sqlite.entries import Entry
from taskengine.history.sqlite.reader import Reader
from taskengine.output import AtHand, OutputBuffer, OutputExtent

_NOTHING = OutputExtent(0, 0, 0)


class KeptOutput(AtHand):
    """Reads the lines that are in memory from there, and all others from the file.

    `entry` gives the run's entry while it is in memory. Used by any thread.
    """

    def __init__(
        self, run_id: int, entry: Callable[[], Entry | None], reader: Reader, cache: ChunkCache
    ) -> None:
        self._run = run_id
        self._entry = entry
        self._reader = reader
        self._cache = cache

    @property
    def extent(self) -> OutputExtent:
        """Which lines can be read at this moment."""
        entry = self._entry()
        return extent_of(entry) if entry else self._reader.read(self._stored_extent, _NOTHING)

    @property
    def buffer(self) -> OutputBuffer | None:
        """The lines in memory, as long as there are any."""
        entry = self._entry()
        return entry.output if entry else None

    @property
    def partial(self) -> str:
        """What was written after the last line break, undecorated; empty when there is nothing."""
        entry = self._entry()
        return entry.output.partial if entry else ""

    def read(self, start: int, stop: int) -> list[str]:
        """The encoded lines from `start` up to `stop`, without those dropped or not yet written."""
        start = max(start, 0)
        entry = self._entry()
        if entry is None:
            return self._read_stored(start, stop)
        extent = extent_of(entry)
        head = self._read_kept(entry, start, min(stop, extent.gap_start))
        return head + self._read_kept(entry, max(start, extent.gap_end), stop)

    def _read_kept(self, entry: Entry, start: int, stop: int) -> list[str]:
        """Lines on one side of the gap: the first ones from memory, then the file, then memory."""
        begin = entry.output.extent.gap_start
        head = entry.output.read(start, min(stop, begin))
        start = max(start, begin)
        if start >= stop:
            return head
        first, tail = entry.output.read_on(start, stop - start)
        return head + self._read_stored(start, min(first, stop)) + tail[: max(stop - first, 0)]

    def _stored_extent(self, connection: Connection) -> OutputExtent:
        query = "SELECT lines, gap_start, gap_end FROM runs WHERE id = ?"
        found = connection.execute(query, (self._run,)).fetchone()
        return OutputExtent(*found) if found else _NOTHING

    def _read_stored(self, start: int, stop: int) -> list[str]:
        if start >= stop:
            return []
        return self._reader.read(lambda file: self._lines(file, start, stop), [])

    def _lines(self, connection: Connection, start: int, stop: int) -> list[str]:
        found: list[str] = []
        for key in chunks.keys(connection, self._run, start, stop):
            lines = self._cache.lines(key, lambda key: chunks.text_at(connection, key))
            if lines:
                found += lines[max(start - key.first, 0) : stop - key.first]
        return found


def extent_of(entry: Entry) -> OutputExtent:
    """Which lines of a run in memory can be read, there or from the file."""
    stored, held = entry.stored, entry.output.extent
    if held.gap_start == held.gap_end:
        return held
    if held.gap_end > stored.lines:  # the ring has dropped what was not written yet
        gap_start = stored.gap_start if stored.gap_end > stored.gap_start else stored.lines
        return OutputExtent(held.total, max(gap_start, held.gap_start), held.gap_end)
    gap_start, gap_end = max(stored.gap_start, held.gap_start), min(stored.gap_end, held.gap_end)
    if gap_start >= gap_end:
        return OutputExtent(held.total, held.total, held.total)
    return OutputExtent(held.total, gap_start, gap_end)
