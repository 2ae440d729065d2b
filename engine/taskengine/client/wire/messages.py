"""The messages of an engine's event stream.

A stream begins with a `State`, or takes up after the message that the client named last. Then it
holds a `Telling` for each event. A client that falls behind too far gets a new `State`, which takes
the place of all that it knows. Output comes as `Lines`, if it was asked for.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeAlias

import msgspec

from taskengine import events
from taskengine.client.views import EngineStatus, TaskView
from taskengine.client.wire.form import from_json
from taskengine.events import Event
from taskengine.output import OutputExtent
from taskengine.problem import Problem
from taskengine.records import TaskStatistics
from taskengine.run import DelayedRun, MissedFires, Run, RunState

LARGE = 65_536
"""Bytes of JSON; a payload or a result beyond that is left out of messages."""

LeftOut: TypeAlias = tuple[str, ...]
"""Which of `payload` and `result` a run lacks, as empty or null, because they are large."""

STATE, LINES = "State", "Lines"
KINDS: Mapping[str, type[Event]] = {
    kind.__name__: kind
    for kind in (
        events.RunQueued,
        events.RunStarted,
        events.RunJoined,
        events.RunProgressed,
        events.AttemptEnded,
        events.ChildStarted,
        events.RunStopping,
        events.RunEnded,
        events.CatalogChanged,
        events.ProblemRaised,
        events.ProblemCleared,
        events.FireMissed,
        events.MissedFiresCleared,
        events.RunDelayed,
        events.DelayedRunEnded,
        events.SchedulePaused,
        events.ScheduleResumed,
        events.SchedulingChanged,
        events.PresetsChanged,
        events.EngineStateChanged,
    )
}
"""The events that are told, by the name that a message has."""


class Standing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a task stands, apart from its runs that go on and its next fire, which follow from the
    rest. `left_out` is of the run `last`.
    """

    last: Run | None = None
    left_out: LeftOut = ()
    outcomes: tuple[RunState, ...] = ()
    statistics: TaskStatistics = msgspec.field(default_factory=TaskStatistics)
    paused: bool = False
    pause_reason: str = ""


class State(msgspec.Struct, frozen=True, kw_only=True):
    """All that can be known of an engine without asking for its past. `now` is its present instant;
    `active` are its runs that are not over, oldest first; `left_out` is by their numbers. `kept`
    are the texts that are kept with the project, by kind and name.
    """

    now: datetime
    status: EngineStatus
    tasks: tuple[TaskView, ...]
    standings: Mapping[str, Standing]
    problems: tuple[Problem, ...]
    active: tuple[Run, ...]
    left_out: Mapping[int, LeftOut]
    delayed: tuple[DelayedRun, ...]
    missed: tuple[MissedFires, ...]
    kept: Mapping[str, Mapping[str, str]]


class Telling(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event with what else is different since: `status` if it is, the tasks that a
    CatalogChanged has added or changed, how those stand that it has added (they may have run
    before), the statistics of the task whose run has ended and its `outcomes` (as in a `Standing`).
    """

    event: msgspec.Raw
    left_out: LeftOut = ()
    status: EngineStatus | None = None
    tasks: tuple[TaskView, ...] = ()
    standings: Mapping[str, Standing] = msgspec.field(default_factory=dict)
    statistics: TaskStatistics | None = None
    outcomes: tuple[RunState, ...] | None = None

    def unpack(self, name: str) -> Event | None:
        """The event, by the name of the message; None for a kind that is not known here. Raises
        ValueError for what is no such event.
        """
        kind = KINDS.get(name)
        return None if kind is None else from_json(bytes(self.event), kind)


Line: TypeAlias = tuple[int, str, str, str]
"""A line of output: milliseconds since the epoch, kind, logger, text; see `OutputLine`."""


class Lines(msgspec.Struct, frozen=True, kw_only=True):
    """Lines of a run's output: the first one's number is `start`. What is missing between the last
    line before and this one was dropped. `extent` is how much there is in all.
    """

    run: int
    start: int
    lines: tuple[Line, ...]
    extent: OutputExtent
    partial: str = ""
