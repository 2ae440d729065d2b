"""Which runs are too much, by the bounds of their tasks and of the project."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection
from typing import TypeAlias

from taskengine.history.retention import HistorySettings, Retention
from taskengine.history.sqlite.instants import to_micros

_COLUMNS = "id, task, queued_at, coalesce(ended_at, queued_at), size, open"
_OF_TASK = f"SELECT {_COLUMNS} FROM runs WHERE task = ? ORDER BY id"  # noqa: S608 - our own names
_OF_ALL = f"SELECT {_COLUMNS} FROM runs ORDER BY id"  # noqa: S608 - our own names
_Row: TypeAlias = tuple[int, str, int, int, int, int]


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
    """The runs that are too much, the oldest first: those that their own task has too many of,
    then those that are too much for the project. Nothing may be deleted while it is asked.

    A run that is not over is never among them. Nor is the one of each task that ended last, unless
    it is too old: how a task stands is worth its room.
    """
    kept, latest = _counted(connection)
    found: set[int] = set()
    for task, bound in settings.tasks.items():
        if task in kept:
            rows = _rows(connection, _OF_TASK, task)
            for one in _beyond(bound, kept[task], latest, now, rows):
                found.add(one.run)
                yield one
    total = _Kept(sum(one.runs for one in kept.values()), sum(one.size for one in kept.values()))
    others = (row for row in _rows(connection, _OF_ALL) if row[0] not in found)
    yield from _beyond(settings.project, total, latest, now, others)


def _counted(connection: Connection) -> tuple[Mapping[str, _Kept], frozenset[int]]:
    """What is kept of each task, and the runs that ended last."""
    rows = connection.execute("SELECT task, kept_runs, kept_size, last_run FROM task_stats")
    found = {task: (_Kept(runs, size), last) for task, runs, size, last in rows}
    kept = {task: one for task, (one, _) in found.items()}
    return kept, frozenset(last for _, last in found.values() if last is not None)


def _rows(connection: Connection, query: str, *arguments: str) -> Iterator[_Row]:
    """The rows of a query, which is not begun before the first of them is asked for."""
    yield from connection.execute(query, arguments)


def _beyond(
    bound: Retention,
    kept: _Kept,
    latest: frozenset[int],
    now: datetime,
    rows: Iterable[_Row],
) -> Iterator[Excess]:
    """The runs among these rows, which come by number, that are beyond a bound. No more rows are
    looked at than it takes to know that the others are not.
    """
    oldest = None if bound.age is None else to_micros(now - bound.age)
    if oldest is None and not kept.exceeds(bound):
        return
    for run, task, queued_at, ended_at, size, is_open in rows:
        is_too_much = kept.exceeds(bound)
        if not is_too_much and (oldest is None or queued_at >= oldest):
            return
        is_too_old = oldest is not None and ended_at < oldest
        if not is_open and (is_too_old or (is_too_much and run not in latest)):
            one = Excess(run, task, size)
            kept.count_down(one)
            yield one
