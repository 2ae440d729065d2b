"""What a history of runs must do, wherever it keeps them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeAlias

from taskengine.history.fires import FireHistory
from taskengine.history.leftovers import Leftovers
from taskengine.history.retention import HistorySettings
from taskengine.history.state import ProjectState
from taskengine.output import Output, OutputBuffer
from taskengine.problem import Problem, ProblemKind
from taskengine.records import RunPage, RunQuery, TaskStatistics
from taskengine.run import Payload, Run, RunState

Report: TypeAlias = Callable[[ProblemKind, Problem | None], None]
"""Told on the engine's loop what is wrong with a history now; None: no more of that kind."""


class History(Protocol):
    """Keeps runs and what they wrote.

    What is to be awaited is called on the engine's loop unless it says otherwise. What is named
    `keep_...` has kept the fact when it was awaited: a run is kept before its code starts, and its
    end before any caller hears of it. They never fail because of the place where things are kept:
    what can't be written there now is kept in memory and written when it can be. The plain methods
    answer from any thread.
    """

    @property
    def fires(self) -> FireHistory:
        """What is kept of fires: claims, misses, and runs that were put off."""

    @property
    def state(self) -> ProjectState:
        """Small things that are kept with the project, such as pauses and drafts."""

    @property
    def path(self) -> Path | None:
        """The file where later engines find what is kept; None: it lives as long as the process."""

    def announce(self, socket: Path | None, url: str) -> None:
        """Tell programs that look for this project's engine where it can be reached from now on:
        at a unix socket, at a URL, or nowhere. On the engine's loop, while the history is open.
        """

    async def open(self, report: Report) -> Leftovers:
        """Be ready, and give back what earlier engines left undone. Called once, before all else.

        Raises EngineAlreadyRunning, HistoryTooNew.
        """

    async def late_leftovers(self) -> Leftovers:
        """What `open` could not give back because the place where things are kept was out of order;
        waits until it is in order again. Nothing, at once, if `open` could.
        """

    async def close(self) -> None:
        """Write what is not written yet and let go of everything. Called once, after all else."""

    def configure(self, settings: HistorySettings) -> None:
        """Keep as much as these settings say, from now on; a run that goes on is always kept."""

    def next_id(self) -> int:
        """A number that no run had before."""

    def keep_queued(self, run: Run, output: OutputBuffer, *, begins: bool) -> Awaitable[None]:
        """Keep a run that was accepted, or one that was skipped and is over already; `output` is
        where its lines appear. `begins`: its code begins as soon as this was awaited.

        The run and its output are known at once, without waiting: whoever is told of a run after
        this call finds both.

        A run that an earlier engine left in the queue is kept again, by its own number.
        """

    async def keep_begun(self, run: Run) -> None:
        """Keep that the code of a run, which had to wait for its turn, begins when this returns.

        What has begun and does not end before its engine dies was interrupted; what has not begun
        is left in the queue.
        """

    def keep_changed(self, run: Run) -> None:
        """Keep how a run stands that is going on; within a moment is soon enough."""

    async def keep_ended(self, run: Run) -> None:
        """Keep a run's final state."""

    async def keep_in_queue(self, run: Run) -> None:
        """Leave a run, whose code has not begun, in the queue for the next engine, though for this
        one it is over.
        """

    async def keep_settled(self, run_id: int) -> None:
        """Keep that a run, which `Leftovers.interrupted` held, needs nothing done any more."""

    def run(self, run_id: int) -> Run | None:
        """A run as it stands now, None if it is not known any more."""

    def recent(self, task: str | None, limit: int) -> Sequence[Run]:
        """The latest runs, of one task or of all, newest first."""

    def output(self, run_id: int) -> Output | None:
        """What a run has written, None if it is not kept any more. It stays readable, and goes on
        growing while the run goes on.
        """

    def last_ended(self, task: str) -> Run | None:
        """The task's run that ended last."""

    def outcomes(self, task: str) -> Sequence[RunState]:
        """The final states of the task's latest runs, oldest first."""

    def statistics(self, task: str) -> TaskStatistics:
        """What the task's runs add up to."""

    async def runs(
        self, query: RunQuery, *, before: int | None = None, limit: int = 100
    ) -> RunPage:
        """The runs that a query asks for, by descending number below `before`. On any loop."""

    async def past_payloads(self, task: str, limit: int) -> Sequence[Payload]:
        """The payloads that a task was given last, each once, the latest first. On any loop."""

    def search_output(
        self, run_id: int, text: str, *, start: int = 0, backwards: bool = False
    ) -> AsyncIterator[Sequence[int]]:
        """The numbers of the lines of a run that hold a text, whatever the case, from line `start`
        on, or back from there; in batches, as they are found. On any loop.
        """
