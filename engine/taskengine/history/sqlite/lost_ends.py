"""The ends of runs that memory had no room for, though the file has their beginning.

Without its end such a run would seem to go on for ever, or to wait in the queue; the next engine
would take it for one that was interrupted, and might run it again.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from sqlite3 import Connection

from taskengine.history.sqlite import rows, task_stats
from taskengine.history.sqlite.entries import Entry, Facts
from taskengine.history.sqlite.indexing import index_ended
from taskengine.history.sqlite.kept_values import KeptValues
from taskengine.history.sqlite.stored_output import lose, stored_output_of
from taskengine.run import Run, RunError

_LONG = 4_096  # characters of a result or an error; as many runs as there are may wait with theirs
_BEGINNING = """
SELECT lines, gap_start, gap_end, length(payload) FROM runs JOIN details ON run = id
WHERE id = ? AND open = 1"""


@dataclass(frozen=True, slots=True)
class _End:
    """How a run ended that wrote so many lines."""

    facts: Facts
    lines: int


class LostEnds:
    """Written with everything else that is in memory only. `engine` gives this engine's number in
    the file.
    """

    def __init__(self, engine: Callable[[], int]) -> None:
        self._engine = engine
        self._ends: KeptValues[int, _End] = KeptValues(is_wanted=lambda _: False)

    def add(self, entry: Entry) -> None:
        """Have the end of a run kept, without its output and what is long; from any thread."""
        run = replace(entry.facts.run, payload={})  # the file has it
        if entry.chars - entry.output.chars > _LONG:
            run = _shortened(run)
        end = _End(replace(entry.facts, run=run), entry.output.extent.total)
        self._ends.put(run.id, end)

    def write(self, connection: Connection) -> None:
        """Write what is unwritten, as far as the file has those runs."""
        if self._ends.is_saved:
            return
        counted: list[tuple[Run, int]] = []
        for end in self._ends.take().values.values():
            counted += self._write_one(connection, end)
        if counted:
            task_stats.count_ended(connection, counted)
            index_ended(connection, [run for run, _ in counted])

    def _write_one(self, connection: Connection, end: _End) -> list[tuple[Run, int]]:
        run_id = end.facts.run.id
        begun = connection.execute(_BEGINNING, (run_id,)).fetchone()
        if begun is None:
            return []
        *lines, payload_size = begun
        output = stored_output_of(connection, run_id, *lines)
        if end.lines > output.lines:
            output = lose(connection, run_id, output, end.lines)
        standing = end.facts.standing(self._engine())
        saved = rows.save_run(connection, end.facts.run, standing, output, payload_size)
        return [(run, saved.size) for run in rows.load_runs(connection, "WHERE id = ?", (run_id,))]

    def written(self) -> None:
        """What was written last is committed."""
        self._ends.saved()

    def lost(self) -> None:
        """What was written last was rolled back."""
        self._ends.lost()

    def write_all(self) -> None:
        """Nothing: a file that was begun anew has no beginning of them."""


def _shortened(run: Run) -> Run:
    error = run.error and RunError(type=run.error.type, message=run.error.message[:_LONG])
    return replace(run, result=None, error=error)
