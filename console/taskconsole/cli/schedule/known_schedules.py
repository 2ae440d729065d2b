"""All schedules of a project with what holds them back: as its engine knows them, or its files."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from taskconsole.cli.printing import narrate
from taskengine.client.calls import Calls
from taskengine.history.sqlite.offline import HistoryUnreachable, history_file, opened
from taskengine.records import StateKind
from taskengine.run import DelayedRun
from taskengine.schedule.cron import Cron, CronError
from taskengine.schedule.entry import ScheduleEntry
from taskengine.schedule.timed import TimedSchedule


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSchedules:
    """`tasks` are the names of all tasks there are; `pauses` why some are paused; `held` says why
    nothing at all fires at present, if that is so. `timezone` is the project's.
    """

    timezone: str
    tasks: frozenset[str]
    schedules: Sequence[TimedSchedule]
    pauses: Mapping[str, str] = field(default_factory=dict)
    delayed: Sequence[DelayedRun] = ()
    held: str = ""


class _Schedule(msgspec.Struct):
    cron: str
    timezone: str
    payload: dict[str, Any] = {}
    delay: float = 0.0


class _View(msgspec.Struct):
    name: str
    schedules: tuple[_Schedule, ...] = ()


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
        pauses={one.view.name: one.status.pause_reason for one in tasks if one.status.paused},
        delayed=calls.get_as(_Delayed, "delayed").delayed,
        held=_held(engine),
    )


def _timed(task: str, schedules: Iterable[_Schedule]) -> Iterator[TimedSchedule]:
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


def _timed_one(task: str, schedule: _Schedule, cron: Cron) -> TimedSchedule:
    entry = ScheduleEntry(task=task, cron=cron, payload=schedule.payload)
    return TimedSchedule(entry=entry, delay=timedelta(seconds=schedule.delay))


def _held(engine: _Engine) -> str:
    if engine.external_schedule:
        return "Schedules fire when the platform's cron calls the engine, not by its own clock."
    return "" if engine.scheduling else "The engine lets no schedule fire at present."


def from_files(root: Path) -> KnownSchedules:
    """What the project's files and its history tell. Its tasks are imported to be asked."""
    from taskengine.project.project import Project
    from taskengine.project.zone import default_timezone

    with (
        redirect_stdout(sys.stderr),
        Project(root, default_timezone=default_timezone) as project,
    ):
        catalog = project.load()
    pauses, delayed = _kept(root)
    return KnownSchedules(
        timezone=catalog.timezone,
        tasks=frozenset(catalog.entries),
        schedules=[
            TimedSchedule.of(schedule, entry.options)
            for entry in catalog.entries.values()
            for schedule in entry.schedules
        ],
        pauses=pauses,
        delayed=delayed,
        held="No engine runs for this project: nothing fires until one does.",
    )


def _kept(root: Path) -> tuple[Mapping[str, str], Sequence[DelayedRun]]:
    """The pauses and the delayed runs. Where they can't be read, that is told."""
    from taskengine.errors import HistoryTooNew
    from taskengine.history.sqlite import fire_rows
    from taskengine.history.sqlite.sqlite_state import load_texts

    try:
        path = history_file(root)
        if path is None:
            return {}, ()
        with opened(path) as database:
            texts = load_texts(database.connection)
            delayed = fire_rows.load(database.connection).delayed
    except (HistoryUnreachable, HistoryTooNew, OSError) as error:
        narrate(f"Pauses and delayed runs are not known: {error}")
        return {}, ()
    return {name: why for (kind, name), why in texts.items() if kind is StateKind.PAUSE}, delayed
