"""What the runs of each task add up to, in memory: asked many times a second by what is shown."""

import threading
from collections.abc import Mapping, Sequence

from taskengine.history.sqlite import task_stats
from taskengine.history.sqlite.reader import Reader
from taskengine.history.sqlite.rows import load_run
from taskengine.history.sqlite.task_stats import StatsRow
from taskengine.history.tally import TaskTally
from taskengine.records import TaskStatistics
from taskengine.run import Run, RunState


class Mirror:
    """Begins with what the file says and counts on by itself. Used by any thread."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._tallies: dict[str, TaskTally] = {}
        self._last: dict[str, Run] = {}
        self._lock = threading.Lock()

    async def open(self) -> None:
        """Read what the file says. Called once, before all else, when the file is in order."""
        nothing: Mapping[str, StatsRow] = {}
        rows = await self._reader.ask(task_stats.load, nothing)
        self._tallies = {task: row.tally for task, row in rows.items()}

    def count(self, run: Run) -> None:
        """Count a run that has ended."""
        with self._lock:
            tally = self._tallies.setdefault(run.task, TaskTally())
            tally.add(run)
            if tally.last == run.id:
                self._last[run.task] = run

    def outcomes(self, task: str) -> Sequence[RunState]:
        """The final states of the task's latest runs, oldest first."""
        with self._lock:
            tally = self._tallies.get(task)
            return tally.outcomes if tally else ()

    def statistics(self, task: str) -> TaskStatistics:
        """What the task's runs add up to."""
        with self._lock:
            tally = self._tallies.get(task)
            return tally.statistics() if tally else TaskStatistics()

    def last(self, task: str) -> Run | None:
        """The task's run that ended last; None if that is not kept any more."""
        tally = self._tallies.get(task)
        if tally is None or tally.last is None:
            return None
        last, known = tally.last, self._last.get(task)
        if known and known.id == last:
            return known
        run = self._reader.read(lambda file: load_run(file, last), None)
        if run:
            with self._lock:
                if tally.last == last:
                    self._last[task] = run
        return run
