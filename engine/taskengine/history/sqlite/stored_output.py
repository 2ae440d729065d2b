"""How much of a run's output is in the file, and how more of it gets there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from sqlite3 import Connection

from taskengine.history.sqlite import chunks
from taskengine.history.sqlite.chunks import Chunk
from taskengine.output import OutputBuffer

SMALL = 2_000
_PARTS = 8
_SIZE = "SELECT coalesce(sum(length(data)), 0), count(*) FROM chunks WHERE run = ?"
_OLDEST = """
SELECT first, lines, length(data) FROM chunks WHERE run = ? AND first >= ? AND first + lines < ?
ORDER BY first LIMIT 200"""


@dataclass(frozen=True, slots=True)
class StoredOutput:
    """`lines` were dealt with: those before `gap_start` and from `gap_end` on are in the file,
    those between are lost. `size` bytes hold them, in `chunks` pieces; `head_size` of these bytes
    are before the gap, or where it will be.
    """

    lines: int = 0
    gap_start: int = 0
    gap_end: int = 0
    size: int = 0
    head_size: int = 0
    chunks: int = 0

    @property
    def gap(self) -> tuple[int, int]:
        """From which line to which nothing is kept; twice 0 without a gap."""
        return (self.gap_start, self.gap_end) if self.gap_end > self.gap_start else (0, 0)

    @property
    def is_small(self) -> bool:
        """Whether nothing is to be won by packing it."""
        return self.chunks <= 1 and self.size <= SMALL


NOTHING_STORED = StoredOutput()


def stored_output_of(
    connection: Connection, run: int, lines: int, gap_start: int, gap_end: int
) -> StoredOutput:
    """The output of a run as the file has it, of whose row the lines and the gap are known."""
    size, pieces = connection.execute(_SIZE, (run,)).fetchone()
    if gap_start == gap_end:
        gap_start = gap_end = lines
    return StoredOutput(lines=lines, gap_start=gap_start, gap_end=gap_end, size=size, chunks=pieces)


def store(
    connection: Connection,
    run: int,
    stored: StoredOutput,
    buffer: OutputBuffer,
    *,
    most_lines: int,
    max_size: int,
) -> StoredOutput:
    """Bring up to `most_lines` more lines of a run into the file, and keep what is there within
    `max_size` bytes: the beginning, as far as it takes half of them, and the end.
    """
    stop = stored.lines + most_lines
    while stored.lines < stop:
        first, lines = buffer.read_on(stored.lines, stop - stored.lines)
        if not lines:
            break
        if first > stored.lines:
            stored = lose(connection, run, stored, first)
        stored = _add(connection, run, stored, lines, max_size)
    excess = stored.size - max_size
    return _shorten(connection, run, stored, excess) if excess > 0 else stored


def lose(connection: Connection, run: int, stored: StoredOutput, first: int) -> StoredOutput:
    """Let the next line be `first`, and those before it that are not in the file be lost. There is
    one gap only: what is between two is given up.
    """
    size = stored.size
    if stored.lines > stored.gap_end:
        size -= chunks.drop(connection, run, stored.gap_end, stored.lines)
    return replace(stored, lines=first, gap_end=first, size=size)


def _add(
    connection: Connection, run: int, stored: StoredOutput, lines: Sequence[str], max_size: int
) -> StoredOutput:
    added: list[Chunk] = []
    for piece in chunks.in_pieces(lines, min(chunks.MOST_CHARS, max_size // _PARTS)):
        chunk = Chunk(stored.lines, len(piece), chunks.encode(piece))
        stored = _with(stored, chunk.lines, len(chunk.data), max_size // 2)
        added.append(chunk)
    chunks.add_all(connection, run, added)
    return stored


def _with(stored: StoredOutput, lines: int, size: int, head_room: int) -> StoredOutput:
    total, is_head = stored.lines + lines, stored.lines == stored.gap_start
    if is_head and stored.head_size + size <= head_room:
        return StoredOutput(
            total, total, total, stored.size + size, stored.head_size + size, stored.chunks + 1
        )
    return replace(stored, lines=total, size=stored.size + size, chunks=stored.chunks + 1)


def _shorten(connection: Connection, run: int, stored: StoredOutput, excess: int) -> StoredOutput:
    """Give up what follows the beginning, though never the last chunk."""
    gap_end = stored.gap_end
    for first, lines, size in connection.execute(_OLDEST, (run, gap_end, stored.lines)):
        if excess <= 0:
            break
        gap_end = first + lines
        excess -= size
    dropped = chunks.drop(connection, run, stored.gap_end, gap_end)
    return replace(stored, gap_end=gap_end, size=stored.size - dropped)
