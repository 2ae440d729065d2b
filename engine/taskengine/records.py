"""What a history tells of the past: runs in short, pages of them, and what they add up to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from taskengine.run import RunState, RunTimes, Trigger

_FAILURES = frozenset({RunState.FAILED, RunState.TIMEOUT, RunState.CRASHED})


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary(RunTimes):
    """A run as lists show it: small, whatever its payload, result and output are. Instants are
    aware and in UTC.

    `payload` is the beginning of the payload as JSON on one line; `error` is the exception's type
    and the first line of its message; `lines` counts the lines of output written so far.
    """

    id: int
    task: str
    trigger: Trigger
    state: RunState
    queued_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    scheduled_time: datetime | None = None
    key: str = ""
    attempt: int = 1
    max_attempts: int = 1
    payload: str = "{}"
    error: str = ""
    lines: int = 0
    parent_id: int | None = None
    rerun_of: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunQuery:
    """Which runs are asked for; every part that is given must hold.

    `states` and `triggers`: one of them; empty: any. `since` (inclusive) and `until` (exclusive)
    bound `queued_at` and are aware. `text`: every word of it begins a word of the payload, the
    result or the error, whatever the case; a word is a row of letters and digits.
    """

    task: str | None = None
    states: frozenset[RunState] = frozenset()
    triggers: frozenset[Trigger] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class RunPage:
    """Some of the runs that a query asks for, newest first.

    `before` is where the next page begins: ask for runs before that number. None: there are no
    more. A page may hold fewer runs than were asked for, even none, and still have a next one:
    what looks through many runs gives what it found after a moment.
    """

    runs: tuple[RunSummary, ...] = ()
    before: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStatistics:
    """What all runs of a task that ever ended add up to, also those not kept any more.

    `counts` holds how many ended in each final state. `p50` and `p95` are seconds: half of the
    runs that were done, or 19 of 20, took no longer, give or take a twentieth; None without any.
    """

    counts: Mapping[RunState, int] = field(default_factory=lambda: MappingProxyType({}))
    p50: float | None = None
    p95: float | None = None

    @property
    def total(self) -> int:
        """How many runs ended."""
        return sum(self.counts.values())

    @property
    def success_rate(self) -> float | None:
        """The part of the runs that were done, from 0 to 1, among those done or failed in some
        way; cancelled, interrupted and skipped ones say nothing of the task. None without any.
        """
        done = self.counts.get(RunState.DONE, 0)
        failed = sum(self.counts.get(state, 0) for state in _FAILURES)
        return done / (done + failed) if done + failed else None


class FireOutcome(StrEnum):
    """What became of a fire whose instant has passed."""

    FIRED = "fired"
    SKIPPED = "skipped"
    ELSEWHERE = "claimed elsewhere"
    MISSED = "missed"
    MADE_UP = "made up for"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PastFire:
    """A fire whose instant `at` has passed, or `count` of them that were missed together, from
    `at` to `last`. Instants are aware and in UTC.

    `run_id` is the run that it began, if it did. `pid` is the process of the engine that claimed
    it, for those claimed elsewhere.
    """

    task: str
    at: datetime
    outcome: FireOutcome
    last: datetime
    count: int = 1
    run_id: int | None = None
    pid: int | None = None


class StateKind(StrEnum):
    """What sort of thing is kept, and by which name.

    PAUSE: why a task's schedules are paused, by task. DRAFT: the text in a task's payload editor,
    by task. PRESET: a payload as text, by task and preset (`preset_name`). CONSOLE: how the console
    was left, by a name of its own.
    """

    PAUSE = "pause"
    DRAFT = "draft"
    PRESET = "preset"
    CONSOLE = "console"
