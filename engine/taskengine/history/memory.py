"""A history that lives as long as its engine, bounded by runs and by the characters they hold."""

import itertools
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from taskengine.history.memory_fires import MemoryFires
from taskengine.history.retention import Retention
from taskengine.history.size import chars_of
from taskengine.output import Output, OutputBuffer
from taskengine.run import Run, RunState

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

    def retain(self, limits: Mapping[str, Retention]) -> None:
        """Keep no more of these tasks than that; looked at when a run of theirs ends."""
        self._limits = {task: limit for task, limit in limits.items() if limit != Retention()}

    def next_id(self) -> int:
        """A number that no run of this engine had before."""
        return next(self._ids)

    async def keep_queued(self, run: Run, output: OutputBuffer) -> None:
        """Keep a run that was accepted."""
        with self._lock:
            self._runs[run.id] = run
            self._outputs[run.id] = output
            self._tasks.setdefault(run.task, _TaskRecord()).run_ids.append(run.id)

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


def _is_older(run: Run, limit: Retention, now: datetime | None) -> bool:
    if limit.age is None or run.ended_at is None or now is None:
        return False
    return now - run.ended_at > limit.age
