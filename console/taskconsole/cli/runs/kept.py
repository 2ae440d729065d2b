"""Runs as the project's history has them, while no engine can be asked."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from sqlite3 import Connection, Error
from typing import NoReturn, TypeVar

from taskconsole.cli.running.host import Piece, piece_at
from taskengine.errors import RunNotFound
from taskengine.history.sqlite import engines, fire_rows, task_stats
from taskengine.history.sqlite.files import is_writable
from taskengine.history.sqlite.offline import HistoryUnreachable, history_file, opened
from taskengine.history.sqlite.overlay import Overlay
from taskengine.history.sqlite.pages import page_of
from taskengine.history.sqlite.reader import Reader
from taskengine.history.sqlite.run_lookup import RunLookup
from taskengine.history.sqlite.sqlite_state import load_texts
from taskengine.history.sqlite.task_stats import StatsRow
from taskengine.output import Output
from taskengine.records import RunPage, RunQuery, StateKind, TaskStatistics
from taskengine.run import DelayedRun, Run, RunState

T = TypeVar("T")
_LONGEST_SEARCH = 2.0
_LOOK_AGAIN = 0.2
_BEGUN = "SELECT id, engine FROM runs WHERE open = 1 AND begun = 1 AND ended_at IS NULL"


@contextmanager
def kept_runs(root: Path) -> Iterator["KeptRuns | NoRuns"]:
    """The runs that are kept of a project. Raises HistoryUnreachable, HistoryTooNew."""
    path = history_file(root)
    if path is None:
        yield NoRuns()
        return
    if is_writable(path):
        with opened(path):  # an earlier version's file is brought to this one's form
            pass
    reader = Reader(path, lambda: 0, _refuse)
    try:
        yield KeptRuns(reader)
    finally:
        reader.close()


def _refuse(error: Exception) -> NoReturn:
    raise HistoryUnreachable(f"The history can't be read: {error}") from error


class NoRuns:
    """No history is kept yet."""

    def page(self, query: RunQuery, before: int | None, limit: int) -> RunPage:  # noqa: ARG002
        """No runs."""
        return RunPage()

    def statistics(self, task: str) -> TaskStatistics:  # noqa: ARG002
        """Nothing ran."""
        return TaskStatistics()

    def pauses(self) -> Mapping[str, str]:
        """Nothing is paused."""
        return {}

    def delayed(self) -> Sequence[DelayedRun]:
        """Nothing is put off."""
        return ()

    def run(self, run_id: int) -> Run:
        """Raises RunNotFound."""
        raise RunNotFound(run_id)

    def total(self, run_id: int) -> int:
        """Raises RunNotFound."""
        raise RunNotFound(run_id)

    def piece(self, run_id: int, start: int, patience: float) -> Piece:  # noqa: ARG002
        """Raises RunNotFound."""
        raise RunNotFound(run_id)


class KeptRuns:
    """What the file says. A run whose process has died since is interrupted, as the next engine
    will write down.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._lookup = RunLookup(Overlay(lambda _: None), reader)

    def page(self, query: RunQuery, before: int | None, limit: int) -> RunPage:
        """Some of the runs that a query asks for, newest first."""
        found = self._asked(
            lambda file: page_of(file, query, before, limit, _LONGEST_SEARCH), RunPage()
        )
        lost = self._lost()
        runs = (
            replace(run, state=RunState.INTERRUPTED) if run.id in lost else run
            for run in found.runs
        )
        return RunPage(tuple(runs), found.before)

    def statistics(self, task: str) -> TaskStatistics:
        """What all runs of a task that ever ended add up to."""
        rows: Mapping[str, StatsRow] = self._asked(task_stats.load, {})
        return rows[task].tally.statistics() if task in rows else TaskStatistics()

    def pauses(self) -> Mapping[str, str]:
        """Why tasks are paused, by their names."""
        texts: Mapping[tuple[StateKind, str], str] = self._asked(load_texts, {})
        return {name: why for (kind, name), why in texts.items() if kind is StateKind.PAUSE}

    def delayed(self) -> Sequence[DelayedRun]:
        """The runs that were put off and have not begun."""
        return self._asked(lambda file: fire_rows.load(file).delayed, ())

    def run(self, run_id: int) -> Run:
        """A run as it stands now."""
        run = self._lookup.run(run_id)
        if run is None:
            raise RunNotFound(run_id)
        if not run.state.is_final and run_id in self._lost():
            return replace(run, state=RunState.INTERRUPTED)
        return run

    def total(self, run_id: int) -> int:
        """How many lines a run has written."""
        return self._output(run_id).extent.total

    def piece(self, run_id: int, start: int, patience: float) -> Piece:
        """What a run has written from a line on."""
        deadline = time.monotonic() + patience
        while True:
            is_over = self.run(run_id).state.is_final
            piece = piece_at(self._output(run_id), start, is_over=is_over)
            if piece.lines or piece.is_last or time.monotonic() >= deadline:
                return piece
            time.sleep(_LOOK_AGAIN)

    def _output(self, run_id: int) -> Output:
        output = self._lookup.output(run_id)
        if output is None:
            raise RunNotFound(run_id)
        return output

    def _lost(self) -> frozenset[int]:
        """The runs that say that they go on, in processes that are gone."""
        return self._asked(_lost_runs, frozenset[int]())

    def _asked(self, query: Callable[[Connection], T], default: T) -> T:
        try:
            return self._reader.read(query, default)
        except Error as error:
            _refuse(error)


def _lost_runs(connection: Connection) -> frozenset[int]:
    begun = connection.execute(_BEGUN).fetchall()
    if not begun:
        return frozenset()
    rows = engines.unstopped(connection)
    alive = {one.id for one in rows if not one.process.is_here or one.process.is_alive()}
    return frozenset(run for run, engine in begun if engine not in alive)
