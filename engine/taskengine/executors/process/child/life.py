"""The life of a task's process, from its first moment to its last."""

import atexit
import contextlib
import os
import sys
from typing import NoReturn

from taskengine.capture.flushing import flush_all
from taskengine.executors.process.child.capture import capture_everything
from taskengine.executors.process.child.descriptors import (
    KnownFile,
    TaskEnds,
    close_others,
    move_out_of_the_way,
    put,
)
from taskengine.executors.process.child.interrupts import restore_signals
from taskengine.executors.process.child.memory import lift_limit
from taskengine.executors.process.child.messenger import Messenger
from taskengine.executors.process.child.output import FramedOutput
from taskengine.executors.process.child.warm_up import warm_up
from taskengine.executors.process.child.work import do_work
from taskengine.executors.process.frames import new_marker
from taskengine.executors.process.messages import Assignment, End
from taskengine.executors.process.parentage import die_with_parent
from taskengine.executors.process.wakeups import wait_for_any

__all__ = ["TaskEnds", "live"]


def live(ends: TaskEnds, parent: int) -> NoReturn:
    """Do what the engine asks for, tell it how that ended, and end."""
    if os.getsid(0) != os.getpid():
        os.setsid()
    die_with_parent(parent)
    restore_signals()
    process = os.getpid()
    ends = _take_descriptors(ends)
    messenger = Messenger(ends.messages)
    if not wait_for_any([ends.messages], 0):
        warm_up()
    assignment = next(messenger.receive(), None)
    if not isinstance(assignment, Assignment):
        os._exit(1)  # the engine is gone, or the run was called off
    output = FramedOutput(
        new_marker(assignment.token),
        pipe=KnownFile(ends.output),
        plain=KnownFile(1),
        errors=KnownFile(ends.errors),
    )
    capture_everything(output, assignment.log_level)
    end = do_work(assignment, messenger)
    if os.getpid() == process:
        _tell(messenger, end)
        _leave(0)
    _leave(_exit_code_of_fork(end))


def _take_descriptors(ends: TaskEnds) -> TaskEnds:
    """Put the standard descriptors in place; gives back what the engine's ends are then."""
    put(ends.output, 1)
    put(ends.errors, 2)
    messages, output = map(move_out_of_the_way, (ends.messages, ends.output))
    close_others((messages, output))
    return TaskEnds(messages=messages, output=output, errors=2)


def _tell(messenger: Messenger, end: End) -> None:
    """All that was written has to be on its way before the engine takes the run for over."""
    lift_limit()
    _flush()
    messenger.send(end)


def _exit_code_of_fork(end: End) -> int:
    """A fork of the task that came back from its function tells nobody but its parent."""
    if end.error is None:
        return 0
    with contextlib.suppress(Exception):
        sys.stderr.write(end.error.traceback)
    return 1


def _leave(code: int) -> NoReturn:
    """Tidy up as an interpreter does that ends; the engine does not wait for long."""
    try:
        atexit._run_exitfuncs()  # noqa: SLF001 - there is no other way to run them and end at once
        _flush()
    finally:
        os._exit(code)


def _flush() -> None:
    with contextlib.suppress(Exception):  # the task may have put anything in the streams' places
        flush_all()
