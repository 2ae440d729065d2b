"""What a task's process is there for: it imports the task, calls it, and says how that ended."""

import logging
import os
import threading
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from taskengine.errors import TaskFailed
from taskengine.executors.ending import Ending, ending_of, failed_ending
from taskengine.executors.process.child.call import AsyncCall, ChildCall, SyncCall
from taskengine.executors.process.child.cancelled import Cancelled
from taskengine.executors.process.child.control import ChildControl
from taskengine.executors.process.child.interrupts import cancel_on_sigterm, ignore_interrupts
from taskengine.executors.process.child.memory import lifting_when_exceeded, limit_memory
from taskengine.executors.process.child.messenger import Messenger
from taskengine.executors.process.child.surroundings import take_over
from taskengine.executors.process.messages import Assignment, End
from taskengine.executors.process.sent_errors import sent_error
from taskengine.problem import Problem
from taskengine.project.alone import ImportFailed, import_alone
from taskengine.project.definition import Definition
from taskengine.project.origin import CodeOrigin
from taskengine.project.sizes import size_in_words
from taskengine.run import Trigger
from taskengine.task import TaskContext, TaskEvent, TaskFunction, current_context


def do_work(assignment: Assignment, messenger: Messenger) -> End:
    """Import the task and call it. Whatever that raises is its end."""
    try:
        take_over(assignment)
        if assignment.memory is not None:
            limit_memory(assignment.memory)
        definition = import_alone(_origin(assignment))
        assert definition.function is not None, "one without has a problem"
        ending = _call(definition, definition.function, assignment, messenger)
    except ImportFailed as failed:
        return _failed_import(failed.problem)
    except BaseException as error:  # noqa: BLE001 - KeyboardInterrupt, above all, on a cancel
        ending = ending_of(None, error)
    ignore_interrupts()
    return _end(ending, assignment.memory)


def _call(
    definition: Definition, function: TaskFunction, assignment: Assignment, messenger: Messenger
) -> Ending:
    call: ChildCall = AsyncCall() if definition.is_async else SyncCall()
    cancelled = Cancelled()
    cancel_on_sigterm(cancelled, call.cancel)
    context = _context(assignment, cancelled, ChildControl(messenger, call.wait_until))
    current_context.set(context)
    payload: Any = assignment.payload
    if definition.payload_type is not None:
        payload = definition.payload_type.convert(assignment.payload)
    event = TaskEvent(name=assignment.task, payload=payload, context=context)
    return call.run(lifting_when_exceeded(partial(function, event)))


def _context(
    assignment: Assignment, cancelled: threading.Event, control: ChildControl
) -> TaskContext:
    scheduled = assignment.scheduled_time
    return TaskContext(
        run_id=assignment.run_id,
        attempt=assignment.attempt,
        trigger=Trigger(assignment.trigger),
        scheduled_time=datetime.fromisoformat(scheduled) if scheduled else None,
        extra=assignment.extra,
        log=logging.getLogger(f"task.{assignment.task}"),
        cancelled=cancelled,
        control=control,
    )


def _origin(assignment: Assignment) -> CodeOrigin:
    return CodeOrigin(
        root=Path(os.fsdecode(assignment.root)),
        tasks_dir=assignment.tasks_dir,
        name=assignment.task,
        handler=assignment.handler,
    )


def _end(ending: Ending, memory: int | None) -> End:
    error = ending.exception
    if error is None:
        return End(state=ending.state, result=ending.result)
    sent = sent_error(error)
    if isinstance(error, MemoryError) and memory is not None:
        message = f"the run went over its memory limit of {size_in_words(memory)}"
        sent = msgspec.structs.replace(sent, message=message)
    return End(state=ending.state, error=sent)


def _failed_import(problem: Problem) -> End:
    """The end by what the import raised, which the problem tells of."""
    place = f" ({problem.place})" if problem.place else ""
    ending = failed_ending(TaskFailed(f"The task can't be imported: {problem.message}{place}"))
    assert ending.exception is not None
    sent = msgspec.structs.replace(sent_error(ending.exception), traceback=problem.traceback)
    return End(state=ending.state, error=sent)
