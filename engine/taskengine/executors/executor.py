"""What an executor is given and what it gives back."""

import threading
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any, Protocol

from taskengine.capture.sink import RunOutput
from taskengine.executors.ending import Ending
from taskengine.project.catalog import Runnable
from taskengine.run import Run
from taskengine.task import RunControl, TaskEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One attempt of a run: one call of its task's function.

    `run` is how it stood when the attempt was made ready: its number, payload and attempt count.
    `make_event` is called where the function is, if that is in this process, so that converting a
    large payload holds up nobody else; it raises InvalidPayload for one that is not of the task's
    type. `context` holds the run's context variables, so that its output finds its way to `output`.
    `cancelled` is what the function can poll. `on_started` is called once, from any thread, when
    the function is about to be called.
    """

    task: Runnable
    run: Run
    output: RunOutput
    control: RunControl
    cancelled: threading.Event
    make_event: Callable[[], TaskEvent[Any]]
    context: Context
    on_started: Callable[[], None]
    extra: Mapping[str, Any] = field(default_factory=dict)

    def call(self) -> object:
        """Call the function; what it gives may have to be awaited."""
        return self.task.function(self.make_event())


class Execution(Protocol):
    """A call that can begin, or is in progress."""

    @property
    def ending(self) -> Future[Ending]:
        """Set, from any thread but the engine's, when the call and what it waits for are over."""

    def begin(self) -> None:
        """Make the call, or queue it until there is room."""

    def cancel(self) -> None:
        """Ask the call to stop; it may take its time, and a sync function may never listen. A call
        in a process of its own is over within a second, whatever it makes of that.
        """

    def kill(self) -> None:
        """End the call at once, where that is possible: the process it runs in is killed."""

    def wait_until(self, awaitable: Awaitable[object]) -> None:
        """Keep the call going until the awaitable is done. Called from any thread."""


class Executor(Protocol):
    """Runs the code of tasks."""

    def prepare(self, job: Job) -> Execution:
        """A call that is ready to begin. Its code may use the execution as soon as it does."""
