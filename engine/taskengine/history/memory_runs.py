"""The runs that a history in memory keeps, bounded by their number and by the characters they hold.

Nothing here is safe between threads.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from taskengine.history.retention import Retention
from taskengine.history.tally import TaskTally
from taskengine.output import OutputBuffer
from taskengine.run import Run


@dataclass(slots=True)
class _TaskRuns:
    """The runs of a task that are kept: all, and those that ended in the order in which they did.
    The counters and the last run tell also of those that are not kept any more.
    """

    all: dict[int, None] = field(default_factory=dict)
    ended: OrderedDict[int, None] = field(default_factory=OrderedDict)
    tally: TaskTally = field(default_factory=TaskTally)
    last: Run | None = None


class MemoryRuns:
    """Keeps the latest runs; those that ended first go first, and never one that is going on."""

    def __init__(self, max_runs: int, max_chars: int) -> None:
        self.limits: Mapping[str, Retention] = {}
        self._max_runs = max_runs
        self._max_chars = max_chars
        self._runs: dict[int, Run] = {}
        self._outputs: dict[int, OutputBuffer] = {}
        self._chars_at_end = OrderedDict[int, int]()  # in the order in which the runs ended
        self._ended_chars = 0
        self._tasks: dict[str, _TaskRuns] = {}

    def add(self, run: Run, output: OutputBuffer) -> None:
        """Keep a run."""
        self._runs[run.id] = run
        self._outputs[run.id] = output
        self._task(run.task).all[run.id] = None

    def change(self, run: Run) -> None:
        """Keep how a run stands, if it is kept."""
        if run.id in self._runs:
            self._runs[run.id] = run

    def end(self, run: Run, chars: int) -> None:
        """Keep a run's final state, whose facts hold so many characters, and make room for more."""
        of_task = self._task(run.task)
        of_task.tally.add(run)
        if of_task.tally.last == run.id:
            of_task.last = run
        if run.id not in self._runs:
            return
        self._runs[run.id] = run
        of_task.ended[run.id] = None
        # What late threads write afterwards is not counted.
        self._chars_at_end[run.id] = chars + self._outputs[run.id].chars
        self._ended_chars += self._chars_at_end[run.id]
        self._forget_unwanted(run.task, run.ended_at)
        self._forget_oldest()

    def get(self, run_id: int) -> Run | None:
        """A run, if it is kept."""
        return self._runs.get(run_id)

    def output(self, run_id: int) -> OutputBuffer | None:
        """What a run has written, if it is kept."""
        return self._outputs.get(run_id)

    def latest(self, task: str | None) -> Iterator[Run]:
        """The runs of a task or of all, those first that were added last."""
        of_task = None if task is None else self._tasks.get(task, _TaskRuns())
        return (self._runs[one] for one in reversed(of_task.all if of_task else self._runs))

    def tally(self, task: str) -> TaskTally:
        """What the runs of a task add up to, also those that are not kept any more."""
        return self._tasks.get(task, _TaskRuns()).tally

    def last_ended(self, task: str) -> Run | None:
        """The task's run that ended last, even when it is not kept any more."""
        return self._tasks.get(task, _TaskRuns()).last

    def _task(self, name: str) -> _TaskRuns:
        return self._tasks.setdefault(name, _TaskRuns())

    def _forget_unwanted(self, task: str, now: datetime | None) -> None:
        """Forget what the task's own limits leave no room for."""
        limit = self.limits.get(task)
        if limit is None:
            return
        of_task = self._tasks[task]
        surplus = 0 if limit.runs is None else len(of_task.all) - limit.runs
        while of_task.ended:
            oldest = self._runs[next(iter(of_task.ended))]
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
        del self._runs[run.id], self._outputs[run.id]
        of_task = self._tasks[run.task]
        del of_task.all[run.id], of_task.ended[run.id]
        self._ended_chars -= self._chars_at_end.pop(run.id)


def _is_older(run: Run, limit: Retention, now: datetime | None) -> bool:
    if limit.age is None or run.ended_at is None or now is None:
        return False
    return now - run.ended_at > limit.age
