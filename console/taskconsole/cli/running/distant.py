"""Runs in the engine that is at work on the project, by calls to it."""

import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

from taskconsole.cli.problems import in_words
from taskconsole.cli.running.host import Piece
from taskconsole.cli.task_names import names_in_engine
from taskengine.client.calls import Calls
from taskengine.client.wire.form import fact_of
from taskengine.errors import EngineUnreachable, TaskError
from taskengine.output import OutputKind, OutputLine
from taskengine.problem import Problem
from taskengine.records import RunPage, RunQuery
from taskengine.run import Payload, Run, Trigger

if TYPE_CHECKING:
    from taskconsole.cli.runs.kept import KeptRuns

T = TypeVar("T")
_GRACE = 10.0
_KINDS = {one.value: one for one in OutputKind}


class DistantRuns:
    """A RunHost. When the engine is gone in the middle of a run, the history tells the rest; what
    that needs is closed with `stack`.
    """

    outlives = True
    grace = _GRACE

    def __init__(self, calls: Calls, root: Path, stack: ExitStack) -> None:
        self._calls = calls
        self._root = root
        self._stack = stack
        self._kept: KeptRuns | None = None
        self.stderr: TextIO = sys.stderr

    def start(self, task: str, payload: Payload) -> Run:
        """Run a task."""
        body = {"task": task, "payload": payload, "trigger": Trigger.CLI}
        return self._calls.post_as(Run, "runs", body=body)

    def rerun(self, run_id: int) -> Run:
        """Run a task again."""
        return self._calls.post_as(Run, "runs", run_id, "rerun")

    def run(self, run_id: int) -> Run:
        """A run as it stands now."""
        return self._told(
            run_id,
            lambda: self._calls.get_as(Run, "runs", run_id),
            lambda kept: kept.run(run_id),
        )

    def piece(self, run_id: int, start: int, patience: float) -> Piece:
        """What a run has written from a line on."""
        return self._told(
            run_id,
            lambda: piece_of(
                self._calls.get("runs", run_id, "output", start=start, wait=patience), start
            ),
            lambda kept: kept.piece(run_id, start, patience),
        )

    def _told(
        self, run_id: int, by_engine: Callable[[], T], by_history: "Callable[[KeptRuns], T]"
    ) -> T:
        if self._kept is None:
            try:
                return by_engine()
            except EngineUnreachable as error:
                self._kept = self._history_of(run_id, error)
        return by_history(self._kept)

    def _history_of(self, run_id: int, error: EngineUnreachable) -> "KeptRuns":
        """The history, which an engine has written that is gone. Raises the error if it does not
        know the run.
        """
        from taskconsole.cli.runs.kept import KeptRuns, kept_runs
        from taskengine.history.sqlite.offline import HistoryUnreachable

        try:
            kept = self._stack.enter_context(kept_runs(self._root))
            kept.run(run_id)
        except (TaskError, HistoryUnreachable, OSError):
            raise error from None
        assert isinstance(kept, KeptRuns)
        return kept

    def total(self, run_id: int) -> int:
        """How many lines a run has written."""
        answer = self._calls.get("runs", run_id, "output", tail=0)
        return int(answer["extent"]["total"])

    def page(self, query: RunQuery, before: int | None, limit: int) -> RunPage:
        """Some of the runs that a query asks for, newest first."""
        return self._calls.get_as(
            RunPage,
            "runs",
            task=query.task,
            state=sorted(query.states),
            trigger=sorted(query.triggers),
            since=query.since,
            until=query.until,
            text=query.text or None,
            before=before,
            limit=limit,
        )

    def aside(self) -> Sequence[OutputLine]:
        """Nothing: what else the engine writes is no affair of one run."""
        return ()

    def cancel(self, run_id: int) -> None:
        """Ask a run to stop, on a connection of its own: the other one may be waiting."""
        calls = Calls(self._calls.address)
        try:
            calls.post("runs", run_id, "cancel")
        except TaskError:
            return  # whoever waits for the run's end hears of it
        finally:
            calls.close()

    def abandon(self) -> None:
        """Nothing: the engine goes on by itself."""

    def names(self) -> Sequence[str]:
        """The tasks there are."""
        return names_in_engine(self._calls)

    def fault_of(self, task: str) -> str:
        """What is wrong with a task, and where."""
        problem = self._calls.get("tasks", task)["view"]["problem"]
        return in_words(fact_of(problem, Problem)) if problem else ""


def piece_of(answer: dict[str, Any], start: int) -> Piece:
    """A piece of output, as the engine has answered."""
    lines = [
        OutputLine(time, _KINDS.get(kind, OutputKind.STDOUT), logger, text)
        for time, kind, logger, text in answer["lines"]
    ]
    first = answer["start"]
    following = first + len(lines)
    return Piece(
        lines=lines,
        following=following,
        dropped=max(first - start, 0),
        is_last=answer["over"] and following >= answer["extent"]["total"],
    )
