"""What a history of runs must do, wherever it keeps them."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from taskengine.history.fires import FireHistory
from taskengine.history.retention import Retention
from taskengine.output import Output, OutputBuffer
from taskengine.run import Run, RunState


class History(Protocol):
    """Keeps runs and what they wrote.

    The coroutines are called on the engine's loop and return when the fact is kept: a run is kept
    before its code starts, and its end before any caller hears of it. The plain methods answer
    from any thread.
    """

    @property
    def fires(self) -> FireHistory:
        """What is kept of fires: claims, misses, and runs that were put off."""

    def retain(self, limits: Mapping[str, Retention]) -> None:
        """Keep no more of these tasks than that, from now on; a run that goes on is always kept.

        What a task not named is bound by is the history's own affair.
        """

    def next_id(self) -> int:
        """A number that no run had before."""

    async def keep_queued(self, run: Run, output: OutputBuffer) -> None:
        """Keep a run that was accepted, or one that was skipped and is over already; `output` is
        where its lines will appear.
        """

    def keep_changed(self, run: Run) -> None:
        """Keep how a run stands that is going on."""

    async def keep_ended(self, run: Run) -> None:
        """Keep a run's final state."""

    def run(self, run_id: int) -> Run | None:
        """A run as it stands now, None if it is not known any more."""

    def recent(self, task: str | None, limit: int) -> Sequence[Run]:
        """The latest runs, of one task or of all, newest first."""

    def output(self, run_id: int) -> Output | None:
        """What a run has written, None if it is not kept any more."""

    def last_ended(self, task: str) -> Run | None:
        """The task's run that ended last."""

    def outcomes(self, task: str) -> Sequence[RunState]:
        """The final states of the task's latest runs, oldest first."""
