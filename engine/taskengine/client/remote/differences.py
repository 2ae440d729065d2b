"""What has happened between two states of an engine, as events: after a gap in its stream."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TypeVar

from taskengine.client.remote.mirror import Mirror
from taskengine.events import (
    CatalogChanged,
    DelayedRunEnded,
    Event,
    FireMissed,
    MissedFiresCleared,
    PresetsChanged,
    ProblemCleared,
    ProblemRaised,
    RunDelayed,
    RunEnded,
    RunProgressed,
    RunQueued,
    RunStarted,
    SchedulePaused,
    ScheduleResumed,
    SchedulingChanged,
)
from taskengine.records import StateKind
from taskengine.run import Run, RunState

T = TypeVar("T")


def differences(old: Mirror, new: Mirror, at: datetime) -> Iterator[Event]:
    """The events after which all that was shown of one state is as the other has it. Of runs that
    began and ended in between, it is the last of each task.
    """
    if old.status.scheduling is not new.status.scheduling:
        yield SchedulingChanged(at=at, on=new.status.scheduling)
    yield from _of_tasks(old, new, at)
    yield from _of_problems(old, new, at)
    yield from _of_pauses(old, new, at)
    yield from _of_runs(old, new, at)
    yield from _of_runs_to_come(old, new, at)
    yield from _of_presets(old, new, at)


def lost_runs(old: Mirror, new: Mirror) -> list[Run]:
    """Runs that went on and are over, of which the new state does not say how they ended."""
    gone = (run for run_id, run in old.active.items() if run_id not in new.active)
    return [run for run in gone if not _is_last(run, new)]


def _is_last(run: Run, mirror: Mirror) -> bool:
    last = mirror.standing(run.task).last
    return last is not None and last.id == run.id


def _of_tasks(old: Mirror, new: Mirror, at: datetime) -> Iterator[Event]:
    changed = CatalogChanged(
        at=at,
        added=tuple(name for name in new.tasks if name not in old.tasks),
        removed=tuple(name for name in old.tasks if name not in new.tasks),
        changed=tuple(
            name for name, view in new.tasks.items() if old.tasks.get(name, view) != view
        ),
    )
    if changed.added or changed.removed or changed.changed:
        yield changed


def _of_problems(old: Mirror, new: Mirror, at: datetime) -> Iterator[Event]:
    before, since = frozenset(old.problems), frozenset(new.problems)
    for problem in old.problems:
        if problem not in since:
            yield ProblemCleared(at=at, problem=problem)
    for problem in new.problems:
        if problem not in before:
            yield ProblemRaised(at=at, problem=problem)


def _of_pauses(old: Mirror, new: Mirror, at: datetime) -> Iterator[Event]:
    for name in new.tasks:
        before, since = old.standing(name), new.standing(name)
        if (before.paused, before.pause_reason) == (since.paused, since.pause_reason):
            continue
        if since.paused:
            yield SchedulePaused(at=at, task=name, reason=since.pause_reason)
        else:
            yield ScheduleResumed(at=at, task=name)


def _of_runs(old: Mirror, new: Mirror, at: datetime) -> Iterator[Event]:
    for name, standing in new.standings.items():
        last, before = standing.last, old.standing(name).last
        if last and (before is None or before.id != last.id or before.state is not last.state):
            yield RunEnded(at=at, run=last)
    for run_id, run in new.active.items():
        known = old.active.get(run_id)
        if known == run:
            continue
        if known is None:
            yield RunQueued(at=at, run=run)
        is_new_start = known is None or known.state is RunState.QUEUED
        if is_new_start and run.state is not RunState.QUEUED:
            yield RunStarted(at=at, run=run)
        elif known is not None:
            yield RunProgressed(at=at, run=run)


def _of_runs_to_come(old: Mirror, new: Mirror, at: datetime) -> Iterator[Event]:
    for missed in _without(old.missed, new.missed):
        yield MissedFiresCleared(at=at, missed=missed)
    for missed in _without(new.missed, old.missed):
        yield FireMissed(at=at, missed=missed)
    for delayed in _without(old.delayed, new.delayed):
        yield DelayedRunEnded(at=at, delayed=delayed)
    for delayed in _without(new.delayed, old.delayed):
        yield RunDelayed(at=at, delayed=delayed)


def _of_presets(old: Mirror, new: Mirror, at: datetime) -> Iterator[Event]:
    before, since = old.kept(StateKind.PRESET), new.kept(StateKind.PRESET)
    for name in {**before, **since}:
        if before.get(name) != since.get(name):
            yield PresetsChanged(at=at, name=name, text=since.get(name))


def _without(ones: Mapping[int, T], others: Mapping[int, T]) -> list[T]:
    return [one for number, one in ones.items() if number not in others]
