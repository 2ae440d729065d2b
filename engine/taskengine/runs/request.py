"""What a caller asks for: the task, its payload and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from taskengine.errors import InvalidPayload
from taskengine.jsonvalue import NotJson, to_json
from taskengine.run import JsonValue, Payload, Run, Trigger


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """A call for a run. `payload` has been through `checked_payload`, on the caller's own thread.

    `extra` is what the task finds as `context.extra`.
    """

    task: str
    payload: Payload
    trigger: Trigger
    extra: Mapping[str, Any] = field(default_factory=dict)
    scheduled_time: datetime | None = None
    parent_id: int | None = None
    rerun_of: int | None = None


def request_of(run: Run) -> RunRequest:
    """What must have been asked for to get this run, by nobody that can be told how it ends."""
    return RunRequest(
        task=run.task,
        payload=run.payload,
        trigger=run.trigger,
        scheduled_time=run.scheduled_time,
        rerun_of=run.rerun_of,
    )


def rerun_request(run: Run) -> RunRequest:
    """The call for another run with the same payload."""
    return replace(request_of(run), trigger=Trigger.RERUN, rerun_of=run.id)


class CheckedPayload(dict[str, JsonValue]):
    """What `checked_payload` has made of a payload, for a call that need not check it again: it was
    checked where that holds up nobody, and is nobody else's.
    """


def checked_payload(payload: object) -> Payload:
    """A copy of the payload as JSON would carry it. Raises InvalidPayload."""
    if payload is None:
        return {}
    if isinstance(payload, CheckedPayload):
        return dict(payload)
    if not isinstance(payload, Mapping):
        raise InvalidPayload(f"The payload must be an object, not {type(payload).__name__}")
    try:
        converted = to_json(payload, "payload")
    except NotJson as error:
        raise InvalidPayload(str(error)) from None
    assert isinstance(converted, dict)
    return converted
