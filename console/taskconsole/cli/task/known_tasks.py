"""The tasks of a project where no engine is at work: what their files and the history tell."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from taskconsole.cli.printing import narrate
from taskengine.history.folder import HistoryFolder
from taskengine.problem import Problem
from taskengine.project.catalog import CatalogEntry
from taskengine.project.project import Project
from taskengine.project.zone import default_timezone
from taskengine.schedule.cron import Cron
from taskengine.schedule.short_words import describe_short
from taskengine.schedule.timed import delay_of

if TYPE_CHECKING:
    from taskengine.client.views import ScheduleView, TaskView

_FRESH: Mapping[str, Any] = {"paused": False, "active": [], "last": None}
"""How a task stands of which nothing is kept."""


def tasks_of_files(root: Path, patience: float) -> tuple[list[dict[str, Any]], Sequence[Problem]]:
    """What is listed of each task, by name, and the problems that are known.

    Where the history can't be read, what it knows is None, and that is told. Files that have to be
    imported to be listed may take `patience` seconds.
    """
    to_import: set[Path | None] = set()

    def put_off(path: Path | None) -> None:
        to_import.add(path)
        raise _PutOff

    with Project(root, default_timezone=default_timezone) as project:
        project.on_import = put_off
        catalog = project.look()
    now = datetime.now(UTC)
    past = _past(root)
    if to_import:
        from taskconsole.cli.importing.told import import_and_tell

        found = import_and_tell(root, patience, is_whole=False)
        return [_of_view(one, now, past) for one in found.tasks], found.problems
    return [_of_entry(one, now, past) for one in catalog.entries.values()], catalog.problems


class _PutOff(Exception):
    """A file is not imported in this process, which it might keep or end."""


def _past(root: Path) -> Callable[[str], Mapping[str, Any]]:
    """What the history says of each task; where it can't be read, that is told."""
    try:
        path = HistoryFolder.of(root).database
        if not path.exists():
            return lambda _: _FRESH
    except OSError as error:
        return _unknown(error)
    from taskengine.history.sqlite.glance import UNREADABLE, glance_at

    try:
        glance = glance_at(path)
    except UNREADABLE as error:
        return _unknown(error)

    def of_task(name: str) -> Mapping[str, Any]:
        last = glance.last.get(name)
        return {
            "paused": name in glance.pauses,
            "active": glance.active.get(name, []),
            "last": last and {"id": last.id, "state": last.state, "ended_at": _utc(last.ended_at)},
        }

    return of_task


def _unknown(error: Exception) -> Callable[[str], Mapping[str, Any]]:
    narrate(f"Last runs and pauses are not known, for the history can't be read: {error}")
    return lambda _: dict.fromkeys(_FRESH)


def _of_entry(
    entry: CatalogEntry, now: datetime, past: Callable[[str], Mapping[str, Any]]
) -> dict[str, Any]:
    timed = [(one.cron, delay_of(one, entry.options.jitter)) for one in entry.schedules]
    return {
        "name": entry.name,
        "title": entry.title,
        "description": entry.description,
        "runnable": entry.function is not None or not entry.loaded,
        "schedules": [
            {
                "cron": one.cron.expression,
                "timezone": one.cron.timezone,
                "short_words": describe_short(one.cron),
            }
            for one in entry.schedules
        ],
        "next_fire": _utc(next(iter(_next(timed, now, 1)), None)),
        **past(entry.name),
    }


def _of_view(
    view: "TaskView", now: datetime, past: Callable[[str], Mapping[str, Any]]
) -> dict[str, Any]:
    return {
        "name": view.name,
        "title": view.title,
        "description": view.description,
        "runnable": view.runnable,
        "schedules": [
            {"cron": one.cron, "timezone": one.timezone, "short_words": one.short_words}
            for one in view.schedules
        ],
        "next_fire": _utc(next(iter(next_fires(view.schedules, now, 1)), None)),
        **past(view.name),
    }


def _utc(instant: datetime | None) -> str | None:
    """An instant in UTC as the engine's answers have it."""
    return None if instant is None else instant.isoformat().replace("+00:00", "Z")


def next_fires(
    schedules: Sequence["ScheduleView"], now: datetime, number: int
) -> Sequence[datetime]:
    """When a task would fire next if an engine were at work, with its schedules' delay."""
    timed = [(Cron(one.cron, one.timezone), timedelta(seconds=one.delay)) for one in schedules]
    return _next(timed, now, number)


def _next(
    timed: Sequence[tuple[Cron, timedelta]], now: datetime, number: int
) -> Sequence[datetime]:
    each_once = (fire for fire, _ in groupby(merge(*(_fires(*one, now) for one in timed))))
    return tuple(islice(each_once, number))


def _fires(cron: Cron, delay: timedelta, now: datetime) -> Iterator[datetime]:
    return (fire + delay for fire in cron.fires(now - delay))
