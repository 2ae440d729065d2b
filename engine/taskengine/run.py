"""A run: one execution of a task, as a value that never changes. What is new is a new `Run`."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    JsonValue: TypeAlias = (
        bool | int | float | str | Sequence["JsonValue"] | Mapping[str, "JsonValue"] | None
    )
else:
    JsonValue = Any  # what reads annotations, to decode into them, can't follow an endless one
Payload: TypeAlias = dict[str, Any]


class RunState(StrEnum):
    """Where a run is in its life: `queued`, `running`, `waiting` between two attempts; every other
    state is final.
    """

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    INTERRUPTED = "interrupted"
    SKIPPED = "skipped"

    @property
    def is_final(self) -> bool:
        """Whether a run in this state is over."""
        return self not in _GOING_ON


_GOING_ON = frozenset({RunState.QUEUED, RunState.RUNNING, RunState.WAITING})


class Trigger(StrEnum):
    """Why a run began."""

    MANUAL = "manual"
    SCHEDULE = "schedule"
    STARTUP = "startup"
    DELAYED = "delayed"
    API = "api"
    CLI = "cli"
    RERUN = "rerun"
    TASK = "task"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunError:
    """Why a run failed: the exception's type and message, and the traceback as text."""

    type: str
    message: str
    traceback: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run says it is: `done` of `total` units, with a word on what it does.

    Raises ValueError or TypeError for what is no finite number.
    """

    done: float
    total: float | None = None
    message: str = ""

    def __post_init__(self) -> None:
        """Make plain numbers and text of what a task gives, on the task's own thread."""
        object.__setattr__(self, "done", _finite(self.done))
        object.__setattr__(self, "total", None if self.total is None else _finite(self.total))
        text = str(self.message).encode("utf-8", "backslashreplace").decode()
        object.__setattr__(self, "message", text)


def _finite(value: float) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"progress is counted in finite numbers, not {number}")
    return number


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedCaller:
    """A call that came while the run was going on and shares its result.

    `payload_used` is False when the call came with another payload, which then counts for nothing.
    """

    at: datetime
    trigger: Trigger
    payload_used: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt of a run that did not succeed and was followed by another."""

    number: int
    state: RunState
    started_at: datetime
    ended_at: datetime
    error: RunError | None = None


class RunTimes:
    """What follows from when a run was to start, started and ended."""

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def scheduled_time(self) -> datetime | None:
            """The instant that a schedule meant."""

        @property
        def started_at(self) -> datetime | None:
            """When its code began."""

        @property
        def ended_at(self) -> datetime | None:
            """When it was over."""

    @property
    def lateness(self) -> timedelta | None:
        """How long after its scheduled time the run started; None if it has none or didn't yet."""
        if self.scheduled_time is None or self.started_at is None:
            return None
        return self.started_at - self.scheduled_time

    def duration(self, now: datetime) -> timedelta:
        """How long the run took, or has taken until `now`; zero before it started."""
        if self.started_at is None:
            return timedelta(0)
        return (self.ended_at or now) - self.started_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(RunTimes):
    """One execution of a task. Instants are aware and in UTC.

    `scheduled_time` is the instant the schedule meant, for runs that a schedule began.
    `key` is what runs of the task are kept apart by; empty: nothing but its name.
    `attempt` counts from 1 up to `max_attempts`; `attempts` holds the latest of those that failed
    and were followed by another. `started_at` is the first attempt's, `next_attempt_at` is set
    while the run waits for the next.
    `joined` holds the latest of the `joined_count` callers that joined the run, `children` the
    latest of the `child_count` runs that its code started with `run_task`.
    `stopping` is True when the run was cancelled or timed out and its body has not returned yet:
    callers have their error, but the task may still be at work.
    """

    id: int
    task: str
    payload: Payload
    trigger: Trigger
    state: RunState
    queued_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    scheduled_time: datetime | None = None
    key: str = ""
    attempt: int = 1
    max_attempts: int = 1
    attempts: tuple[Attempt, ...] = ()
    next_attempt_at: datetime | None = None
    stopping: bool = False
    result: JsonValue = None
    error: RunError | None = None
    progress: Progress | None = None
    joined: tuple[JoinedCaller, ...] = ()
    joined_count: int = 0
    parent_id: int | None = None
    children: tuple[int, ...] = ()
    child_count: int = 0
    rerun_of: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayedRun:
    """A run that is to begin once, at the instant `at`. Instants are aware and in UTC."""

    id: int
    task: str
    payload: Payload
    at: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedFires:
    """Fires of one schedule that passed unfired: `count` of them (counted up to 10,000), from
    `first` to `last`, aware and in UTC. `payload` is what a run that makes up for them gets.
    """

    id: int
    task: str
    cron: str
    timezone: str
    payload: Payload
    first: datetime
    last: datetime
    count: int
