"""What a running task may ask of the engine, from the threads that tasks run on."""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Awaitable, Coroutine, Iterator
from typing import Any, Protocol

from taskengine.errors import EngineNotRunning
from taskengine.executors.ending import Ending
from taskengine.run import JsonValue, Payload, Progress, Trigger
from taskengine.runs.live import LiveAttempt, LiveRun
from taskengine.runs.request import RunRequest, checked_payload
from taskengine.threads.mailbox import LoopEnded, Mailbox
from taskengine.threads.on_loop import begin_on_loop, on_loop
from taskengine.threads.pool import DaemonPool, current_pool, lend_current_slot

# Of more reports than these, that come before the engine looks again, the oldest are left out.
_REPORTS = 50


def _reports() -> deque[Progress]:
    return deque(maxlen=_REPORTS)


class Host(Protocol):
    """The runner, as far as a run's control needs it."""

    def run(self, request: RunRequest) -> Coroutine[Any, Any, Ending]:
        """Run a task and wait for how that ends. On the engine's loop."""

    def report_progress(self, live: LiveRun, progress: Progress) -> None:
        """Tell of a run's progress. On the engine's loop."""


class LiveControl:
    """The control of one attempt. Its methods are called on any thread but the engine's.

    By the engine's `mailbox` it hears of the attempt's start, too: what the body asks for comes
    after that.
    """

    def __init__(
        self,
        live: LiveRun,
        attempt: LiveAttempt,
        host: Host,
        mailbox: Mailbox,
        pool: DaemonPool,
    ) -> None:
        self._live = live
        self._attempt = attempt
        self.host = host
        self._mailbox = mailbox
        self._pool = pool
        self._lock = threading.Lock()
        self._progress = _reports()

    def wait_until(self, awaitable: Awaitable[object]) -> None:
        """Keep the run going until `awaitable` is done."""
        execution = self._attempt.execution
        assert execution is not None, "a task can't call before it is executed"
        execution.wait_until(awaitable)

    def report_progress(self, progress: Progress) -> None:
        """Tell how far the run is; nobody hears it any more when the engine is gone."""
        with self._lock:
            self._progress.append(progress)
            if len(self._progress) > 1:  # then it is on its way
                return
        with contextlib.suppress(RuntimeError):
            self._mailbox.post(self._report_progress)

    def _report_progress(self) -> None:
        with self._lock:
            reports, self._progress = self._progress, _reports()
        for progress in reports:
            if not self._attempt.is_over:
                self.host.report_progress(self._live, progress)

    async def run_task(self, name: str, payload: Payload | None) -> JsonValue:
        """Run another task as a child of this run, from a coroutine."""
        child, here = self._child(name, payload), Mailbox(asyncio.get_running_loop())
        with lend_current_slot(), _told_that_it_stopped():
            ending = await on_loop(self._mailbox, here, child)
        return ending.unwrap()

    def run_task_blocking(self, name: str, payload: Payload | None) -> JsonValue:
        """Do the same from a sync body, whose place in the pool others may use meanwhile."""
        if asyncio._get_running_loop() is not None:  # noqa: SLF001 - get_running_loop() raises
            raise RuntimeError("run_task_blocking() would block the event loop: await run_task()")
        with _told_that_it_stopped():
            child = begin_on_loop(self._mailbox, self._child(name, payload))
        # Elsewhere than on a pool's thread, the body itself is likely to wait for the caller.
        with (current_pool() or self._pool).lend_slot():
            ending = child.result()
        return ending.unwrap()

    def _child(self, name: str, payload: Payload | None) -> Coroutine[Any, Any, Ending]:
        request = RunRequest(
            task=name,
            payload=checked_payload(payload),
            trigger=Trigger.TASK,
            parent_id=self._live.run.id,
        )
        return self.host.run(request)


@contextlib.contextmanager
def _told_that_it_stopped() -> Iterator[None]:
    """Raises EngineNotRunning where the engine's loop has ended."""
    try:
        yield
    except LoopEnded:
        raise EngineNotRunning("The engine of this run has stopped") from None
