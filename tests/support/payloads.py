"""Types of payloads, by way of a task's annotation as in life, and what they find wrong."""

from typing import Any

import pytest

from taskengine import InvalidPayload, TaskEvent
from taskengine.payload.payload_type import PayloadType
from taskengine.payload.payload_types import payload_type_of


def typed(kind: Any) -> PayloadType:
    """The payload type of a task that takes a `TaskEvent[kind]`."""

    def run(event: Any) -> None: ...

    run.__annotations__["event"] = TaskEvent[kind]
    found = payload_type_of(run)
    assert found is not None
    return found


def refused(kind: Any, payload: Any) -> dict[str, str]:
    """The faults for which a payload is refused, by path."""
    with pytest.raises(InvalidPayload) as caught:
        typed(kind).convert(payload)
    faults = caught.value.faults
    found = {fault.path: fault.message for fault in faults}
    assert len(found) == len(faults), f"a path is told twice: {faults}"
    return found
