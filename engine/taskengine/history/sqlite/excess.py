"""Which runs are too much, by the bounds of their tasks and of the project."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from sqlite3 import Connection

from taskengine.history.retention import HistorySettings, Retention
from taskengine.history.sqlite.instants import to_micros
from taskengine.history.sqlite.spans import spans_of
from taskengine.records import RunQuery

_HIGHEST = 2**63 - 1  # what SQLite has as a number


@dataclass(frozen=True, slots=True)
class Excess:
    """A run that is too much, and the bytes that it takes."""

    run: int
    task: str
    size: int


@dataclass(slots=True)
class Amount:
    """So many runs, and their bytes."""

    runs: int = 0
    size: int = 0


@dataclass(slots=True)
class _Kept(Amount):
    """What is kept, counted down as runs are found to be too much."""

    def exceeds(self, bound: Retention) -> bool:
        """Whether it is too much, whatever its age."""
        return (bound.runs is not None and self.runs > bound.runs) or (
            bound.size is not None and self.size > bound.size
        )

    def count_down(self, one: Excess) -> None:
        self.runs -= 1
        self.size -= one.size


def excess(connection: Connection, settings: HistorySettings, now: datetime) -> Iterator[Excess]:
    """The runs that are too much: those that their own task has too many of, then those that are
    too much for the project; each time those that are too old first, then the lowest numbers.
    Nothing may be deleted while it is asked.

    A run that is not over is never among them. Nor is the one of each task that ended last, unless
    it is too old: how a task stands is worth its room.
    """
    kept, latest = _counted(connection)
    search = _Search(connection, now, latest)
    for task, bound in settings.tasks.items():
        if task in kept:
            yield from search.beyond(bound, kept[task], task)
    total = _Kept(sum(one.runs for one in kept.values()), sum(one.size for one in kept.values()))
    yield from search.beyond(settings.project, total)


def _counted(connection: Connection) -> tuple[Mapping[str, _Kept], frozenset[int]]:
    """What is kept of each task, and the runs that ended last."""
    rows = connection.execute("SELECT task, kept_runs, kept_size, last_run FROM task_stats")
    found = {task: (_Kept(runs, size), last) for task, runs, size, last in rows}
    kept = {task: one for task, (one, _) in found.items()}
    return kept, frozenset(last for _, last in found.values() if last is not None)


@dataclass(slots=True)
class _Search:
    """Finds each run once. Looks at no more rows than it takes to know that the others stay."""

    connection: Connection
    now: datetime
    latest: frozenset[int]
    found: set[int] = field(default_factory=set)

    def beyond(self, bound: Retention, kept: _Kept, task: str | None = None) -> Iterator[Excess]:
        """The runs of a task, or of all, that are beyond a bound."""
        if bound.age is not None:
            yield from self._taken(self._too_old(bound.age, task), kept)
        if kept.exceeds(bound):
            yield from self._taken(self._too_much(bound, kept, task), kept)

    def _taken(self, runs: Iterable[Excess], kept: _Kept) -> Iterator[Excess]:
        for one in runs:
            self.found.add(one.run)
            kept.count_down(one)
            yield one

    def _too_old(self, age: timedelta, task: str | None) -> Iterator[Excess]:
        oldest = self._before(age)
        # Numbers do not tell how old a run is: clocks are set, and old runs are imported.
        spans = list(spans_of(self.connection, RunQuery(until=oldest), None))
        for numbers in reversed(spans):
            for one, ended_at in self._ended(task, numbers):
                if ended_at < to_micros(oldest):
                    yield one

    def _too_much(self, bound: Retention, kept: _Kept, task: str | None) -> Iterator[Excess]:
        for one, _ in self._ended(task, range(_HIGHEST)):
            if not kept.exceeds(bound):
                return
            if one.run not in self.latest:
                yield one

    def _ended(self, task: str | None, numbers: range) -> Iterator[tuple[Excess, int]]:
        """The runs among some numbers that are over and not found yet, and when they ended."""
        condition, arguments = ("", ()) if task is None else ("task = ? AND ", (task,))
        query = (
            # A run ends before it was queued where the clock is set back meanwhile.
            "SELECT id, task, size, max(queued_at, coalesce(ended_at, queued_at)) FROM runs"  # noqa: S608 - our own
            f" WHERE {condition}id >= ? AND id < ? AND open = 0 ORDER BY id"
        )
        rows = self.connection.execute(query, (*arguments, numbers.start, numbers.stop))
        for run, of_task, size, ended_at in rows:
            if run not in self.found:
                yield Excess(run, of_task, size), ended_at

    def _before(self, age: timedelta) -> datetime:
        """The instant an age ago."""
        try:
            return self.now - age
        except OverflowError:
            return datetime.min.replace(tzinfo=UTC)
