"""From what is known of a process's end to how its run ended."""

import asyncio
import os
import signal
from dataclasses import replace

from taskengine.errors import TaskCrashed
from taskengine.executors.ending import Ending, ending_of, failed_ending
from taskengine.executors.process.keeper import KeeperRecord
from taskengine.executors.process.messages import End
from taskengine.executors.process.sent_errors import received_error
from taskengine.project.sizes import size_in_words
from taskengine.run import RunError, RunState

_NEARLY = 0.9


def told_ending(end: End) -> Ending:
    """The ending that the process told of."""
    sent = end.error
    if sent is None:
        return Ending(state=RunState(end.state), result=end.result)
    return Ending(
        state=RunState(end.state),
        exception=received_error(sent),
        error=RunError(type=sent.type, message=sent.message, traceback=sent.traceback),
        exception_names=sent.names,
    )


def stopped_ending() -> Ending:
    """The ending of a call that was stopped on request."""
    return ending_of(None, asyncio.CancelledError())


def crashed_ending(death: KeeperRecord | None, memory: int | None) -> Ending:
    """The ending of a process that died before it could tell of one; None: its keeper died."""
    crash = TaskCrashed(f"The process of the run {_how(death, memory)}")
    return replace(failed_ending(crash), state=RunState.CRASHED)


def _how(death: KeeperRecord | None, memory: int | None) -> str:
    if death is None:
        return "was lost: the process that watched over it was killed"
    code = os.waitstatus_to_exitcode(death.status)
    if code >= 0:
        return f"exited with code {code} before it could say how the run ended"
    return f"was killed by signal {-code}{_name_of(-code)}{_why(death, memory)}"


def _name_of(number: int) -> str:
    try:
        return f" ({signal.Signals(number).name})"
    except ValueError:
        return ""  # a real-time signal


def _why(death: KeeperRecord, memory: int | None) -> str:
    if memory is not None and death.peak > memory * _NEARLY:
        return f", at its memory limit of {size_in_words(memory)}"
    if os.WTERMSIG(death.status) == signal.SIGKILL:
        return ", as the system does when memory runs out"
    return ""
