"""From what a call came to, to how its run ended: final state, result and error."""

import asyncio
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from taskengine.errors import EngineNotRunning, TaskCancelled, TaskFailed
from taskengine.executors.executor import Outcome
from taskengine.jsonvalue import NotJson, to_json
from taskengine.run import JsonValue, RunError, RunState

_OWN_CODE = str(Path(__file__).parent.parent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a run ended. `exception` is what its callers are given; None when the run is done."""

    state: RunState
    result: JsonValue = None
    exception: BaseException | None = None

    @property
    def error(self) -> RunError | None:
        """The exception as a record."""
        return None if self.exception is None else describe_error(self.exception)


def cancelled_ending() -> Ending:
    """The ending of a run that was asked to stop, whatever its code made of that."""
    return Ending(state=RunState.CANCELLED, exception=TaskCancelled("The run was cancelled"))


def interrupted_ending() -> Ending:
    """The ending of a run that was still going on when its engine stopped."""
    return Ending(
        state=RunState.INTERRUPTED, exception=EngineNotRunning("The engine stopped during the run")
    )


def failed_ending(exception: BaseException) -> Ending:
    """The ending of a run by an exception."""
    return Ending(state=RunState.FAILED, exception=exception)


def ending_of(outcome: Outcome) -> Ending:
    """What an outcome of a run that nobody cancelled means."""
    if outcome.error is not None:
        return _ending_by(outcome.error)
    try:
        return Ending(state=RunState.DONE, result=to_json(unwrapped(outcome.value), "result"))
    except NotJson as error:
        return failed_ending(TaskFailed(str(error)))


def _ending_by(error: BaseException) -> Ending:
    match error:
        case SystemExit(code=None | 0):
            return Ending(state=RunState.DONE)
        case SystemExit(code=code):
            return failed_ending(_caused(f"The task exited with code {code}", error))
        case KeyboardInterrupt():
            return failed_ending(_caused("The task raised KeyboardInterrupt", error))
        case asyncio.CancelledError():
            return failed_ending(
                _caused("The task raised CancelledError, which nobody asked for", error)
            )
        case GeneratorExit():
            return failed_ending(_caused("The task's loop was closed while it ran", error))
    return failed_ending(error)


def _caused(message: str, cause: BaseException) -> TaskFailed:
    failure = TaskFailed(message)
    failure.__cause__ = cause
    return failure


def unwrapped(value: object) -> object:
    """The value inside `{"result": value}`, Nitro's form of a result, or the value itself."""
    if isinstance(value, Mapping) and value.keys() == {"result"}:
        return value["result"]
    return value


def describe_error(error: BaseException) -> RunError:
    """The exception as type, message and traceback, without the engine's own frames."""
    summary = traceback.TracebackException.from_exception(error, compact=True)
    _drop_own_frames(summary)
    return RunError(
        type=type(error).__qualname__,
        message=_message_of(error),
        traceback="".join(summary.format()),
    )


def _message_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as broken:  # noqa: BLE001 - a broken __str__ must not hide the error
        return f"<no message: str() raised {type(broken).__name__}>"


def _drop_own_frames(summary: traceback.TracebackException) -> None:
    linked: list[traceback.TracebackException | None] = [summary]
    while linked:
        if (one := linked.pop()) is None:
            continue
        kept = [frame for frame in one.stack if not frame.filename.startswith(_OWN_CODE)]
        one.stack = traceback.StackSummary.from_list(kept)
        linked += [one.__cause__, one.__context__, *(one.exceptions or ())]
