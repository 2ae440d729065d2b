"""What the engine tells: frozen facts, named in the past tense. `at` is aware and in UTC."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from taskengine.problem import Problem
from taskengine.run import Attempt, DelayedRun, JoinedCaller, MissedFires, Run


class EngineState(StrEnum):
    """Whether the engine is at work. UNREACHABLE: it may be, but it is elsewhere, and silent."""

    STARTING = "starting"
    LIVE = "live"
    STOPPING = "stopping"
    STOPPED = "stopped"
    DEAD = "dead"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something happened in the engine."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEvent(Event):
    """Something happened to a run; `run` is how it stands since."""

    run: Run


@dataclass(frozen=True, slots=True, kw_only=True)
class RunQueued(RunEvent):
    """A run was accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(RunEvent):
    """The run's code began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunJoined(RunEvent):
    """A further call shares the run and will get its result."""

    caller: JoinedCaller


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProgressed(RunEvent):
    """The run told how far it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptEnded(RunEvent):
    """An attempt did not succeed; the run waits for the next."""

    attempt: Attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildStarted(RunEvent):
    """The run's code started another run, or joined one."""

    child_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStopping(RunEvent):
    """The run was cancelled or timed out; its body has not returned yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded(RunEvent):
    """The run reached its final state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogChanged(Event):
    """The project's tasks are others than before. Each tuple holds task names."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemRaised(Event):
    """A fault of the project was found."""

    problem: Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemCleared(Event):
    """A fault of the project is mended."""

    problem: Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class FireMissed(Event):
    """Fires of a schedule passed while the engine could not fire, and are not made up for."""

    missed: MissedFires


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedFiresCleared(Event):
    """Fires that were missed have been run after all, or were dismissed."""

    missed: MissedFires


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDelayed(Event):
    """A run was put off to a later instant."""

    delayed: DelayedRun


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayedRunEnded(Event):
    """A run that was put off has begun as run `run_id`, or was called off (None)."""

    delayed: DelayedRun
    run_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulePaused(Event):
    """A task's schedules fire no more until they are resumed."""

    task: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleResumed(Event):
    """A task's schedules fire again."""

    task: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulingChanged(Event):
    """All schedules of the engine fire from now on, or none of them does."""

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetsChanged(Event):
    """A payload is kept by a name from now on, is another one by that name, or is kept no more.

    `name` is the task's and the preset's, as it is kept by; `text` is the payload, None if it is
    kept no more.
    """

    name: str
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStateChanged(Event):
    """The engine went live, is stopping, stopped, or died; `reason` says of what."""

    state: EngineState
    reason: str = ""
