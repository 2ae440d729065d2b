"""One attempt of a run: makes the call ready, hears of its start, and watches over its timeout."""

import asyncio
import contextlib
from collections.abc import Callable
from contextvars import Context
from datetime import datetime
from functools import partial

from taskengine.events import RunStarted
from taskengine.executors.ending import Ending, timeout_ending
from taskengine.options import Isolation
from taskengine.run import RunState
from taskengine.runs.control import Host, LiveControl
from taskengine.runs.jobs import job_for
from taskengine.runs.live import LiveAttempt, LiveRun
from taskengine.runs.record import Record
from taskengine.runs.retrying import is_retried
from taskengine.runs.services import Services
from taskengine.runs.timing import sleep_from
from taskengine.threads.arrival import arrival

# How long a body that timed out has to return, so that another attempt can follow.
RETURN_SECONDS = 1.0
KILL_SECONDS = 2.0


class Attempts:
    """`stop` is called with a run that timed out for good, and with how it ends."""

    def __init__(
        self,
        host: Host,
        services: Services,
        record: Record,
        stop: Callable[[LiveRun, Ending], None],
    ) -> None:
        self._host = host
        self._services = services
        self._clock = services.clock
        self._record = record
        self._stop = stop
        self._loop = asyncio.get_running_loop()
        self._mailbox = services.mailbox

    async def make(self, live: LiveRun) -> Ending:
        """Call the task's function once, and give back how that ended."""
        attempt = live.attempt = LiveAttempt()
        control = LiveControl(live, attempt, self._host, self._mailbox, self._services.pool)
        job = job_for(live, attempt, control, lambda: self._post_started(live, attempt))
        self._services.capture.mend()
        attempt.execution = self._services.executor.prepare(job)
        attempt.execution.begin()
        try:
            ending = await arrival(attempt.execution.ending, self._mailbox)
        finally:
            attempt.end()
        if arriving := self._services.capture.arrived(live.output):
            await asyncio.wrap_future(arriving)
        return attempt.timeout or ending

    def _post_started(self, live: LiveRun, attempt: LiveAttempt) -> None:
        with contextlib.suppress(RuntimeError):  # a call may begin just after the engine has gone
            self._mailbox.post(partial(self._started, live, attempt, self._clock.now()))

    def _started(self, live: LiveRun, attempt: LiveAttempt, at: datetime) -> None:
        if attempt.is_over:
            return
        attempt.started_at = at
        run = live.change(
            state=RunState.RUNNING, started_at=live.run.started_at or at, next_attempt_at=None
        )
        self._record.tell(RunStarted(at=at, run=run))
        if live.task.options.timeout is not None:
            expiry = self._expire(live, attempt, at, live.task.options.timeout)
            attempt.timer = self._loop.create_task(expiry, context=Context())

    async def _expire(
        self, live: LiveRun, attempt: LiveAttempt, started_at: datetime, seconds: float
    ) -> None:
        """End an attempt that takes too long; and the run, if no other follows or none can,
        because the body does not return.
        """
        await sleep_from(started_at, seconds, self._clock)
        if live.verdict:
            return
        attempt.timeout = timeout_ending(seconds)
        if is_retried(attempt.timeout, live.run, live.task.options):
            await self._let_return(live, attempt)
        if live.verdict is None:
            self._stop(live, attempt.timeout)

    async def _let_return(self, live: LiveRun, attempt: LiveAttempt) -> None:
        """Give a body that timed out time to return; a process that takes more is killed."""
        now = self._clock.now()
        attempt.cancel()
        await sleep_from(now, RETURN_SECONDS, self._clock)
        if live.task.options.isolation is Isolation.PROCESS:
            now = self._clock.now()
            attempt.kill()
            await sleep_from(now, KILL_SECONDS, self._clock)
