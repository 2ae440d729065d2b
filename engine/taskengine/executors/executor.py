"""What an executor is given and what it gives back."""

from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextvars import Context
from dataclasses import dataclass
from typing import Protocol

from taskengine.task import TaskEvent, TaskFunction


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One call of a task's function.

    `context` holds the run's context variables, so that its output finds its way. `on_started` is
    called once, on the thread that is about to call the function.
    """

    function: TaskFunction
    event: TaskEvent
    context: Context
    on_started: Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a call came to: a value or an exception. A value because not every exception may be set
    on a future (`StopIteration`), nor may pass through an event loop (`SystemExit`).
    """

    value: object = None
    error: BaseException | None = None


class Execution(Protocol):
    """A call that can begin, or is in progress."""

    @property
    def outcome(self) -> Future[Outcome]:
        """Set, from any thread, when the call and all its `wait_until` work are over."""

    def begin(self) -> None:
        """Make the call, or queue it until there is room."""

    def cancel(self) -> None:
        """Ask the call to stop; it may take its time, and a sync function may never listen."""

    def wait_until(self, awaitable: Awaitable[object]) -> None:
        """Keep the call going until the awaitable is done. Called from any thread."""


class Executor(Protocol):
    """Runs the code of tasks."""

    def prepare(self, job: Job) -> Execution:
        """A call that is ready to begin. Its code may use the execution as soon as it does."""
