"""From what a call came to, to how its run ended: final state, result and error.

All of it may run users' code (`__str__` of an exception, the methods of a mapping), so it happens
where tasks run, never on the engine's loop.
"""

import asyncio
import concurrent.futures
import os
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from taskengine.errors import (
    EngineNotRunning,
    TaskCancelled,
    TaskFailed,
    TaskSkipped,
    TaskTimeout,
)
from taskengine.jsonvalue import NotJson, to_json
from taskengine.parsing import parsed
from taskengine.run import JsonValue, RunError, RunState
from taskengine.wording import message_of, name_of

_OWN_CODE = str(Path(__file__).parent.parent) + os.sep


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a run ended. `exception` is what its callers are given, `error` the same for the record;
    both are None when the run is done.

    `exception_names` are the names of the exception's class and of all its bases, each bare and
    with its module: what `retry_on` is compared with. `traceback` is the exception's as it was when
    the run ended: every caller for whom it is raised adds frames to the exception's own.
    """

    state: RunState
    result: JsonValue = None
    exception: BaseException | None = None
    error: RunError | None = None
    exception_names: tuple[str, ...] = ()
    traceback: TracebackType | None = None

    def unwrap(self) -> JsonValue:
        """The result. Raises the exception."""
        if self.exception is not None:
            raise BaseException.with_traceback(self.exception, self.traceback)
        return self.result


def cancelled_ending() -> Ending:
    """The ending of a run that was asked to stop, whatever its code made of that."""
    return _ending(RunState.CANCELLED, TaskCancelled("The run was cancelled"))


def timeout_ending(seconds: float) -> Ending:
    """The ending of an attempt that took longer than its timeout."""
    return _ending(RunState.TIMEOUT, TaskTimeout(seconds))


def skipped_ending(skipped: TaskSkipped) -> Ending:
    """The ending of a run that never began, because another of its key goes on."""
    return _ending(RunState.SKIPPED, skipped)


def interrupted_ending() -> Ending:
    """The ending of a run that was still going on when its engine stopped."""
    stopped = EngineNotRunning("The engine stopped before the run was over")
    return _ending(RunState.INTERRUPTED, stopped)


def postponed_ending() -> Ending:
    """The ending, for its engine, of a run that stays in the queue for the next one."""
    stopped = EngineNotRunning(
        "The engine stopped before it was the run's turn; it stays in the queue for the next engine"
    )
    return _ending(RunState.INTERRUPTED, stopped)


def failed_ending(exception: BaseException) -> Ending:
    """The ending of a run by an exception."""
    return _ending(RunState.FAILED, exception)


def ending_of(value: object, error: BaseException | None) -> Ending:
    """What a call that gave a value or raised an error means for its run. Raises nothing."""
    if error is not None:
        return _ending_by_any(error)
    try:
        return Ending(state=RunState.DONE, result=to_json(unwrapped(value), "result"))
    except NotJson as fault:
        return failed_ending(TaskFailed(str(fault)))
    except BaseException as fault:  # noqa: BLE001 - the value's own methods may raise anything
        return failed_ending(_caused("The result can't be read", fault))


def _ending_by_any(error: BaseException) -> Ending:
    try:
        return _ending_by(error)
    except BaseException as fault:  # noqa: BLE001 - such as the code of a SystemExit, which is anything
        return failed_ending(_caused("What the task raised can't be read", fault))


def _ending_by(error: BaseException) -> Ending:
    match error:
        case SystemExit(code=None | 0):
            return Ending(state=RunState.DONE)
        case SystemExit(code=code):
            return failed_ending(_caused(f"The task exited with code {code}", error))
        case KeyboardInterrupt():
            return failed_ending(_caused("The task raised KeyboardInterrupt", error))
        case asyncio.CancelledError() | concurrent.futures.CancelledError():
            # Neither may reach a caller as it is: it would take it for its own cancellation.
            message = "The task raised CancelledError, which nobody asked for"
            return failed_ending(_caused(message, error))
        case GeneratorExit():
            return failed_ending(_caused("The task's loop was closed while it ran", error))
    return failed_ending(error)


def _ending(state: RunState, exception: BaseException) -> Ending:
    return Ending(
        state=state,
        exception=exception,
        error=describe_error(exception),
        exception_names=names_of(type(exception)),
        traceback=_own_traceback(exception),
    )


def _caused(message: str, cause: BaseException) -> TaskFailed:
    failure = TaskFailed(message)
    failure.__cause__ = cause
    return failure


def unwrapped(value: object) -> object:
    """The value inside `{"result": value}`, Nitro's form of a result, or the value itself."""
    if isinstance(value, Mapping) and value.keys() == {"result"}:
        return value["result"]
    return value


def names_of(kind: type[BaseException]) -> tuple[str, ...]:
    """The names of an exception's class and of all its bases, each bare and with its module."""
    try:
        bases = [base for base in kind.__mro__ if base is not object]
        return tuple(
            name
            for base in bases
            for name in (str.__str__(base.__qualname__), f"{base.__module__}.{base.__qualname__}")
        )
    except BaseException:  # noqa: BLE001 - a metaclass may make anything of these attributes
        return ()


def describe_error(error: BaseException) -> RunError:
    """The exception as type, message and traceback, without the engine's own frames."""
    return RunError(
        type=name_of(type(error)), message=message_of(error), traceback=_traceback_of(error)
    )


def _own_traceback(error: BaseException) -> TracebackType | None:
    """The traceback, whatever the exception's class makes of that attribute."""
    kept: TracebackType | None = vars(BaseException)["__traceback__"].__get__(error)
    return kept


def _traceback_of(error: BaseException) -> str:
    try:
        summary = traceback.TracebackException.from_exception(
            error, compact=True, lookup_lines=False
        )
        _drop_own_frames(summary)
        return parsed(lambda: "".join(summary.format()))
    except BaseException as broken:  # noqa: BLE001 - nor must anything else that it is made of
        return f"{name_of(type(error))}\n<no traceback: {name_of(type(broken))}>\n"


def _drop_own_frames(summary: traceback.TracebackException) -> None:
    linked: list[traceback.TracebackException | None] = [summary]
    while linked:
        if (one := linked.pop()) is None:
            continue
        kept = [frame for frame in one.stack if not frame.filename.startswith(_OWN_CODE)]
        one.stack = traceback.StackSummary.from_list(kept)
        linked += [one.__cause__, one.__context__, *(one.exceptions or ())]
