"""What memory holds while nothing can be written, and how people are told when it overflows."""

from dataclasses import replace

from taskengine.history.history import Report
from taskengine.history.memory import MAX_CHARS, MAX_RUNS
from taskengine.history.sqlite.entries import Phase
from taskengine.history.sqlite.lost_ends import LostEnds
from taskengine.history.sqlite.overlay import Overlay
from taskengine.problem import Problem, ProblemKind


class Outage:
    """Stands between the writer and those who hear of trouble. Belongs to the engine's loop."""

    def __init__(
        self,
        overlay: Overlay,
        ends: LostEnds,
        *,
        max_runs: int = MAX_RUNS,
        max_chars: int = MAX_CHARS,
    ) -> None:
        self._overlay = overlay
        self._ends = ends
        self._max_runs = max_runs
        self._max_chars = max_chars
        self._report: Report | None = None
        self._problem: Problem | None = None
        self._lost = 0
        self._told = 0

    def listen(self, report: Report) -> None:
        """Tell this one from now on."""
        self._report = report

    def report(self, kind: ProblemKind, problem: Problem | None) -> None:
        """Hand on what is wrong, with what it has come to."""
        if kind is ProblemKind.HISTORY:
            self._problem = problem
            if problem is None:
                self._lost = self._told = 0
            elif self._lost:
                problem = self._with_loss(problem)
        if self._report:
            self._report(kind, problem)

    def make_room(self) -> None:
        """Let go of the runs that ended first, if memory holds too many that can't be written."""
        for entry in self._overlay.forget_oldest(self._max_runs, self._max_chars):
            if not entry.has_row:
                self._lost += 1
            elif entry.facts.phase is Phase.ENDED:
                self._ends.add(entry)
        # Told when it has grown by a tenth: it may grow thousands of times a second.
        if self._problem and self._lost > self._told * 1.1 and self._report:
            self._told = self._lost
            self._report(ProblemKind.HISTORY, self._with_loss(self._problem))

    def _with_loss(self, problem: Problem) -> Problem:
        runs = "1 run that ended is" if self._lost == 1 else f"{self._lost:,} runs that ended are"
        return replace(
            problem, message=f"{problem.message}; {runs} lost, because memory is full of them"
        )
