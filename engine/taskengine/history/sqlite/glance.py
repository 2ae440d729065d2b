"""What a history tells at a glance, without an engine. Brings few imports along, for commands that
have to answer at once.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from taskengine.errors import HistoryTooNew
from taskengine.history.process_identity import ProcessIdentity
from taskengine.history.sqlite.engines import unstopped
from taskengine.history.sqlite.files import read_only_uri
from taskengine.history.sqlite.instants import from_micros_or_none
from taskengine.history.sqlite.migrate import version_of
from taskengine.history.sqlite.trouble import ForeignFile

UNREADABLE = (sqlite3.Error, OSError, ForeignFile, HistoryTooNew, ValueError)
"""What may be raised here of a file that can't be read, or not by this version."""

_BUSY = 0.25  # seconds
_PAUSES = "SELECT name, text FROM state WHERE kind = 'pause'"
_LAST = """
SELECT runs.task, runs.id, runs.state, runs.ended_at
FROM task_stats JOIN runs ON runs.id = task_stats.last_run"""
_OPEN = "SELECT task, id, engine, begun FROM runs WHERE open = 1 AND ended_at IS NULL ORDER BY id"
_LATEST = "SELECT id, task, state FROM runs ORDER BY id DESC LIMIT ?"
_INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class LastRun:
    """How a run ended; `ended_at` is None if its process has died and nobody has written it yet."""

    id: int
    state: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Glance:
    """By the names of tasks: why they are paused, how they ended last, which runs are not over."""

    pauses: Mapping[str, str]
    last: Mapping[str, LastRun]
    active: Mapping[str, Sequence[int]]


def glance_at(path: Path) -> Glance:
    """How the tasks of a history stand. Raises what is UNREADABLE."""
    with _reading(path) as connection:
        pauses: dict[str, str] = dict(connection.execute(_PAUSES))
        last = {
            task: LastRun(run, state, from_micros_or_none(ended_at))
            for task, run, state, ended_at in connection.execute(_LAST)
        }
        active: defaultdict[str, list[int]] = defaultdict(list)
        alive: set[int] | None = None
        for task, run, engine, begun in connection.execute(_OPEN):
            alive = _alive(connection) if alive is None else alive
            if engine in alive:
                active[task].append(run)
            elif begun:
                last[task] = LastRun(run, _INTERRUPTED, None)
    return Glance(pauses, last, active)


def latest_runs(path: Path, limit: int) -> Sequence[tuple[int, str, str]]:
    """The number, the task and the state of the latest runs, the latest first. Raises what is
    UNREADABLE.
    """
    with _reading(path) as connection:
        return connection.execute(_LATEST, (limit,)).fetchall()


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    uri, _ = read_only_uri(path)
    with closing(sqlite3.connect(uri, _BUSY, uri=True, isolation_level=None)) as connection:
        version_of(connection, path)
        connection.execute("BEGIN")  # all of it is of one instant
        yield connection


def _alive(connection: sqlite3.Connection) -> set[int]:
    """The engines that may still be at work: those of other hosts can't be looked at."""
    return {one.id for one in unstopped(connection) if _may_live(one.process)}


def _may_live(process: ProcessIdentity) -> bool:
    return not process.is_here or process.is_alive()
