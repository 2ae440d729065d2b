"""The runs of fires: what they are given, whether they come in time or are made up for."""

from datetime import datetime
from typing import Protocol

from taskengine.payload.payload_type import PayloadType
from taskengine.run import Payload, Trigger
from taskengine.runs.live import LiveRun
from taskengine.runs.request import RunRequest, checked_payload
from taskengine.runs.runner import Tasks

SCHEDULED_TIME = "scheduledTime"


class Begins(Protocol):
    """The runner, as far as it is needed here."""

    async def begin(self, request: RunRequest) -> LiveRun:
        """Begin a run as soon as the task's code is there."""


class FireRuns:
    """Begins the run of a fire, with the instant in its payload."""

    def __init__(self, tasks: Tasks, runner: Begins) -> None:
        self._tasks = tasks
        self._runner = runner

    async def begin(self, task: str, payload: Payload, at: datetime) -> LiveRun:
        """Begin the run of the fire at an instant. Raises what the runner raises."""
        await self._tasks.when_loaded(task)
        payload_type = self._tasks.runnable(task).payload_type
        return await self._runner.begin(
            RunRequest(
                task=task,
                payload=checked_payload(scheduled_payload(payload, at, payload_type)),
                trigger=Trigger.SCHEDULE,
                scheduled_time=at,
            )
        )


def scheduled_payload(payload: Payload, at: datetime, payload_type: PayloadType | None) -> Payload:
    """The payload with the instant, in milliseconds since 1970, unless its type has no such field.

    The key and the unit are those of Nitro's scheduled tasks.
    """
    if payload_type is not None and not payload_type.declares(SCHEDULED_TIME):
        return payload
    return {**payload, SCHEDULED_TIME: int(at.timestamp() * 1000)}
