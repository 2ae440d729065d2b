"""One schedule of one task, ready to fire: its expression in a zone, and where it was written."""

import json
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from taskengine.run import Payload
from taskengine.schedule.cron import Cron


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleEntry:
    """When `task` fires, and what payload its runs get.

    `source` is the place for people ("taskconsole.toml:12", relative to the project's root);
    `path` is absolute and `line` counts from 1. `identity` is what makes it this schedule wherever
    and however it is written, in every process: entries of one identity are one.
    """

    task: str
    cron: Cron
    payload: Payload = field(default_factory=dict)
    source: str = ""
    path: Path | None = None
    line: int | None = None
    identity: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        identity = identity_of(self.task, self.cron, self.payload)
        object.__setattr__(self, "identity", identity)


def identity_of(task: str, cron: Cron, payload: Payload) -> str:
    """A short text that only schedules of the same task, expression, zone and payload share."""
    meaning = (task, cron.pattern.text, cron.timezone, payload)
    return blake2b(json.dumps(meaning, sort_keys=True).encode(), digest_size=10).hexdigest()
