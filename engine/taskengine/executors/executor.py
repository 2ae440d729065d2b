"""What an executor is given and what it gives back."""

from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextvars import Context
from dataclasses import dataclass
from typing import Protocol

from taskengine.executors.ending import Ending
from taskengine.task import TaskEvent, TaskFunction


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One call of a task's function.

    `make_event` is called where the function is, so that copying a large payload holds up nobody
    else. `context` holds the run's context variables, so that its output finds its way.
    `on_started` is called once, on the thread that is about to call the function.
    """

    function: TaskFunction
    make_event: Callable[[], TaskEvent]
    context: Context
    on_started: Callable[[], None]

    def call(self) -> object:
        """Call the function; what it gives may have to be awaited."""
        return self.function(self.make_event())


class Execution(Protocol):
    """A call that can begin, or is in progress."""

    @property
    def ending(self) -> Future[Ending]:
        """Set, from any thread but the engine's, when the call and what it waits for are over."""

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
