"""Takes runs out of the file with all that belongs to them, a piece at a time."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from sqlite3 import Connection

from taskengine.history.sqlite import rows, task_stats, text_index
from taskengine.history.sqlite.excess import Amount, Excess
from taskengine.history.sqlite.sql import marks
from taskengine.history.words import text_of

# What one piece of work may take away: it is to hold up what has to be written by 10 ms at most.
MOST_RUNS = 50
MOST_BYTES = 1_000_000
_OF_A_CHUNK = 200  # what a chunk costs besides its bytes


def remove(connection: Connection, runs: Sequence[Excess]) -> Mapping[str, Amount]:
    """Remove some of these runs, the first ones first, or a part of the first one's output; gives
    back how much of each task that was.

    A run whose output is too much for one piece loses the beginning of it, and says so.
    """
    removed: list[Excess] = []
    room = MOST_BYTES
    for one in runs[:MOST_RUNS]:
        stop, freed = _fitting_output(connection, one.run, room)
        if stop is not None:
            if not removed:
                _shorten(connection, one, stop, freed)
                return {one.task: Amount(0, freed)}
            break
        removed.append(one)
        room -= freed
        if room <= 0:
            break
    return _remove_whole(connection, removed)


def _fitting_output(connection: Connection, run: int, room: int) -> tuple[int | None, int]:
    """Up to which line the output can be dropped at once, None: all of it; and its bytes."""
    chunks = connection.execute(
        "SELECT first, length(data) FROM chunks WHERE run = ? ORDER BY first", (run,)
    )
    freed = taken = 0
    for first, size in chunks:
        if taken >= room:
            return first, freed
        freed += size
        taken += size + _OF_A_CHUNK
    return None, freed


def _shorten(connection: Connection, one: Excess, stop: int, freed: int) -> None:
    connection.execute("DELETE FROM chunks WHERE run = ? AND first < ?", (one.run, stop))
    connection.execute(
        "UPDATE runs SET gap_start = 0, size = size - ?2,"
        " gap_end = CASE gap_end WHEN gap_start THEN ?1 ELSE max(gap_end, ?1) END WHERE id = ?3",
        (stop, freed, one.run),
    )
    task_stats.adjust_kept(connection, one.task, 0, -freed)


def _remove_whole(connection: Connection, removed: Sequence[Excess]) -> Mapping[str, Amount]:
    ids = [(one.run,) for one in removed]
    which = f"WHERE id IN ({marks(ids)})"
    for run in rows.load_runs(connection, which, [one.run for one in removed]):
        text_index.remove(connection, run.id, text_of(run))
    for statement in (
        "DELETE FROM chunks WHERE run = ?",
        "DELETE FROM details WHERE run = ?",
        "DELETE FROM runs WHERE id = ?",
    ):
        connection.executemany(statement, ids)
    amounts: defaultdict[str, Amount] = defaultdict(Amount)
    for one in removed:
        amounts[one.task].runs += 1
        amounts[one.task].size += one.size
    for task, amount in amounts.items():
        task_stats.adjust_kept(connection, task, -amount.runs, -amount.size)
    return amounts
