"""What a pruner would delete, without deleting anything."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection

from taskengine.history.retention import HistorySettings
from taskengine.history.sqlite.excess import Amount, excess


@dataclass(frozen=True, slots=True)
class PrunePlan:
    """What would go of each task. Where it is not complete, it is at least this."""

    tasks: Mapping[str, Amount]
    is_complete: bool = True


def plan(
    connection: Connection,
    settings: HistorySettings,
    now: datetime,
    is_late: Callable[[], bool] = lambda: False,
) -> PrunePlan:
    """What these settings would take away now. It looks no further once `is_late`."""
    tasks: dict[str, Amount] = {}
    for one in excess(connection, settings, now):
        of_task = tasks.setdefault(one.task, Amount())
        of_task.runs += 1
        of_task.size += one.size
        if is_late():
            return PrunePlan(tasks, is_complete=False)
    return PrunePlan(tasks)
