"""Background tasks of a project: what authors write, and the engine that runs it."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from taskengine._version import __version__
from taskengine.errors import (
    EngineAlreadyRunning,
    EngineNotRunning,
    EngineUnreachable,
    HistoryTooNew,
    InvalidPayload,
    MissedFiresNotFound,
    NotPossible,
    RunNotFound,
    TaskCancelled,
    TaskCrashed,
    TaskCycle,
    TaskError,
    TaskFailed,
    TaskNotFound,
    TaskNotImplemented,
    TaskSkipped,
    TaskTimeout,
)
from taskengine.options import Backoff
from taskengine.run import Run, RunState, Trigger
from taskengine.task import (
    Schedule,
    Task,
    TaskContext,
    TaskEvent,
    run_task,
    run_task_blocking,
    task,
)

if TYPE_CHECKING:
    from taskengine.engine import Engine
    from taskengine.history.memory import MemoryHistory
    from taskengine.history.sqlite.project_history import ProjectHistory
    from taskengine.records import RunQuery, RunSummary
    from taskengine.schedule.cron import Cron
    from taskengine.schedule.cron_error import CronError

__all__ = [
    "Backoff",
    "Cron",
    "CronError",
    "Engine",
    "EngineAlreadyRunning",
    "EngineNotRunning",
    "EngineUnreachable",
    "HistoryTooNew",
    "InvalidPayload",
    "MemoryHistory",
    "MissedFiresNotFound",
    "NotPossible",
    "ProjectHistory",
    "Run",
    "RunNotFound",
    "RunQuery",
    "RunState",
    "RunSummary",
    "Schedule",
    "Task",
    "TaskCancelled",
    "TaskContext",
    "TaskCrashed",
    "TaskCycle",
    "TaskError",
    "TaskEvent",
    "TaskFailed",
    "TaskNotFound",
    "TaskNotImplemented",
    "TaskSkipped",
    "TaskTimeout",
    "Trigger",
    "__version__",
    "run_task",
    "run_task_blocking",
    "task",
]

# A task file imports this package for a decorator: what it does not need must not cost it time.
_LATE = {
    "Cron": "taskengine.schedule.cron",
    "CronError": "taskengine.schedule.cron_error",
    "Engine": "taskengine.engine",
    "MemoryHistory": "taskengine.history.memory",
    "ProjectHistory": "taskengine.history.sqlite.project_history",
    "RunQuery": "taskengine.records",
    "RunSummary": "taskengine.records",
}


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATE[name]), name)
