"""Runs in short, and whether they are among those that a query asks for."""

import json
import re

from taskengine.output import Output
from taskengine.records import RunQuery, RunSummary
from taskengine.run import Run

PAYLOAD_CHARS = 200
ERROR_CHARS = 200
_WORD = re.compile(r"[^\W_]+")


def summary_of(run: Run, output: Output | None) -> RunSummary:
    """A run as lists show it."""
    return RunSummary(
        id=run.id,
        task=run.task,
        trigger=run.trigger,
        state=run.state,
        queued_at=run.queued_at,
        started_at=run.started_at,
        ended_at=run.ended_at,
        scheduled_time=run.scheduled_time,
        key=run.key,
        attempt=run.attempt,
        max_attempts=run.max_attempts,
        payload=json.dumps(run.payload, ensure_ascii=False)[:PAYLOAD_CHARS],
        error=error_line(run),
        lines=output.extent.total if output else 0,
        parent_id=run.parent_id,
        rerun_of=run.rerun_of,
    )


def error_line(run: Run) -> str:
    """The type of a run's error and the first line of its message; empty without an error."""
    if run.error is None:
        return ""
    message = run.error.message.strip().partition("\n")[0]
    return f"{run.error.type}: {message}"[:ERROR_CHARS] if message else run.error.type


def words_of(text: str) -> list[str]:
    """The words of a text, in the form in which they are compared."""
    return _WORD.findall(text.casefold())


def text_of(run: Run) -> str:
    """All text of a run that can be searched for: its payload, its result and its error."""
    parts = [json.dumps(run.payload, ensure_ascii=False)]
    if run.result is not None:
        parts.append(json.dumps(run.result, ensure_ascii=False))
    if run.error:
        parts += [run.error.type, run.error.message]
    return "\n".join(parts)


def matches(run: Run, query: RunQuery) -> bool:
    """Whether a run is among those that a query asks for."""
    return (
        (query.task is None or run.task == query.task)
        and (not query.states or run.state in query.states)
        and (not query.triggers or run.trigger in query.triggers)
        and (query.since is None or run.queued_at >= query.since)
        and (query.until is None or run.queued_at < query.until)
        and _has_words(run, query.text)
    )


def _has_words(run: Run, text: str) -> bool:
    wanted = words_of(text)
    if not wanted:
        return True
    words = words_of(text_of(run))
    return all(any(word.startswith(one) for word in words) for one in wanted)
