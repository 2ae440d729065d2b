"""A run that is going on, with all that is forgotten when it is over."""

import asyncio
import threading
from dataclasses import dataclass, field, replace
from typing import Any

from taskengine.capture.sink import RunOutput
from taskengine.executors.ending import Ending
from taskengine.executors.executor import Execution
from taskengine.run import Run


@dataclass(slots=True, kw_only=True, eq=False)
class LiveRun:
    """Belongs to the engine's loop; other threads read `run` only.

    `answer` is what callers wait for. It can come before the run is over: a cancelled run answers
    at once, while its body may take its time to return.
    """

    run: Run
    output: RunOutput
    answer: asyncio.Future[Ending]
    over: asyncio.Future[Run]
    cancelled: threading.Event = field(default_factory=threading.Event)
    execution: Execution | None = None
    waits_for: list["LiveRun"] = field(default_factory=list)

    def change(self, **changes: Any) -> Run:
        """Replace the run's value by one with these fields changed, and give it back."""
        self.run = replace(self.run, **changes)
        return self.run

    def answer_with(self, ending: Ending) -> None:
        """Let all callers have the ending, if they have none yet."""
        if not self.answer.done():
            self.answer.set_result(ending)


def chain_of_waits(start: LiveRun, goal: LiveRun) -> list[LiveRun]:
    """The runs from `start` to `goal`, each waiting for the next; empty if there is no chain."""
    return _chain(start, goal, set())


def _chain(start: LiveRun, goal: LiveRun, seen: set[int]) -> list[LiveRun]:
    if start is goal:
        return [start]
    seen.add(start.run.id)
    for awaited in start.waits_for:
        if awaited.run.id not in seen and (chain := _chain(awaited, goal, seen)):
            return [start, *chain]
    return []
