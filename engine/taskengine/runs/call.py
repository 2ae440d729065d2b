"""A call that may be admitted: its payload was found valid, its key is known."""

from dataclasses import dataclass

from taskengine.project.catalog import Runnable
from taskengine.runs.request import RunRequest


@dataclass(frozen=True, slots=True)
class Call:
    """What was asked for, and the version of the task that will do it."""

    request: RunRequest
    task: Runnable
    key: str
