"""What is wrong with a history at present, told to the loop that asked for it."""

import asyncio
from contextlib import suppress
from enum import Enum, auto

from taskengine.history.history import Report
from taskengine.problem import Problem, ProblemKind


class Source(Enum):
    """What is wrong; of several that have one kind of problem, the first of these is told."""

    FILE = auto()
    CHORES = auto()
    DAMAGE = auto()


class Notices:
    """Tells changes only. `tell` is called on the writer's thread."""

    def __init__(self) -> None:
        self._report: Report | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._problems: dict[Source, Problem] = {}
        self._told: dict[ProblemKind, Problem] = {}

    def listen(self, report: Report) -> None:
        """Let this be told, on the loop that calls."""
        self._report = report
        self._loop = asyncio.get_running_loop()

    def tell(self, source: Source, problem: Problem | None) -> None:
        """Say what is wrong there now; None: nothing any more."""
        if problem is None:
            self._problems.pop(source, None)
        else:
            self._problems[source] = problem
        present = {
            other.kind: other
            for _, other in sorted(self._problems.items(), key=_rank, reverse=True)
        }
        for kind in self._told.keys() | present.keys():
            if self._told.get(kind) != present.get(kind):
                self._send(kind, present.get(kind))
        self._told = present

    def _send(self, kind: ProblemKind, problem: Problem | None) -> None:
        if self._loop is None or self._report is None:
            return
        with suppress(RuntimeError):  # the loop is closed, and nobody is left to be told
            self._loop.call_soon_threadsafe(self._report, kind, problem)


def _rank(item: tuple[Source, Problem]) -> int:
    return item[0].value
