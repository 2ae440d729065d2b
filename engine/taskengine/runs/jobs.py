"""Makes an attempt of a run ready for its executor."""

import copy
from collections.abc import Callable
from contextvars import Context
from typing import Any

from taskengine.capture.current import current_sink
from taskengine.capture.logs import task_logger
from taskengine.executors.executor import Job
from taskengine.run import Payload
from taskengine.runs.live import LiveAttempt, LiveRun
from taskengine.task import RunControl, TaskContext, TaskEvent, current_context


def job_for(
    live: LiveRun, attempt: LiveAttempt, control: RunControl, on_started: Callable[[], None]
) -> Job:
    """The call of the task's function, with the event and the context that it will find."""
    run = live.run
    task_context = TaskContext(
        run_id=run.id,
        attempt=run.attempt,
        trigger=run.trigger,
        scheduled_time=run.scheduled_time,
        extra=live.request.extra,
        log=task_logger(run.task),
        cancelled=attempt.cancelled,
        control=control,
    )
    context = Context()
    context.run(current_sink.set, live.output)
    context.run(current_context.set, task_context)
    return Job(
        task=live.task,
        run=run,
        output=live.output,
        control=control,
        cancelled=attempt.cancelled,
        extra=live.request.extra,
        make_event=lambda: TaskEvent(
            name=run.task, payload=_own_payload(live, run.payload), context=task_context
        ),
        context=context,
        on_started=on_started,
    )


def _own_payload(live: LiveRun, payload: Payload) -> Any:
    """A payload that the task may change without changing the record, typed if it asks for that."""
    own = copy.deepcopy(payload)
    return live.task.payload_type.convert(own) if live.task.payload_type else own
