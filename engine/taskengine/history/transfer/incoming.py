"""The output of a run that is being imported, a piece at a time."""

import zlib
from sqlite3 import Connection

from taskengine.history.sqlite import chunks
from taskengine.history.sqlite.stored_output import StoredOutput
from taskengine.history.transfer.form import NotAnExport, OutputRecord, parts_of
from taskengine.output import OutputExtent


class IncomingOutput:
    """Keeps the lines in a history for the run of a number in it, `target`; None: only checks that
    they are all there.
    """

    def __init__(self, target: tuple[Connection, int] | None, extent: OutputExtent) -> None:
        self.extent = extent
        self._target = target
        self._parts = [part for part in parts_of(extent) if part]
        self._size = 0
        self._chunks = 0

    def take(self, record: OutputRecord) -> None:
        """Take the next lines. Raises NotAnExport if they are not the next ones."""
        if not record.lines:
            return
        if not self._parts or record.first != self._parts[0].start:
            raise NotAnExport(self._expected())
        lines, part = record.encoded(), self._parts[0]
        if len(lines) > len(part):
            raise NotAnExport(f"run #{record.run} has more lines than its `output` says")
        if self._target:
            self._keep(*self._target, record.first, lines)
        rest = part[len(lines) :]
        self._parts[:1] = [rest] if rest else []

    def _keep(self, connection: Connection, run: int, first: int, lines: list[str]) -> None:
        for piece in chunks.in_pieces(lines):
            data = chunks.encode(piece)
            packed = zlib.compress(data, 1)
            is_shorter = len(packed) < len(data)
            kept = packed if is_shorter else data
            chunks.add(connection, run, first, kept, len(piece), compressed=is_shorter)
            first += len(piece)
            self._size += len(kept)
            self._chunks += 1

    def check_complete(self, run: int) -> None:
        """Raises NotAnExport if there should have been more lines."""
        if self._parts:
            raise NotAnExport(f"the output of run #{run} is not complete: {self._expected()}")

    def _expected(self) -> str:
        if not self._parts:
            return "all lines of this run were there before"
        return f"its line {self._parts[0].start} was to come next"

    def stored(self) -> StoredOutput:
        """What was kept."""
        extent = self.extent
        return StoredOutput(
            lines=extent.total,
            gap_start=extent.gap_start,
            gap_end=extent.gap_end,
            size=self._size,
            chunks=self._chunks,
        )
