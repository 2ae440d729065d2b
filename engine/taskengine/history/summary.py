"""Runs in short, and whether they are among those that a query asks for."""

import json
from bisect import bisect_left
from collections.abc import Sequence

from taskengine.history.words import text_of, wanted_words, words_of
from taskengine.output import Output
from taskengine.records import RunQuery, RunSummary
from taskengine.run import Payload, Run

PAYLOAD_CHARS = 200
ERROR_CHARS = 200
_ENCODER = json.JSONEncoder(ensure_ascii=False, default=repr)


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
        payload=payload_start(run.payload),
        error=error_line(run),
        lines=output.extent.total if output else 0,
        parent_id=run.parent_id,
        rerun_of=run.rerun_of,
    )


def payload_start(payload: Payload) -> str:
    """The beginning of a payload as JSON on one line; a long one is not encoded any further."""
    start = ""
    for piece in _ENCODER.iterencode(payload):
        start += piece
        if len(start) >= PAYLOAD_CHARS:
            break
    return start[:PAYLOAD_CHARS]


def error_line(run: Run) -> str:
    """The type of a run's error and the first line of its message; empty without an error."""
    if run.error is None:
        return ""
    message = run.error.message.strip().partition("\n")[0]
    return f"{run.error.type}: {message}"[:ERROR_CHARS] if message else run.error.type


def matches(run: Run, query: RunQuery) -> bool:
    """Whether a run is among those that a query asks for."""
    return (
        (query.task is None or run.task == query.task)
        and (not query.states or run.state in query.states)
        and (not query.triggers or run.trigger in query.triggers)
        and (query.since is None or run.queued_at >= query.since)
        and (query.until is None or run.queued_at < query.until)
        and has_words(run, wanted_words(query.text))
    )


def has_words(run: Run, wanted: Sequence[str]) -> bool:
    """Whether each of these words, in the form of `words_of`, begins a word of a run's text."""
    if not wanted:
        return True
    words = sorted(words_of(text_of(run)))
    return all(_begins_one(start, words) for start in wanted)


def _begins_one(start: str, words: Sequence[str]) -> bool:
    place = bisect_left(words, start)
    return place < len(words) and words[place].startswith(start)
