"""Lines of output as the file holds them: in chunks, each of encoded lines joined by line feeds."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from sqlite3 import Connection

from taskengine.history.sqlite.readable import SENSELESS

MOST_LINES = 2_000
MOST_CHARS = 256_000
_INSERT = "INSERT OR REPLACE INTO chunks(run, first, lines, compressed, data) VALUES "
_VALUES = "(?, ?, ?, ?, ?)"
_MOST_AT_ONCE = 100
_SIZE = """
SELECT coalesce(sum(length(data)), 0) FROM chunks WHERE run = ? AND first >= ? AND first < ?"""
_DROP = "DELETE FROM chunks WHERE run = ? AND first >= ? AND first < ?"
_KEYS = """
SELECT rowid, first, lines, compressed FROM chunks
WHERE run = ?1 AND first < ?3
  AND first >= coalesce((SELECT max(first) FROM chunks WHERE run = ?1 AND first <= ?2), 0)
ORDER BY first"""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Lines of a run from the number `first` on, encoded."""

    first: int
    lines: int
    data: bytes
    is_compressed: bool = False


@dataclass(frozen=True, slots=True)
class ChunkKey:
    """Where lines `first` to `stop` of a run are."""

    run: int
    first: int
    lines: int
    rowid: int
    is_compressed: bool

    @property
    def stop(self) -> int:
        """The number of the first line behind it."""
        return self.first + self.lines


def encode(lines: Sequence[str]) -> bytes:
    """Lines as the data of a chunk. A line feed in a line, which no captured line has, would shift
    the numbers of all lines behind it; it becomes a space.
    """
    text = "\n".join(lines)
    if text.count("\n") != len(lines) - 1:
        text = "\n".join(line.replace("\n", " ") for line in lines)
    return text.encode("utf-8", "backslashreplace")


def text_of(data: bytes, *, is_compressed: bool) -> str:
    """The lines of a chunk, joined by line feeds."""
    return (zlib.decompress(data) if is_compressed else data).decode()


def in_pieces(lines: Sequence[str], most_chars: int = MOST_CHARS) -> Iterator[Sequence[str]]:
    """The lines in pieces of a size that is quick to read, whatever lengths they have."""
    start = chars = 0
    for number, line in enumerate(lines):
        if number > start and (number - start == MOST_LINES or chars + len(line) > most_chars):
            yield lines[start:number]
            start, chars = number, 0
        chars += len(line)
    if start < len(lines):
        yield lines[start:]


def add(
    connection: Connection,
    run: int,
    first: int,
    data: bytes,
    lines: int,
    *,
    compressed: bool = False,
) -> None:
    """Keep encoded lines, the first of which has the number `first`."""
    add_all(connection, run, [Chunk(first, lines, data, compressed)])


def add_all(connection: Connection, run: int, added: Sequence[Chunk]) -> None:
    """Keep chunks. In a process whose threads are busy every statement costs its turn, so there is
    one for many.
    """
    for start in range(0, len(added), _MOST_AT_ONCE):
        some = added[start : start + _MOST_AT_ONCE]
        values = [(run, one.first, one.lines, one.is_compressed, one.data) for one in some]
        statement = _INSERT + ", ".join([_VALUES] * len(some))
        connection.execute(statement, [value for row in values for value in row])


def keys(connection: Connection, run: int, start: int, stop: int) -> list[ChunkKey]:
    """Where the lines from `start` up to `stop` are, as far as they are kept, in their order."""
    found = [
        ChunkKey(run, first, lines, rowid, bool(compressed))
        for rowid, first, lines, compressed in connection.execute(_KEYS, (run, start, stop))
    ]
    return [key for key in found if key.stop > start]


def text_at(connection: Connection, key: ChunkKey) -> str | None:
    """The lines of a chunk, joined by line feeds; None if there are none that make sense."""
    query = "SELECT data FROM chunks WHERE rowid = ? AND run = ? AND first = ? AND compressed = ?"
    arguments = (key.rowid, key.run, key.first, key.is_compressed)
    found = connection.execute(query, arguments).fetchone()
    try:
        return text_of(found[0], is_compressed=key.is_compressed) if found else None
    except SENSELESS:
        return None


def drop(connection: Connection, run: int, start: int, stop: int) -> int:
    """Drop the chunks that begin with a line from `start` up to `stop`; gives back their bytes."""
    size = connection.execute(_SIZE, (run, start, stop)).fetchone()
    connection.execute(_DROP, (run, start, stop))
    return int(size[0])
