"""Background tasks of a project: what authors write, and the engine that runs it."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from taskengine._version import __version__
from taskengine.errors import (
    EngineNotRunning,
    InvalidPayload,
    MissedFiresNotFound,
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
    from taskengine.schedule.cron import Cron
    from taskengine.schedule.cron_error import CronError

__all__ = [
    "Backoff",
    "Cron",
    "CronError",
    "Engine",
    "EngineNotRunning",
    "InvalidPayload",
    "MissedFiresNotFound",
    "Run",
    "RunNotFound",
    "RunState",
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
}


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATE[name]), name)
