"""Runs in short, as their rows give them without a look at any other table."""

from typing import Any

from taskengine.history.sqlite.instants import from_micros, from_micros_or_none
from taskengine.records import RunSummary
from taskengine.run import RunState, Trigger

COLUMNS = (
    "runs.id, task, trigger, state, queued_at, started_at, ended_at, scheduled_at, key, attempt,"
    " max_attempts, payload_start, error_line, lines, parent_id, rerun_of"
)


def summary_of_row(row: tuple[Any, ...]) -> RunSummary:
    """The run whose COLUMNS these are."""
    run_id, task, trigger, state, queued_at, started_at, ended_at, scheduled_at = row[:8]
    key, attempt, max_attempts, payload, error, lines, parent_id, rerun_of = row[8:]
    return RunSummary(
        id=run_id,
        task=task,
        trigger=Trigger(trigger),
        state=RunState(state),
        queued_at=from_micros(queued_at),
        started_at=from_micros_or_none(started_at),
        ended_at=from_micros_or_none(ended_at),
        scheduled_time=from_micros_or_none(scheduled_at),
        key=key,
        attempt=attempt,
        max_attempts=max_attempts,
        payload=payload,
        error=error,
        lines=lines,
        parent_id=parent_id,
        rerun_of=rerun_of,
    )
