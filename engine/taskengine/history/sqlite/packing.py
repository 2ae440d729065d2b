"""Makes the output of runs that are over smaller: few chunks, each compressed."""

import zlib
from collections.abc import Iterator, Sequence
from sqlite3 import Connection
from typing import TypeAlias

from taskengine.history.sqlite import chunks, task_stats

MOST_RUNS = 50
MOST_BYTES = 1_000_000  # what one piece of work compresses: some 10 ms
_OF_A_CHUNK = 200  # what a chunk costs besides its bytes
_Loose: TypeAlias = tuple[int, int, bytes]
_UNPACKED = "SELECT id, task FROM runs WHERE packed = 0 AND open = 0 ORDER BY id LIMIT ?"
_LOOSE = "SELECT first, lines, data FROM chunks WHERE run = ? AND compressed = 0 ORDER BY first"


def pack_some(connection: Connection) -> bool:
    """Pack some output; True: there is more. Call it in a transaction of its own."""
    unpacked = connection.execute(_UNPACKED, (MOST_RUNS,)).fetchall()
    room = MOST_BYTES
    for run, task in unpacked:
        taken, saved, is_complete = _pack(connection, run, room)
        connection.execute(
            "UPDATE runs SET packed = ?, size = size - ? WHERE id = ?", (is_complete, saved, run)
        )
        if saved:
            task_stats.adjust_kept(connection, task, 0, -saved)
        room -= taken
        if room <= 0:
            return True
    return len(unpacked) == MOST_RUNS


def _pack(connection: Connection, run: int, room: int) -> tuple[int, int, bool]:
    """Pack the first chunks of a run that are not packed; gives how many bytes these were, how many
    fewer they are now, and whether there are no others.
    """
    found = connection.execute(_LOOSE, (run,))
    taken, loose = 0, list[_Loose]()
    while taken < room and (chunk := found.fetchone()):
        loose.append(chunk)
        taken += len(chunk[2]) + _OF_A_CHUNK
    is_complete = found.fetchone() is None
    saved = sum(_replace(connection, run, group) for group in _in_groups(loose))
    return taken, saved, is_complete


def _in_groups(loose: Sequence[_Loose]) -> Iterator[Sequence[_Loose]]:
    """Chunks that follow one another, as many as make a chunk that is quick to read."""
    start = lines = size = 0
    for number, (first, more, data) in enumerate(loose):
        last = loose[number - 1]
        if number > start and (
            first != last[0] + last[1]
            or lines + more > chunks.MOST_LINES
            or size + len(data) > chunks.MOST_CHARS
        ):
            yield loose[start:number]
            start, lines, size = number, 0, 0
        lines += more
        size += len(data)
    if loose:
        yield loose[start:]


def _replace(connection: Connection, run: int, group: Sequence[_Loose]) -> int:
    """Make one compressed chunk of some; gives how many bytes that saves."""
    first, end = group[0][0], group[-1][0] + group[-1][1]
    data = b"\n".join(chunk[2] for chunk in group)
    size = chunks.drop(connection, run, first, end)
    packed = zlib.compress(data, 1)
    chunks.add(connection, run, first, packed, end - first, compressed=True)
    return size - len(packed)
