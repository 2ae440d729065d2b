"""What authors write: the `task` decorator, schedules, and the event that a task is given."""

import inspect
import logging
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeAlias, Unpack, overload

from taskengine.options import OPTION_NAMES, WrittenOptions
from taskengine.run import JsonValue, Payload, Progress, Trigger

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    P = TypeVar("P", default=Payload)
else:  # the default is for type checkers: `TaskEvent` alone means a payload that is a dict
    from typing import TypeVar

    P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a task fires: a cron expression, the zone it is read in, and a payload for its runs.

    Nothing is checked here: an expression that does not parse is a problem of the project, shown
    with its place, and not an exception at import. `timezone` None means the project's zone.
    """

    cron: str
    timezone: str | None = field(default=None, kw_only=True)
    payload: Mapping[str, Any] = field(default_factory=dict, kw_only=True)


class RunControl(Protocol):
    """What a running task may ask of the engine that runs it. Safe to call from every thread."""

    def wait_until(self, awaitable: Awaitable[object]) -> None:
        """Keep the run going until `awaitable` is done."""

    def report_progress(self, progress: Progress) -> None:
        """Tell how far the run is."""

    async def run_task(self, name: str, payload: Payload | None) -> JsonValue:
        """Run another task as a child of this run."""

    def run_task_blocking(self, name: str, payload: Payload | None) -> JsonValue:
        """The same from a sync body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskContext:
    """The run that a task finds itself in.

    `scheduled_time` is the instant that the schedule meant (aware, UTC), None for other triggers.
    `extra` is what the caller passed as `context=`. `cancelled` is set when the run is cancelled:
    a sync task polls it and returns, for nobody can stop a thread.
    """

    run_id: int
    attempt: int
    trigger: Trigger
    scheduled_time: datetime | None
    extra: Mapping[str, Any]
    log: logging.Logger
    cancelled: threading.Event
    control: RunControl = field(repr=False)

    def wait_until(self, awaitable: Awaitable[object]) -> None:
        """Let work go on after the task has returned; the run is over when that work is.

        If it fails, the run fails. Raises TypeError for what can't be awaited, RuntimeError when
        the run is over.
        """
        self.control.wait_until(awaitable)

    def progress(self, done: float, total: float | None = None, message: str = "") -> None:
        """Tell how far the run is: `done` of `total` units, and what it is at.

        Raises ValueError or TypeError for what is no finite number. Of a flood of reports the
        latest count.
        """
        self.control.report_progress(Progress(done=done, total=total, message=message))

    async def run_task(self, name: str, payload: Payload | None = None) -> JsonValue:
        """Run another task and wait for its result; its run knows this one as its parent.

        Raises what `Engine.run_task` raises, and `TaskCycle` if it would wait for this run itself.
        """
        return await self.control.run_task(name, payload)

    def run_task_blocking(self, name: str, payload: Payload | None = None) -> JsonValue:
        """Do what `run_task` does, from a sync body. It blocks this thread until the child ends."""
        return self.control.run_task_blocking(name, payload)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEvent(Generic[P]):
    """What a task is called with: its name, the payload, and the run it is in.

    The payload is a dict. A function that takes a `TaskEvent[Cleanup]`, where `Cleanup` is a
    dataclass, a TypedDict, a msgspec Struct or a pydantic model, gets a checked `Cleanup` instead.
    """

    name: str
    payload: P
    context: TaskContext


TaskResult: TypeAlias = Any
TaskFunction: TypeAlias = Callable[[TaskEvent[Any]], Awaitable[TaskResult] | TaskResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A function that the engine can run, and what its author said about it.

    `title` and `description` are for display; what a task is *called* is decided by its file.
    `options` is as it was written, unchecked: what is wrong in it is a problem of the project.
    """

    function: TaskFunction
    title: str = ""
    description: str = ""
    schedules: tuple[Schedule, ...] = ()
    options: WrittenOptions = field(default_factory=WrittenOptions)

    def __call__(self, event: TaskEvent[Any]) -> Awaitable[TaskResult] | TaskResult:
        """Call the function itself, with no engine around it."""
        return self.function(event)


ScheduleOption: TypeAlias = "str | Schedule | Iterable[str | Schedule] | None"


@overload
def task(function: TaskFunction, /) -> Task: ...
@overload
def task(
    *,
    name: str = "",
    description: str = "",
    schedule: ScheduleOption = (),
    **options: Unpack[WrittenOptions],
) -> Callable[[TaskFunction], Task]: ...
def task(
    function: TaskFunction | None = None,
    /,
    *,
    name: str = "",
    description: str = "",
    schedule: ScheduleOption = (),
    **options: Unpack[WrittenOptions],
) -> Task | Callable[[TaskFunction], Task]:
    """Make a function, `async` or not, a task.

    `name` is a title for display (Nitro's `meta.name`). `description` falls back to the first line
    of the function's docstring. `schedule` is a cron expression, a `Schedule`, or several of them.
    The other options are those of `WrittenOptions`; what they mean stands at `Options`. Raises
    TypeError for an option that does not exist.
    """
    unknown = [option for option in options if option not in OPTION_NAMES]
    if unknown:
        raise TypeError(f"@task has no option `{unknown[0]}`{_did_you_mean(unknown[0])}")

    def decorate(decorated: TaskFunction) -> Task:
        return Task(
            function=decorated,
            title=name,
            description=description or first_line(decorated.__doc__),
            schedules=as_schedules(schedule),
            options=options,
        )

    return decorate if function is None else decorate(function)


def _did_you_mean(word: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(word, ("name", "description", "schedule", *OPTION_NAMES), n=1)
    return f"; did you mean `{close[0]}`?" if close else ""


def is_async(function: object) -> bool:
    """Whether calling the function gives a coroutine; callable objects are looked into."""
    call = getattr(type(function), "__call__", None)  # noqa: B004 - not a test of callability
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(call)


def first_line(docstring: str | None) -> str:
    """The first line of a docstring that says something, or nothing."""
    return next((line.strip() for line in (docstring or "").splitlines() if line.strip()), "")


def as_schedules(option: ScheduleOption) -> tuple[Schedule, ...]:
    """The schedules that a `schedule=` option stands for. Raises TypeError for what is none."""
    items: Iterable[object] = (option,)
    if option is None:
        items = ()
    elif isinstance(option, Iterable) and not isinstance(option, str | Mapping):
        items = option
    return tuple(_as_schedule(item) for item in items)


def _as_schedule(item: object) -> Schedule:
    if isinstance(item, str):
        return Schedule(item)
    if not isinstance(item, Schedule):
        raise TypeError(f"a schedule is a cron expression or a Schedule, not {item!r}")
    return item


current_context: ContextVar[TaskContext | None] = ContextVar("current_context", default=None)


async def run_task(name: str, payload: Payload | None = None) -> JsonValue:
    """Run another task from anywhere in a running task: `TaskContext.run_task` without the event.

    Raises RuntimeError outside a run.
    """
    return await _context_of("run_task").run_task(name, payload)


def run_task_blocking(name: str, payload: Payload | None = None) -> JsonValue:
    """Do the same from sync code of a running task, whose thread is blocked until the child ends.

    Raises RuntimeError outside a run, and where it would block an event loop.
    """
    return _context_of("run_task_blocking").run_task_blocking(name, payload)


def _context_of(caller: str) -> TaskContext:
    context = current_context.get()
    if context is None:
        raise RuntimeError(
            f"{caller}() works inside a running task; elsewhere use Engine.run_task()"
        )
    return context
