"""A history that lives as long as its engine, bounded by runs and by the characters they hold."""

import itertools
import threading
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from taskengine.history.history import Report
from taskengine.history.leftovers import Leftovers
from taskengine.history.memory_fires import MemoryFires
from taskengine.history.memory_state import MemoryState
from taskengine.history.retention import HistorySettings, Retention
from taskengine.history.size import chars_of
from taskengine.history.summary import matches, summary_of
from taskengine.output import Output, OutputBuffer, OutputLine
from taskengine.records import RunPage, RunQuery, TaskStatistics
from taskengine.run import Payload, Run, RunState

MAX_RUNS = 5_000
MAX_CHARS = 200_000_000
OUTCOMES_KEPT = 20


@dataclass(slots=True)
class _TaskRecord:
    run_ids: deque[int] = field(default_factory=deque)
    ended: dict[int, None] = field(default_factory=dict)
    outcomes: deque[RunState] = field(default_factory=lambda: deque(maxlen=OUTCOMES_KEPT))
    last: Run | None = None


class MemoryHistory:
    """Keeps the latest runs; those that ended first go first, and never one that is going on."""

    def __init__(self, *, max_runs: int = MAX_RUNS, max_chars: int = MAX_CHARS) -> None:
        self._max_runs = max_runs
        self._max_chars = max_chars
        self._ids = itertools.count(1)
        self._runs: dict[int, Run] = {}
        self._outputs: dict[int, OutputBuffer] = {}
        self._chars_at_end: dict[int, int] = {}  # in the order in which the runs ended
        self._ended_chars = 0
        self._tasks: dict[str, _TaskRecord] = {}
        self._limits: Mapping[str, Retention] = {}
        self._lock = threading.Lock()
        self.fires = MemoryFires()
        self.state = MemoryState()

    async def open(self, report: Report) -> Leftovers:
        """Be ready; nothing is left of earlier engines."""
        return Leftovers()

    async def close(self) -> None:
        """Let go of nothing: there is nothing but memory."""

    def configure(self, settings: HistorySettings) -> None:
        """Keep no more of these tasks than that; looked at when a run of theirs ends."""
        unbound = Retention()
        self._limits = {task: one for task, one in settings.tasks.items() if one != unbound}

    def next_id(self) -> int:
        """A number that no run of this engine had before."""
        return next(self._ids)

    async def keep_queued(self, run: Run, output: OutputBuffer, *, begins: bool) -> None:
        """Keep a run that was accepted."""
        with self._lock:
            self._runs[run.id] = run
            self._outputs[run.id] = output
            self._tasks.setdefault(run.task, _TaskRecord()).run_ids.append(run.id)

    async def keep_begun(self, run: Run) -> None:
        """Keep that the code of a run begins."""
        self.keep_changed(run)

    def keep_changed(self, run: Run) -> None:
        """Keep how a run stands that is going on."""
        with self._lock:
            if run.id in self._runs:
                self._runs[run.id] = run

    async def keep_ended(self, run: Run) -> None:
        """Keep a run's final state and make room for more."""
        chars = await chars_of(run)
        with self._lock:
            self._runs[run.id] = run
            record = self._tasks.setdefault(run.task, _TaskRecord())
            record.ended[run.id] = None
            record.outcomes.append(run.state)
            record.last = run
            self._account(run.id, chars)
            self._forget_unwanted(run.task, run.ended_at)
            self._forget_oldest()

    async def keep_in_queue(self, run: Run) -> None:
        """Keep a run's final state: there is no next engine that could take it out of a queue."""
        await self.keep_ended(run)

    async def keep_settled(self, run_id: int) -> None:
        """Keep that nothing needs to be done for a run any more."""

    def _account(self, run_id: int, chars: int) -> None:
        """Count an ended run. What late threads write afterwards is not counted."""
        if output := self._outputs.get(run_id):
            chars += output.chars
        self._chars_at_end[run_id] = chars
        self._ended_chars += chars

    def _forget_unwanted(self, task: str, now: datetime | None) -> None:
        """Forget what the task's own limits leave no room for."""
        limit = self._limits.get(task)
        if limit is None:
            return
        record = self._tasks[task]
        surplus = 0 if limit.runs is None else len(record.run_ids) - limit.runs
        while record.ended:
            oldest = self._runs[next(iter(record.ended))]
            if surplus <= 0 and not _is_older(oldest, limit, now):
                return
            self._forget(oldest)
            surplus -= 1

    def _forget_oldest(self) -> None:
        while len(self._runs) > self._max_runs or self._ended_chars > self._max_chars:
            if not self._chars_at_end or len(self._runs) == 1:
                return
            self._forget(self._runs[next(iter(self._chars_at_end))])

    def _forget(self, run: Run) -> None:
        del self._runs[run.id]
        record = self._tasks[run.task]
        record.run_ids.remove(run.id)
        record.ended.pop(run.id, None)
        self._outputs.pop(run.id, None)
        self._ended_chars -= self._chars_at_end.pop(run.id, 0)

    def run(self, run_id: int) -> Run | None:
        """A run as it stands now."""
        with self._lock:
            return self._runs.get(run_id)

    def recent(self, task: str | None, limit: int) -> Sequence[Run]:
        """The latest runs, newest first."""
        with self._lock:
            ids: Sequence[int] = tuple(self._runs) if task is None else self._ids_of(task)
            return [self._runs[run_id] for run_id in itertools.islice(reversed(ids), limit)]

    def _ids_of(self, task: str) -> tuple[int, ...]:
        record = self._tasks.get(task)
        return tuple(record.run_ids) if record else ()

    def output(self, run_id: int) -> Output | None:
        """What a run has written."""
        return self._outputs.get(run_id)

    def last_ended(self, task: str) -> Run | None:
        """The task's run that ended last, even when it is not among those kept any more."""
        record = self._tasks.get(task)
        return record.last if record else None

    def outcomes(self, task: str) -> Sequence[RunState]:
        """The final states of the task's latest runs, oldest first."""
        with self._lock:
            record = self._tasks.get(task)
            return tuple(record.outcomes) if record else ()

    def statistics(self, task: str) -> TaskStatistics:
        """What the task's runs add up to."""
        return TaskStatistics()

    async def runs(
        self, query: RunQuery, *, before: int | None = None, limit: int = 100
    ) -> RunPage:
        """The runs that a query asks for, by descending number, from below `before`."""
        with self._lock:
            ids = sorted(self._runs, reverse=True)
            candidates = [self._runs[one] for one in ids if before is None or one < before]
        found = (run for run in candidates if matches(run, query))
        page = list(itertools.islice(found, limit))
        summaries = tuple(summary_of(run, self._outputs.get(run.id)) for run in page)
        return RunPage(summaries, page[-1].id if len(page) == limit else None)

    async def past_payloads(self, task: str, limit: int) -> Sequence[Payload]:
        """The payloads that a task was given last, each once, the latest first."""
        return []

    async def search_output(
        self, run_id: int, text: str, *, start: int = 0, backwards: bool = False
    ) -> AsyncIterator[Sequence[int]]:
        """The numbers of the lines of a run that hold a text, whatever the case."""
        output = self.output(run_id)
        for number in range(start, output.extent.total if output else 0):
            for line in output.read(number, number + 1) if output else ():
                if text.casefold() in OutputLine.decode(line).text.casefold():
                    yield [number]


def _is_older(run: Run, limit: Retention, now: datetime | None) -> bool:
    if limit.age is None or run.ended_at is None or now is None:
        return False
    return now - run.ended_at > limit.age
