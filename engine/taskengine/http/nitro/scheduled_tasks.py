"""Schedules in Nitro's form: the names of tasks, grouped by the expression as it was written."""

from collections.abc import Iterable
from typing import TypedDict

from taskengine.schedule.entry import ScheduleEntry


class ScheduledTasks(TypedDict):
    """The tasks of one expression, each once, whatever zones and payloads its schedules have."""

    cron: str
    tasks: list[str]


def scheduled_tasks(schedules: Iterable[ScheduleEntry]) -> list[ScheduledTasks]:
    """All expressions, in the order of the tasks that they come with."""
    groups: dict[str, dict[str, None]] = {}
    for schedule in schedules:
        groups.setdefault(schedule.cron.expression, {})[schedule.task] = None
    return [{"cron": cron, "tasks": list(tasks)} for cron, tasks in groups.items()]
