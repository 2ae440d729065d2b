"""What the runs of one task that ever ended add up to."""

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from types import MappingProxyType

from taskengine.history.histogram import Histogram
from taskengine.records import TaskStatistics
from taskengine.run import Run, RunState

OUTCOMES_KEPT = 50


@dataclass(slots=True)
class TaskTally:
    """Counters of one task. `ends` are the instants, in microseconds since 1970, and the final
    states of the runs that ended last, oldest first; `last` is the number of the latest of them.
    Not safe between threads.
    """

    counts: dict[RunState, int] = field(default_factory=dict)
    durations: Histogram = field(default_factory=Histogram)
    ends: list[tuple[int, str]] = field(default_factory=list)
    last: int | None = None

    def add(self, run: Run) -> None:
        """Count a run that has ended. It may have ended before others that were counted."""
        self.counts[run.state] = self.counts.get(run.state, 0) + 1
        ended_at = run.ended_at or run.queued_at  # one that never began may have no end
        if run.state is RunState.DONE:
            self.durations.add(run.duration(ended_at))
        instant = round(ended_at.timestamp() * 1_000_000)
        if not self.ends or instant >= self.ends[-1][0]:
            self.last = run.id
        insort(self.ends, (instant, run.state.value), key=itemgetter(0))
        del self.ends[:-OUTCOMES_KEPT]

    @property
    def outcomes(self) -> Sequence[RunState]:
        """The final states of the runs that ended last, oldest first."""
        return tuple(RunState(state) for _, state in self.ends)

    def statistics(self) -> TaskStatistics:
        """The counters as they stand now."""
        return TaskStatistics(
            counts=MappingProxyType(dict(self.counts)),
            p50=self.durations.quantile(0.5),
            p95=self.durations.quantile(0.95),
        )
