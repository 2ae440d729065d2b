"""All schedules of a project with what holds them back: as its engine knows them, or its files."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import msgspec

from taskconsole.cli.printing import narrate
from taskengine.client.calls import Calls
from taskengine.client.views import ScheduleView
from taskengine.history.sqlite.offline import HistoryUnreachable
from taskengine.run import DelayedRun
from taskengine.schedule.cron import Cron, CronError
from taskengine.schedule.entry import ScheduleEntry
from taskengine.schedule.timed import TimedSchedule


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSchedules:
    """`tasks` are the names of all tasks there are; `pauses` why some are paused; `held` says why
    nothing at all fires at present, if that is so. `timezone` is the project's, `problems` are all
    that it has, as facts or as JSON.
    """

    timezone: str
    tasks: frozenset[str]
    schedules: Sequence[TimedSchedule]
    problems: Sequence[object] = ()
    pauses: Mapping[str, str] = field(default_factory=dict)
    delayed: Sequence[DelayedRun] = ()
    held: str = ""


class _View(msgspec.Struct):
    name: str
    schedules: tuple[ScheduleView, ...] = ()


class _Status(msgspec.Struct):
    paused: bool = False
    pause_reason: str = ""


class _Task(msgspec.Struct):
    view: _View
    status: _Status


class _Tasks(msgspec.Struct):
    tasks: tuple[_Task, ...]


class _Engine(msgspec.Struct):
    timezone: str
    scheduling: bool
    external_schedule: bool = False


class _Health(msgspec.Struct):
    status: _Engine


class _Delayed(msgspec.Struct):
    delayed: tuple[DelayedRun, ...]


def from_engine(calls: Calls) -> KnownSchedules:
    """What a running engine knows. Raises what `Calls` raises."""
    engine = calls.get_as(_Health, "health").status
    tasks = calls.get_as(_Tasks, "tasks").tasks
    return KnownSchedules(
        timezone=engine.timezone,
        tasks=frozenset(one.view.name for one in tasks),
        schedules=[each for one in tasks for each in _timed(one.view.name, one.view.schedules)],
        problems=calls.get("problems")["problems"],
        pauses={one.view.name: one.status.pause_reason for one in tasks if one.status.paused},
        delayed=calls.get_as(_Delayed, "delayed").delayed,
        held=_held(engine),
    )


def _timed(task: str, schedules: Iterable[ScheduleView]) -> Iterator[TimedSchedule]:
    """The schedules of a task. An expression that can't be read here is told: the engine may be of
    a newer version.
    """
    for schedule in schedules:
        try:
            cron = Cron(schedule.cron, schedule.timezone)
        except CronError as error:
            narrate(f"{task}, {schedule.cron!r}: {error}")
            continue
        yield _timed_one(task, schedule, cron)


def _timed_one(task: str, schedule: ScheduleView, cron: Cron) -> TimedSchedule:
    entry = ScheduleEntry(task=task, cron=cron, payload=schedule.payload)
    return TimedSchedule(entry=entry, delay=timedelta(seconds=schedule.delay))


def _held(engine: _Engine) -> str:
    if engine.external_schedule:
        return "Schedules fire when the platform's cron calls the engine, not by its own clock."
    return "" if engine.scheduling else "The engine lets no schedule fire at present."


def from_files(root: Path, patience: float) -> KnownSchedules:
    """What the project's files and its history tell. Its tasks are imported to be asked, each in
    `patience` seconds; where that takes longer, only its text is asked. Raises OSError.
    """
    from taskconsole.cli.importing.told import import_and_tell

    found = import_and_tell(root, patience)
    pauses, delayed = _kept(root)
    return KnownSchedules(
        timezone=found.timezone,
        tasks=frozenset(one.name for one in found.tasks),
        schedules=[each for one in found.tasks for each in _timed(one.name, one.schedules)],
        problems=found.problems,
        pauses=pauses,
        delayed=delayed,
        held="No engine runs for this project: nothing fires until one does.",
    )


def _kept(root: Path) -> tuple[Mapping[str, str], Sequence[DelayedRun]]:
    """The pauses and the delayed runs. Where they can't be read, that is told."""
    from taskconsole.cli.runs.kept import kept_runs
    from taskengine.errors import HistoryTooNew

    try:
        with kept_runs(root) as kept:
            return kept.pauses(), kept.delayed()
    except (HistoryUnreachable, HistoryTooNew, OSError) as error:
        narrate(f"Pauses and delayed runs are not known: {error}")
        return {}, ()
