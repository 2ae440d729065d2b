"""Background tasks of a project: what authors write, and the engine that runs it."""

from taskengine._version import __version__
from taskengine.errors import (
    EngineNotRunning,
    InvalidPayload,
    TaskCancelled,
    TaskCycle,
    TaskError,
    TaskFailed,
    TaskNotFound,
    TaskNotImplemented,
)
from taskengine.run import Run, RunState, Trigger
from taskengine.task import Schedule, Task, TaskContext, TaskEvent, run_task, task

__all__ = [
    "EngineNotRunning",
    "InvalidPayload",
    "Run",
    "RunState",
    "Schedule",
    "Task",
    "TaskCancelled",
    "TaskContext",
    "TaskCycle",
    "TaskError",
    "TaskEvent",
    "TaskFailed",
    "TaskNotFound",
    "TaskNotImplemented",
    "Trigger",
    "__version__",
    "run_task",
    "task",
]
