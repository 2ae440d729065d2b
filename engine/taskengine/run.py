"""A run: one execution of a task, as a value that never changes. What is new is a new `Run`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeAlias

JsonValue: TypeAlias = (
    "bool | int | float | str | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
)
Payload: TypeAlias = dict[str, Any]


class RunState(StrEnum):
    """Where a run is in its life. `running` comes after `queued`; every other state is final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"

    @property
    def is_final(self) -> bool:
        """Whether a run in this state is over."""
        return self not in _GOING_ON


_GOING_ON = frozenset({RunState.QUEUED, RunState.RUNNING})


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
    """How far a run says it is: `done` of `total` units, with a word on what it does."""

    done: float
    total: float | None = None
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedCaller:
    """A call that came while the run was going on and shares its result.

    `payload_used` is False when the call came with another payload, which then counts for nothing.
    """

    at: datetime
    trigger: Trigger
    payload_used: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One execution of a task. Instants are aware and in UTC.

    `scheduled_time` is the instant the schedule meant, for runs that a schedule began.
    `joined` holds the latest of the `joined_count` callers that joined the run.
    `stopping` is True when the run was cancelled and its body has not returned yet: callers have
    their error, but the task may still be at work.
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
    attempt: int = 1
    stopping: bool = False
    result: JsonValue = None
    error: RunError | None = None
    progress: Progress | None = None
    joined: tuple[JoinedCaller, ...] = ()
    joined_count: int = 0
    parent_id: int | None = None
    rerun_of: int | None = None

    def duration(self, now: datetime) -> timedelta:
        """How long the run took, or has taken until `now`; zero before it started."""
        if self.started_at is None:
            return timedelta(0)
        return (self.ended_at or now) - self.started_at
