"""A history that lives as long as its engine, bounded by runs and by the characters they hold."""

import itertools
import threading
from collections.abc import AsyncIterator, Awaitable, Sequence
from pathlib import Path

from taskengine.history.history import Report
from taskengine.history.leftovers import Leftovers
from taskengine.history.line_search import LineSearch
from taskengine.history.memory_fires import MemoryFires
from taskengine.history.memory_pages import page_of
from taskengine.history.memory_runs import MemoryRuns
from taskengine.history.memory_state import MemoryState
from taskengine.history.past_payloads import distinct_payloads
from taskengine.history.retention import HistorySettings
from taskengine.history.size import chars_of
from taskengine.output import Output, OutputBuffer
from taskengine.records import RunPage, RunQuery, TaskStatistics
from taskengine.run import Payload, Run, RunState

MAX_RUNS = 5_000
MAX_CHARS = 200_000_000


class MemoryHistory:
    """Keeps the latest runs; those that ended first go first, and never one that is going on."""

    def __init__(self, *, max_runs: int = MAX_RUNS, max_chars: int = MAX_CHARS) -> None:
        self._ids = itertools.count(1)
        self._runs = MemoryRuns(max_runs, max_chars)
        self._lock = threading.Lock()
        self.fires = MemoryFires(self._state_of)
        self.state = MemoryState()

    @property
    def path(self) -> None:
        """No file holds it."""

    def announce(self, socket: Path | None, url: str) -> None:
        """There is no place where programs would look."""

    async def open(self, report: Report) -> Leftovers:  # noqa: ARG002 - nothing can be wrong
        """Be ready; nothing is left of earlier engines."""
        return Leftovers()

    async def late_leftovers(self) -> Leftovers:
        """Nothing comes late."""
        return Leftovers()

    async def close(self) -> None:
        """Let go of nothing: there is nothing but memory."""

    def configure(self, settings: HistorySettings) -> None:
        """Keep no more of these tasks than that; looked at when a run of theirs ends."""
        with self._lock:
            self._runs.limits = settings.tasks

    def next_id(self) -> int:
        """A number that no run of this engine had before."""
        return next(self._ids)

    def keep_queued(self, run: Run, output: OutputBuffer, *, begins: bool) -> Awaitable[None]:  # noqa: ARG002 - no engine comes after this one that would want to know
        """Keep a run that was accepted; it is known at once."""
        with self._lock:
            self._runs.add(run, output)
        return _done()

    async def keep_begun(self, run: Run) -> None:
        """Keep that the code of a run begins."""
        self.keep_changed(run)

    def keep_changed(self, run: Run) -> None:
        """Keep how a run stands that is going on."""
        with self._lock:
            self._runs.change(run)

    async def keep_ended(self, run: Run) -> None:
        """Keep a run's final state and make room for more."""
        chars = await chars_of(run)
        with self._lock:
            self._runs.end(run, chars)

    async def keep_in_queue(self, run: Run) -> None:
        """Keep a run's final state: there is no next engine that could take it out of a queue."""
        await self.keep_ended(run)

    async def keep_settled(self, run_id: int) -> None:
        """Keep that nothing needs to be done for a run any more."""

    def run(self, run_id: int) -> Run | None:
        """A run as it stands now."""
        with self._lock:
            return self._runs.get(run_id)

    def _state_of(self, run_id: int) -> RunState | None:
        run = self.run(run_id)
        return run.state if run else None

    def recent(self, task: str | None, limit: int) -> Sequence[Run]:
        """The latest runs, newest first."""
        with self._lock:
            return list(itertools.islice(self._runs.latest(task), limit))

    def output(self, run_id: int) -> Output | None:
        """What a run has written."""
        return self._runs.output(run_id)

    def last_ended(self, task: str) -> Run | None:
        """The task's run that ended last, even when it is not among those kept any more."""
        return self._runs.last_ended(task)

    def outcomes(self, task: str) -> Sequence[RunState]:
        """The final states of the task's latest runs, oldest first."""
        with self._lock:
            return self._runs.tally(task).outcomes

    def statistics(self, task: str) -> TaskStatistics:
        """What the task's runs add up to."""
        with self._lock:
            return self._runs.tally(task).statistics()

    async def runs(
        self, query: RunQuery, *, before: int | None = None, limit: int = 100
    ) -> RunPage:
        """The runs that a query asks for, by descending number, from below `before`."""
        with self._lock:
            kept = list(self._runs.latest(query.task))
        wanted = [run for run in kept if before is None or run.id < before]
        wanted.sort(key=lambda run: run.id, reverse=True)
        return page_of(wanted, self.output, query, limit)

    async def past_payloads(self, task: str, limit: int) -> Sequence[Payload]:
        """The payloads that a task was given last, each once, the latest first."""
        with self._lock:
            kept = list(self._runs.latest(task))
        return distinct_payloads(kept, limit)

    async def search_output(
        self, run_id: int, text: str, *, start: int = 0, backwards: bool = False
    ) -> AsyncIterator[Sequence[int]]:
        """The numbers of the lines of a run that hold a text, whatever the case."""
        if output := self.output(run_id):
            async for found in LineSearch.of(text, backwards=backwards).in_output(output, start):
                yield found


async def _done() -> None:
    """Memory keeps things at once."""
