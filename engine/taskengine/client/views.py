"""The values that a `Handle` gives out: what tasks there are, how they stand, how the engine is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from taskengine.events import EngineState
from taskengine.problem import Problem
from taskengine.run import JsonValue, Payload, Run, RunState, Trigger


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStatus:
    """The engine at a glance. `reason` says why it is dead; `scheduling` is False if it only looks.

    `timezone` is the project's zone by its IANA name; schedules may name others. `stop_grace` is
    how many seconds the config gives the runs that go on to end by themselves. `history` is the
    file where runs are kept, None if that is memory only; `history_problem` says why nothing can be
    written there at present. `address` is where an engine of another process is reached: its socket
    or its URL. `url` is where it takes HTTP calls over TCP, if it does. With `external_schedule`
    its schedules fire when a platform's cron calls it, not by its own clock.
    """

    state: EngineState
    project: str
    root: Path
    tasks_dir: Path
    timezone: str
    scheduling: bool
    stop_grace: float
    history: Path | None = None
    history_problem: str = ""
    reason: str = ""
    address: str = ""
    url: str = ""
    pid: int | None = None
    version: str = ""
    external_schedule: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleView:
    """One schedule of a task: its expression, the same in words, its zone and where it was written.

    `short_words` fits a list's column ("hourly at :00"); `words` is a whole sentence.
    `finished` is True when the expression's last year has passed. Each fire comes `delay` seconds
    after its instant: the schedule's part of the task's `jitter`.
    """

    cron: str
    words: str
    short_words: str
    timezone: str
    source: str
    payload: Payload = field(default_factory=dict)
    finished: bool = False
    delay: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionView:
    """An option of a task as it counts: its value for people ("30 s", "512 MB"), and where it was
    written ("tasks/db/migrate.py:12"); the source of what nobody wrote is "default".
    """

    name: str
    value: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView:
    """What is known of a task apart from its runs.

    `runnable` is False for a task without code (running it is error 501). `problem` is what is
    wrong with its newest source or with its schedules; a runnable task whose problem is one of its
    source runs its last good version. `path` and `line` say where the function stands. `options`
    are all there are: first those that somebody wrote, then the defaults. `schema` is the JSON
    schema of the payload; None for one that is a plain dict.
    """

    name: str
    title: str = ""
    description: str = ""
    path: Path | None = None
    line: int | None = None
    runnable: bool = True
    schedules: tuple[ScheduleView, ...] = ()
    options: tuple[OptionView, ...] = ()
    schema: Mapping[str, JsonValue] | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStatus:
    """How a task stands now.

    `active` are its runs that are not over, oldest first. `last` is the last run that ended;
    `outcomes` are the final states of the latest runs, oldest first. `next_fire` is aware, UTC;
    it is what comes next if nothing is paused, and when it comes: with the schedule's jitter.
    """

    active: tuple[Run, ...] = ()
    last: Run | None = None
    outcomes: tuple[RunState, ...] = ()
    next_fire: datetime | None = None
    paused: bool = False
    pause_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fire:
    """A run to come, paused or not: `at` is when it begins (aware, UTC), `kind` is SCHEDULE or
    DELAYED.
    """

    at: datetime
    task: str
    kind: Trigger


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView:
    """The text of a task's file; `line` is where its function begins, from 1."""

    path: Path
    line: int
    text: str
