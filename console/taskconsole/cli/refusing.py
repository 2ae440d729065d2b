"""How a command says no: a line or two on the standard error, and an exit code."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import click

from taskconsole.cli.exits import NOT_FOUND, REFUSED, WRONG_CALL
from taskconsole.cli.printing import narrate
from taskengine.errors import (
    EngineAlreadyRunning,
    FieldFault,
    InvalidPayload,
    MissedFiresNotFound,
    RunNotFound,
    TaskError,
    TaskNotFound,
)


class Refusal(Exception):
    """Why a command does not go on, and its exit code; for where `refuse` can't be heard, because
    an engine in this process has the streams.
    """

    def __init__(self, why: str, code: int) -> None:
        super().__init__(why)
        self.code = code


def refuse(ctx: click.Context, why: str, code: int) -> NoReturn:
    """Say why the command does not go on, and end it."""
    narrate(why)
    ctx.exit(code)


def refuse_unknown(ctx: click.Context, task: str, known: Iterable[str]) -> NoReturn:
    """Say that there is no such task, and which one may have been meant; and end the command."""
    refusal = unknown_task(task, known)
    refuse(ctx, str(refusal), refusal.code)


def unknown_task(task: str, known: Iterable[str]) -> Refusal:
    """There is no such task; it says which one may have been meant."""
    from taskengine.wording import did_you_mean

    hint = did_you_mean(task, tuple(known))
    return Refusal(f"{TaskNotFound(task)}{f' D{hint[1:]}' if hint else ''}", NOT_FOUND)


@contextmanager
def refusals(ctx: click.Context) -> Iterator[None]:
    """Ends the command with a line and an exit code where the engine or the history says no."""
    try:
        yield
    except Refusal as refusal:
        refuse(ctx, str(refusal), refusal.code)
    except Exception as error:
        if isinstance(error, BrokenPipeError) or not isinstance(error, _expected()):
            raise
        refuse(ctx, in_words(error), code_of(error))


def in_words(error: BaseException) -> str:
    """What an error says, with all its faults and what can be done."""
    if isinstance(error, InvalidPayload) and len(error.faults) > 1:
        return "\n".join([str(error).partition(":")[0], *map(_fault, error.faults)])
    if isinstance(error, EngineAlreadyRunning):
        return f"{error}; end it first"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)


def code_of(error: BaseException) -> int:
    """The exit code that says the same."""
    match error:
        case TaskNotFound() | RunNotFound() | MissedFiresNotFound():
            return NOT_FOUND
        case InvalidPayload():
            return WRONG_CALL
        case _:
            return REFUSED


def _fault(fault: FieldFault) -> str:
    return f"  {fault}"


def _expected() -> tuple[type[Exception], ...]:
    """Called only when something was raised: who succeeds need not import a database. Not after an
    interrupt, which may have left modules half imported.
    """
    from taskengine.history.sqlite.offline import HistoryUnreachable

    return TaskError, HistoryUnreachable, OSError
