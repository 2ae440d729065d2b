"""The tasks of a project where no engine is at work: what their files tell."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from taskengine.project.catalog import CatalogEntry
from taskengine.project.project import Project
from taskengine.project.zone import default_timezone
from taskengine.schedule.entry import ScheduleEntry
from taskengine.schedule.short_words import describe_short
from taskengine.schedule.timed import delay_of


def tasks_of_files(root: Path) -> tuple[list[dict[str, Any]], int]:
    """What is listed of each task, by name, and how many problems the files' text shows."""
    # Where users' code has to be asked, what it prints is not the list.
    with redirect_stdout(sys.stderr), Project(root, default_timezone=default_timezone) as project:
        catalog = project.look()
    now = datetime.now(UTC)
    return [_listed(entry, now) for entry in catalog.entries.values()], len(catalog.problems)


def _listed(entry: CatalogEntry, now: datetime) -> dict[str, Any]:
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
        "next_fire": None if fire is None else fire.isoformat().replace("+00:00", "Z"),
        "paused": False,
        "active": [],
        "last": None,
    }


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
