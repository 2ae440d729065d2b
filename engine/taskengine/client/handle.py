"""What a screen may ask of an engine, wherever that engine runs."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from taskengine.client.abilities import Ability
from taskengine.client.views import (
    EngineStatus,
    Fire,
    ScheduleView,
    SourceView,
    TaskStatus,
    TaskView,
)
from taskengine.errors import FieldFault
from taskengine.events import Event
from taskengine.output import Output
from taskengine.problem import Problem
from taskengine.records import PastFire, RunPage, RunQuery, StateKind, TaskStatistics
from taskengine.run import DelayedRun, MissedFires, Payload, Run, Trigger

Listener = Callable[[Sequence[Event]], None]


class Handle(Protocol):
    """An engine as seen from a screen.

    Plain methods answer at once from what is known here, so that a screen can paint; coroutines
    go to the engine and may take a while: they raise EngineUnreachable where it does not answer,
    and NotPossible for what `refusal` refuses. All are called on the screen's event loop.
    """

    @property
    def status(self) -> EngineStatus:
        """The engine at a glance."""

    def refusal(self, ability: Ability) -> str:
        """Why an engine of this kind can't do something, for people; empty if it can."""

    def now(self) -> datetime:
        """The engine's present instant, aware, in UTC."""

    def tasks(self) -> Sequence[TaskView]:
        """All tasks, by name."""

    def task(self, name: str) -> TaskView | None:
        """One task, or None if there is none of that name."""

    def task_status(self, name: str) -> TaskStatus:
        """How a task stands now; for an unknown name, an empty status."""

    def problems(self) -> Sequence[Problem]:
        """All faults of the project, in the order of their places."""

    def active_runs(self) -> Sequence[Run]:
        """All runs that are not over, oldest first."""

    def run(self, run_id: int) -> Run | None:
        """A run as it is known here: one that goes on, or that was found, or has ended lately. A
        large payload or result of it may be missing; `find_run` brings them.
        """

    async def find_run(self, run_id: int) -> Run | None:
        """A run as it stands now, whole; None if it is not kept any more."""

    async def runs(
        self, query: RunQuery, *, before: int | None = None, limit: int = 100
    ) -> RunPage:
        """The runs that a query asks for, newest first, from below the number `before`."""

    def statistics(self, task: str) -> TaskStatistics:
        """What all runs of a task that ever ended add up to."""

    async def past_payloads(self, task: str, limit: int = 50) -> Sequence[Payload]:
        """The payloads that a task was given last, each once, the latest first."""

    async def past_fires(self, task: str, limit: int = 50) -> Sequence[PastFire]:
        """What became of a task's latest fires, the latest first."""

    def search_output(
        self, run_id: int, text: str, *, start: int = 0, backwards: bool = False
    ) -> AsyncIterator[Sequence[int]]:
        """The numbers of the lines of a run that hold a text, whatever the case, from line `start`
        on, or back from there; in batches, as they are found.
        """

    def kept(self, kind: StateKind) -> Mapping[str, str]:
        """The texts of one kind that are kept with the project, by name."""

    async def keep(self, kind: StateKind, name: str, text: str | None) -> None:
        """Keep a text with the project, in place of the one before; None: keep none."""

    def output(self, run_id: int) -> Output | None:
        """What a run has written, to be pulled; None if the run is not known here."""

    @property
    def engine_output(self) -> Output:
        """What was written by code that belongs to no run."""

    def next_fires(self, task: str, count: int) -> Sequence[datetime]:
        """The next instants at which any schedule of a task fires, with its jitter, paused or not;
        aware, in UTC, each once.
        """

    def next_schedule(self, task: str) -> ScheduleView | None:
        """The schedule of a task that fires next, paused or not; None if none does."""

    def agenda(self, count: int) -> Sequence[Fire]:
        """The next runs to come, of schedules and delayed ones, paused or not, in order."""

    def delayed_runs(self) -> Sequence[DelayedRun]:
        """The runs that were put off and have not begun, the next one first."""

    def missed_fires(self) -> Sequence[MissedFires]:
        """The fires that passed unfired and were not made up for, in the order they came."""

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` on this event loop with what happens, in batches, until the returned
        function is called.
        """

    async def start(self) -> None:
        """Bring the engine to life. Its tasks are known by name when this returns."""

    async def load(self) -> None:
        """Let the tasks' code be imported, then their schedules fire; a run waits for that.

        Apart from `start`, so that a screen can paint the list before users' code takes the time.
        """

    async def stop(self, grace: float = 0.0) -> None:
        """Leave the engine; one that this process started is stopped: its runs get `grace` seconds
        to end by themselves and are cancelled then. A further call without grace hurries it.
        """

    async def start_run(
        self, task: str, payload: Payload, *, trigger: Trigger = Trigger.MANUAL
    ) -> Run:
        """Run a task and give back its run at once; `trigger` is for the record.

        A call that joined a run in progress gets that run, whose `joined` ends with this call; a
        run that this call began has no joined callers yet.

        Raises TaskNotFound, TaskNotImplemented, InvalidPayload, EngineNotRunning.
        """

    async def check_payload(self, task: str, payload: Payload) -> Sequence[FieldFault]:
        """What is wrong with a payload by the type that a task names for it; nothing where it
        names none, or is not known. It may run users' code, and so take long.
        """

    async def wait(self, run_id: int) -> Run:
        """Wait until a run is over and give it back."""

    async def cancel_run(self, run_id: int) -> bool:
        """Ask a run to stop; False if it was over already."""

    async def rerun(self, run_id: int) -> Run:
        """Run the same task again with the payload of an earlier run."""

    async def run_later(self, task: str, payload: Payload, at: datetime) -> DelayedRun:
        """Run a task once at an instant (aware), or at once if that has passed.

        Raises TaskNotFound, TaskNotImplemented, InvalidPayload, EngineNotRunning, and ValueError
        for a naive instant.
        """

    async def cancel_delayed(self, delayed_id: int) -> bool:
        """Call off a delayed run; False if it has begun, or was called off before."""

    async def run_missed(self, missed_id: int) -> Run:
        """Begin one run for missed fires, with the last one's scheduled time.

        Raises MissedFiresNotFound, and what `start_run` raises; then the missed fires stay.
        """

    async def dismiss_missed(self, missed_id: int) -> bool:
        """Keep missed fires no longer; False if they were run or dismissed before."""

    async def pause(self, task: str, reason: str = "") -> None:
        """Let a task's schedules fire no more; runs by hand stay possible."""

    async def resume(self, task: str) -> None:
        """Let a task's schedules fire again."""

    async def set_scheduling(self, *, on: bool) -> None:
        """Let the engine's schedules fire, or none of them."""

    async def source(self, task: str) -> SourceView:
        """The file that a task comes from, as it is now. Raises TaskNotFound, OSError."""

    async def create_example(self) -> Path:
        """Write a first task, `hello.py`, into the tasks folder and give back its path.

        Raises FileExistsError if there is such a file already.
        """
