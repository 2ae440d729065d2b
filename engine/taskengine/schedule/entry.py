"""One schedule of one task, ready to fire: its expression in a zone, and where it was written."""

import json
from collections.abc import Hashable
from dataclasses import dataclass, field
from pathlib import Path

from taskengine.run import Payload
from taskengine.schedule.cron import Cron


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleEntry:
    """When `task` fires, and what payload its runs get.

    `source` is the place for people ("taskconsole.toml:12", relative to the project's root);
    `path` is absolute and `line` counts from 1. `key` is what makes it this schedule wherever it
    is written: entries of one key are one.
    """

    task: str
    cron: Cron
    payload: Payload = field(default_factory=dict)
    source: str = ""
    path: Path | None = None
    line: int | None = None
    key: Hashable = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        key = (self.task, self.cron, json.dumps(self.payload, sort_keys=True))
        object.__setattr__(self, "key", key)
