"""What is known of a run as text, to be passed on to somebody: times, payload, result, error."""

import json
from collections.abc import Iterator
from datetime import datetime, tzinfo

from taskconsole import marks
from taskconsole.formatting import format_duration
from taskconsole.phrases import plain
from taskengine.run import JsonValue, Run


def pretty(value: JsonValue) -> str:
    """A value as JSON on many lines, its keys in order."""
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True)


def run_note(run: Run, now: datetime, zone: tzinfo) -> str:
    """The run in words, fit for a terminal and for a message."""
    return plain("\n".join(_lines(run, now, zone)))


def _lines(run: Run, now: datetime, zone: tzinfo) -> Iterator[str]:
    yield f"{run.task} #{run.id}: {marks.of_run(run).meaning}"
    yield f"begun by: {run.trigger.value}"
    if run.scheduled_time:
        yield f"scheduled for: {_told(run.scheduled_time, zone)}"
    yield f"queued: {_told(run.queued_at, zone)}"
    if run.started_at:
        took = format_duration(run.duration(now))
        yield f"started: {_told(run.started_at, zone)}, took {took}"
    if run.attempt > 1:
        yield f"attempt: {run.attempt} of {run.max_attempts}"
    yield f"payload: {pretty(run.payload)}"
    if run.error:
        yield f"error: {run.error.type}: {run.error.message}"
        yield run.error.traceback.rstrip()
    elif run.state.is_final:
        yield f"result: {pretty(run.result)}"


def _told(instant: datetime, zone: tzinfo) -> str:
    return instant.astimezone(zone).isoformat(sep=" ", timespec="milliseconds")
