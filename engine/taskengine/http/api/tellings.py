"""What is told of an event: the event itself, and what else is different since."""

import msgspec

from taskengine.client.local import LocalHandle
from taskengine.client.wire.form import to_json
from taskengine.client.wire.messages import LeftOut, Standing, Telling
from taskengine.engine import Engine
from taskengine.events import (
    CatalogChanged,
    EngineStateChanged,
    Event,
    ProblemCleared,
    ProblemRaised,
    RunEnded,
    SchedulingChanged,
)
from taskengine.http.api.event_log import Entry
from taskengine.http.api.lean import lean
from taskengine.problem import ProblemKind


def text_of(entry: Entry, engine: Engine, handle: LocalHandle) -> bytes:
    """What is told of an event as JSON, made once. It may read the history's file, and take long,
    if the event `takes_long`.
    """
    told = entry.told
    if isinstance(told, Event):
        told = entry.told = to_json(_telling(told, entry.left_out, engine, handle))
    return told


def takes_long(entry: Entry) -> bool:
    """Whether it may take long to say what an event is told with."""
    return isinstance(entry.told, CatalogChanged)


def standing_of(task: str, engine: Engine) -> Standing:
    """How a task stands. It may read the history's file."""
    history = engine.history
    reason = engine.pause_reason(task)
    last, left_out, _ = lean(found) if (found := history.last_ended(task)) else (None, (), 0)
    return Standing(
        last=last,
        left_out=left_out,
        outcomes=tuple(history.outcomes(task)),
        statistics=history.statistics(task),
        paused=reason is not None,
        pause_reason=reason or "",
    )


def _telling(event: Event, left_out: LeftOut, engine: Engine, handle: LocalHandle) -> Telling:
    telling = Telling(
        event=msgspec.Raw(to_json(event)),
        left_out=left_out,
        status=handle.status if _changes_status(event) else None,
    )
    if isinstance(event, RunEnded):
        task, history = event.run.task, engine.history
        return msgspec.structs.replace(
            telling,
            statistics=history.statistics(task),
            outcomes=tuple(history.outcomes(task)),
        )
    if isinstance(event, CatalogChanged):
        views = map(handle.task, (*event.added, *event.changed))
        return msgspec.structs.replace(
            telling,
            tasks=tuple(view for view in views if view),
            standings={name: standing_of(name, engine) for name in event.added},
        )
    return telling


def _changes_status(event: Event) -> bool:
    if isinstance(event, ProblemRaised | ProblemCleared):
        return event.problem.kind is ProblemKind.HISTORY
    return isinstance(event, EngineStateChanged | SchedulingChanged | CatalogChanged)
