"""What only one who opens a run wants to see of it, as the file holds it: text, short or packed."""

import json
import zlib
from typing import Any, TypeAlias

from taskengine.history.sqlite.instants import (
    from_micros,
    from_micros_or_none,
    to_micros,
    to_micros_or_none,
)
from taskengine.run import (
    Attempt,
    JoinedCaller,
    JsonValue,
    Progress,
    Run,
    RunError,
    RunState,
    Trigger,
)

Stored: TypeAlias = str | bytes
"""Text as it is, or compressed where it is long."""

LONG_TEXT = 4_096
_encode = json.JSONEncoder(ensure_ascii=False).encode
_encode_ascii = json.JSONEncoder(default=repr).encode


def pack(text: str) -> Stored:
    """A text as the file holds it. What no encoding can carry is written as escapes."""
    if len(text) <= LONG_TEXT and text.isascii():
        return text
    data = text.encode("utf-8", "backslashreplace")
    return zlib.compress(data, 1) if len(data) > LONG_TEXT else data.decode()


def unpack(stored: Stored) -> str:
    """The text that was packed."""
    return stored if isinstance(stored, str) else zlib.decompress(stored).decode()


def size_of(stored: Stored | None) -> int:
    """About how many bytes of the file it takes."""
    return len(stored) if stored else 0


def to_json(value: JsonValue) -> str:
    """A value as JSON on one line. What JSON can't carry, and nothing before has refused, is
    described instead: a run is kept whatever it was given.
    """
    try:
        text = _encode(value)
        if not text.isascii():
            text.encode()
    except UnicodeEncodeError:
        return _encode_ascii(value)
    except (TypeError, ValueError, RecursionError):
        return _described(value)
    return text


def _described(value: object) -> str:
    try:
        return _encode_ascii(value)
    except (TypeError, ValueError, RecursionError):
        return _encode_ascii({"unreadable": type(value).__name__})


def more_of(run: Run) -> str | None:
    """What has no column of its own; None if there is nothing of it."""
    if not any(
        (
            run.attempts,
            run.joined_count,
            run.child_count,
            run.joined,
            run.children,
            run.progress,
            run.next_attempt_at,
            run.stopping,
        )
    ):
        return None
    more: dict[str, Any] = {
        "attempts": [_attempt_to_json(attempt) for attempt in run.attempts],
        "joined": [[to_micros(one.at), one.trigger.value, one.payload_used] for one in run.joined],
        "joined_count": run.joined_count,
        "children": run.children,
        "child_count": run.child_count,
        "next_attempt_at": to_micros_or_none(run.next_attempt_at),
        "stopping": run.stopping,
    }
    if progress := run.progress:
        more["progress"] = [progress.done, progress.total, progress.message]
    return to_json(more)


def fields_of(more: str) -> dict[str, Any]:
    """The fields of a run that `more_of` made into text."""
    found = json.loads(more)
    progress = found.get("progress")
    return {
        "attempts": tuple(_attempt_from_json(one) for one in found["attempts"]),
        "joined": tuple(
            JoinedCaller(at=from_micros(at), trigger=Trigger(trigger), payload_used=used)
            for at, trigger, used in found["joined"]
        ),
        "joined_count": found["joined_count"],
        "children": tuple(found["children"]),
        "child_count": found["child_count"],
        "next_attempt_at": from_micros_or_none(found["next_attempt_at"]),
        "stopping": found["stopping"],
        "progress": progress and Progress(done=progress[0], total=progress[1], message=progress[2]),
    }


def _attempt_to_json(attempt: Attempt) -> dict[str, Any]:
    error = attempt.error
    return {
        "number": attempt.number,
        "state": attempt.state.value,
        "started_at": to_micros(attempt.started_at),
        "ended_at": to_micros(attempt.ended_at),
        "error": error and [error.type, error.message, error.traceback],
    }


def _attempt_from_json(found: dict[str, Any]) -> Attempt:
    error = found["error"]
    return Attempt(
        number=found["number"],
        state=RunState(found["state"]),
        started_at=from_micros(found["started_at"]),
        ended_at=from_micros(found["ended_at"]),
        error=error and RunError(type=error[0], message=error[1], traceback=error[2]),
    )
