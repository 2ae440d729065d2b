"""Runs in the engine that is at work on the project, by calls to it."""

import sys
from collections.abc import Sequence
from typing import Any, TextIO

from taskconsole.cli.problems import in_words
from taskconsole.cli.running.host import Piece
from taskengine.client.calls import Calls
from taskengine.client.wire.form import fact_of
from taskengine.errors import TaskError
from taskengine.output import OutputKind, OutputLine
from taskengine.problem import Problem
from taskengine.records import RunPage, RunQuery
from taskengine.run import Payload, Run, Trigger

_GRACE = 10.0
_KINDS = {one.value: one for one in OutputKind}


class DistantRuns:
    """A RunHost."""

    outlives = True
    grace = _GRACE

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
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
        return self._calls.get_as(Run, "runs", run_id)

    def piece(self, run_id: int, start: int, patience: float) -> Piece:
        """What a run has written from a line on."""
        return piece_of(
            self._calls.get("runs", run_id, "output", start=start, wait=patience), start
        )

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
        return [one["view"]["name"] for one in self._calls.get("tasks")["tasks"]]

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
