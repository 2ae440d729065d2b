"""Puts the words of runs that have ended into the full-text index, several runs at a time.

A change of the index costs its transaction 0.1 ms and 30 kB of the log, whether it adds one run or
ten. So where runs end one by one, they are only noted, and added in a quiet moment; until then they
are searched one by one.
"""

from collections.abc import Sequence
from sqlite3 import Connection

from taskengine.history.sqlite import text_index
from taskengine.history.sqlite.rows import load_runs
from taskengine.history.sqlite.sql import marks
from taskengine.history.words import text_of
from taskengine.run import Run

MANY = 8
MOST_RUNS = 100  # what is added at once: some 3 ms
_NOTED = "SELECT run FROM unindexed ORDER BY run LIMIT ?"


def index_ended(connection: Connection, ended: Sequence[Run]) -> None:
    """Let runs that have ended be found by their words: see that they are in the index soon."""
    if len(ended) >= MANY:
        for run in ended:
            text_index.add(connection, run.id, text_of(run))
    else:
        connection.executemany("INSERT INTO unindexed VALUES(?)", [(run.id,) for run in ended])


def index_some(connection: Connection) -> bool:
    """Add some of the runs that were noted to the index; True: there are more. Call it in a
    transaction of its own.
    """
    noted = [run for (run,) in connection.execute(_NOTED, (MOST_RUNS,))]
    which = f"WHERE id IN ({marks(noted)})"
    for run in load_runs(connection, which, noted):
        text_index.add(connection, run.id, text_of(run))
    connection.executemany("DELETE FROM unindexed WHERE run = ?", [(run,) for run in noted])
    return len(noted) == MOST_RUNS
