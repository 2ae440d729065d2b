"""What can go wrong with a task, as exceptions that carry the HTTP status they answer with.

    TaskError
    ├── TaskNotFound        404  nothing of that name
    ├── TaskNotImplemented  501  the name is known, but nothing can be run
    ├── InvalidPayload      422  the payload is refused before anything runs
    ├── TaskCycle           409  the call would wait for its own ancestor
    ├── TaskCancelled       499  the run was cancelled
    ├── TaskFailed          500  the run failed without an exception of its own
    ├── RunNotFound         404  no run of that number is known any more
    └── EngineNotRunning    503  the engine was not started, is stopping, or has died

An exception that a task raises itself reaches the caller as it is; it is none of these.
"""

from collections.abc import Sequence


class TaskError(Exception):
    """The root of what the engine raises. `status_code` is the HTTP status that says the same."""

    status_code = 500


class TaskNotFound(TaskError):
    """No task has this name. The wording is Nitro's, so that its clients recognise it."""

    status_code = 404

    def __init__(self, name: str) -> None:
        super().__init__(f"Task `{name}` is not available!")
        self.name = name


class TaskNotImplemented(TaskError):
    """The task is known by name, but has no code that could run. The wording is Nitro's."""

    status_code = 501

    def __init__(self, name: str) -> None:
        super().__init__(f"Task `{name}` is not implemented!")
        self.name = name


class InvalidPayload(TaskError):
    """The payload is not a JSON object, or holds something that JSON can't carry."""

    status_code = 422


class TaskCycle(TaskError):
    """A run asked for a task that one of its own ancestors is running: it would wait for ever."""

    status_code = 409

    def __init__(self, chain: Sequence[str]) -> None:
        super().__init__(f"Tasks wait for each other: {' → '.join(chain)}")
        self.chain = tuple(chain)


class TaskCancelled(TaskError):
    """The run was cancelled before it could finish."""

    status_code = 499


class TaskFailed(TaskError):
    """The run failed without an exception that a caller could be given.

    Raised for `sys.exit(3)`, for a `KeyboardInterrupt` or a `CancelledError` nobody asked for,
    and for a result that JSON can't carry.
    """


class RunNotFound(TaskError):
    """No run of this number is known, or it is not kept any more."""

    status_code = 404

    def __init__(self, run_id: int) -> None:
        super().__init__(f"Run #{run_id} is not known")
        self.run_id = run_id


class EngineNotRunning(TaskError):
    """The engine was not started, is stopping or has died, so it accepts no runs."""

    status_code = 503
