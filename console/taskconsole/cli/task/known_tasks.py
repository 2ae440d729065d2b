"""The tasks of a project where no engine is at work: what their files and the history tell."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from taskconsole.cli.printing import narrate
from taskengine.history.folder import HistoryFolder
from taskengine.project.catalog import CatalogEntry
from taskengine.project.project import Project
from taskengine.project.zone import default_timezone
from taskengine.schedule.entry import ScheduleEntry
from taskengine.schedule.short_words import describe_short
from taskengine.schedule.timed import delay_of

_FRESH: Mapping[str, Any] = {"paused": False, "active": [], "last": None}
"""How a task stands of which nothing is kept."""


def tasks_of_files(root: Path) -> tuple[list[dict[str, Any]], int]:
    """What is listed of each task, by name, and how many problems the files' text shows.

    Where the history can't be read, what it knows is None, and that is told.
    """
    # Where users' code has to be asked, what it prints is not the list.
    with redirect_stdout(sys.stderr), Project(root, default_timezone=default_timezone) as project:
        catalog = project.look()
    now = datetime.now(UTC)
    past = _past(root)
    listed = [_listed(entry, now, past) for entry in catalog.entries.values()]
    return listed, len(catalog.problems)


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


def _listed(
    entry: CatalogEntry, now: datetime, past: Callable[[str], Mapping[str, Any]]
) -> dict[str, Any]:
    fire = next(iter(next_fires(entry, now, 1)), None)
    return {
        "name": entry.name,
        "title": entry.title,
        "description": entry.description,
        "runnable": entry.function is not None or not entry.loaded,
        "schedules": [
            {
                "cron": one.cron.expression,
                "timezone": one.cron.timezone,
                "words": describe_short(one.cron),
            }
            for one in entry.schedules
        ],
        "next_fire": _utc(fire),
        **past(entry.name),
    }


def _utc(instant: datetime | None) -> str | None:
    """An instant in UTC as the engine's answers have it."""
    return None if instant is None else instant.isoformat().replace("+00:00", "Z")


def next_fires(entry: CatalogEntry, now: datetime, number: int) -> Sequence[datetime]:
    """When the task would fire next if an engine were at work, with its schedules' delay."""
    rows = (
        _fires(schedule, delay_of(schedule, entry.options.jitter), now)
        for schedule in entry.schedules
    )
    each_once = (fire for fire, _ in groupby(merge(*rows)))
    return tuple(islice(each_once, number))


def _fires(schedule: ScheduleEntry, delay: timedelta, now: datetime) -> Iterator[datetime]:
    return (fire + delay for fire in schedule.cron.fires(now - delay))
