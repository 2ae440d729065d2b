"""A run that is going on, with all that is forgotten when it is over."""

import asyncio
import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from taskengine.capture.sink import RunOutput
from taskengine.executors.ending import Ending
from taskengine.executors.executor import Execution
from taskengine.project.catalog import Runnable
from taskengine.run import Run
from taskengine.runs.changed import changed
from taskengine.runs.promise import Promise
from taskengine.runs.request import RunRequest
from taskengine.runs.transitions import check_transition


@dataclass(slots=True, kw_only=True, eq=False)
class LiveAttempt:
    """One attempt of a live run, from before its body starts until that has returned.

    `cancelled` is what the body can poll. `timer` sleeps until the attempt has taken too long;
    `timeout` is how it ends then, whatever the body gives back.
    """

    cancelled: threading.Event = field(default_factory=threading.Event)
    execution: Execution | None = None
    started_at: datetime | None = None
    timer: asyncio.Task[None] | None = None
    timeout: Ending | None = None
    is_over: bool = False

    def cancel(self) -> None:
        """Ask the body to return."""
        self.cancelled.set()
        if self.execution:
            self.execution.cancel()

    def kill(self) -> None:
        """End the body at once, where that is possible."""
        if self.execution:
            self.execution.kill()

    def end(self) -> None:
        """The body has returned: what still comes from it counts for nothing."""
        self.is_over = True
        if self.timer:
            self.timer.cancel()


@dataclass(slots=True, kw_only=True, eq=False)
class LiveRun:
    """Belongs to the engine's loop; other threads read `run` only.

    `kept` is fulfilled when the history has the run, so that its start can be acknowledged.
    `answer` is what callers wait for. It can come before the run is over: a cancelled run answers
    at once, while its body may take its time to return. `verdict` is how the run will end whatever
    its body does: it was cancelled, timed out for good, or interrupted; with `is_postponed` this
    engine's verdict only, for the run stays in the queue. `turn` is there while the run waits for
    others of its key and has not begun, `pause` while it waits for its next attempt. `waits_for`
    are the runs whose end its code waits for, `waiters` counts those whose code waits for this one.
    """

    run: Run
    request: RunRequest
    task: Runnable
    output: RunOutput
    answer: Promise[Ending] = field(default_factory=Promise)
    over: Promise[Run] = field(default_factory=Promise)
    kept: Promise[None] = field(default_factory=Promise)
    verdict: Ending | None = None
    turn: asyncio.Future[None] | None = None
    is_postponed: bool = False
    pause: asyncio.Task[None] | None = None
    attempt: LiveAttempt | None = None
    waits_for: list["LiveRun"] = field(default_factory=list)
    waiters: int = 0

    @property
    def is_going_on(self) -> bool:
        """Whether it has no final state yet."""
        return not self.run.state.is_final

    @property
    def is_joinable(self) -> bool:
        """Whether a further call can still share the result."""
        return self.verdict is None and self.is_going_on

    def change(self, **changes: Any) -> Run:
        """Replace the run's value by one with these fields changed, and give it back.

        Raises IllegalTransition.
        """
        if "state" in changes:
            check_transition(self.run.state, changes["state"])
        self.run = changed(self.run, changes)
        return self.run
