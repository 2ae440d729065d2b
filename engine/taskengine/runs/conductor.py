"""Sees one run through: its turn, its attempts and its end, on the engine's loop."""

import asyncio
from collections.abc import Awaitable
from contextvars import Context
from datetime import datetime

from taskengine.events import AttemptEnded, RunEnded, RunStopping
from taskengine.executors.ending import (
    Ending,
    failed_ending,
    interrupted_ending,
    postponed_ending,
)
from taskengine.run import Attempt, RunState
from taskengine.runs.active import ActiveRuns
from taskengine.runs.attempts import Attempts
from taskengine.runs.control import Host
from taskengine.runs.lanes import Lanes
from taskengine.runs.live import LiveRun
from taskengine.runs.record import Record
from taskengine.runs.retrying import describe_attempt, is_retried
from taskengine.runs.services import Services
from taskengine.runs.timing import after, delay_after, sleep_from

MAX_ATTEMPTS_KEPT = 100


class Conductor:
    """Brings every run that it is given to exactly one end.

    `is_closing` is set when the engine stops: no run waits for another attempt then.
    """

    def __init__(
        self, host: Host, services: Services, record: Record, active: ActiveRuns, lanes: Lanes
    ) -> None:
        self.is_closing = False
        self._services = services
        self._history = services.history
        self._clock = services.clock
        self._record = record
        self._active = active
        self._lanes = lanes
        self._attempts = Attempts(host, services, record, self.stop)
        self._loop = asyncio.get_running_loop()

    async def conduct(
        self, live: LiveRun, kept: Awaitable[None], turn: asyncio.Future[None] | None
    ) -> None:
        """See a run to its end. To cancel this leaves the run's body behind, if it has begun.

        `kept` is to be awaited before it begins, and its `turn` if it had to line up.
        """
        try:
            ending = await self._outcome(live, kept, turn)
        except asyncio.CancelledError:
            ending = interrupted_ending()
        except Exception as error:  # noqa: BLE001 - a fault of ours must end the run, not hang it
            ending = failed_ending(error)
        await self._end(live, live.verdict or ending)

    async def record_skipped(self, live: LiveRun, kept: Awaitable[None], ending: Ending) -> None:
        """Tell of the end of a run that never begins, once it is `kept`."""
        try:
            await self._acknowledge(live, kept)
        finally:
            await self._tell_end(live, ending)

    def stop(self, live: LiveRun, verdict: Ending) -> None:
        """Let a run end as the verdict says, whatever its body makes of that. Callers hear now."""
        live.verdict = verdict
        live.answer.fulfil(verdict)
        if live.turn:
            self._lanes.leave(live)
        elif live.pause:
            live.pause.cancel()
        elif live.attempt:
            run = live.change(stopping=True)
            self._record.tell(RunStopping(at=self._clock.now(), run=run))
            live.attempt.cancel()

    def interrupt(self, live: LiveRun) -> None:
        """Let a run end because the engine does. One that waits for its turn, and is not part of
        another run's work, stays in the queue if there is a history that the next engine can read.
        """
        is_part = self._active.get(live.run.parent_id) is not None
        live.is_postponed = bool(live.turn and self._history.path and not is_part)
        self.stop(live, postponed_ending() if live.is_postponed else interrupted_ending())

    async def _outcome(
        self, live: LiveRun, kept: Awaitable[None], turn: asyncio.Future[None] | None
    ) -> Ending:
        await self._acknowledge(live, kept)
        if turn:
            await asyncio.shield(turn)
            if live.verdict is None:
                await self._history.keep_begun(live.run)
        while True:
            if live.verdict:
                return live.verdict
            ending = await self._attempts.make(live)
            if not self._is_followed(live, ending):
                return ending
            await self._wait_for_next(live, ending)

    async def _acknowledge(self, live: LiveRun, kept: Awaitable[None]) -> None:
        try:
            await kept
        finally:
            live.kept.fulfil(None)

    def _is_followed(self, live: LiveRun, ending: Ending) -> bool:
        return live.verdict is None and is_retried(ending, live.run, live.task.options)

    async def _wait_for_next(self, live: LiveRun, ending: Ending) -> None:
        now = self._clock.now()
        delay = delay_after(live.run.attempt, live.task.options.backoff, self._services.chance)
        self._tell_attempt_ended(live, ending, now, delay)
        if self.is_closing and not self._active.is_needed(live):
            self.interrupt(live)
            return
        pause = sleep_from(now, delay, self._clock)
        live.pause = self._loop.create_task(pause, context=Context())
        try:
            await asyncio.wait({live.pause})
        finally:
            live.pause.cancel()
            live.pause = None
        if live.verdict is None:
            live.change(attempt=live.run.attempt + 1, progress=None)

    def _tell_attempt_ended(
        self, live: LiveRun, ending: Ending, now: datetime, delay: float
    ) -> None:
        attempt = _ended_attempt(live, ending, now)
        live.attempt = None
        live.output.finish_lines()
        live.output.note(describe_attempt(attempt, live.run.max_attempts, delay))
        run = live.change(
            state=RunState.WAITING,
            attempts=(*live.run.attempts[1 - MAX_ATTEMPTS_KEPT :], attempt),
            next_attempt_at=after(now, delay),
        )
        self._record.tell(AttemptEnded(at=now, run=run, attempt=attempt))

    async def _end(self, live: LiveRun, ending: Ending) -> None:
        live.output.close()
        live.change(
            state=ending.state,
            result=ending.result,
            error=ending.error,
            ended_at=self._clock.now(),
            next_attempt_at=None,
            stopping=False,
        )
        await self._tell_end(live, ending)

    async def _tell_end(self, live: LiveRun, ending: Ending) -> None:
        """Keep the end, then let everybody hear of it, whatever the history makes of that."""
        run, history = live.run, self._history
        try:
            await (history.keep_in_queue if live.is_postponed else history.keep_ended)(run)
        finally:
            self._active.drop(live)
            self._services.emit(RunEnded(at=run.ended_at or run.queued_at, run=run))
            self._lanes.leave(live)
            live.answer.fulfil(ending)
            live.over.fulfil(run)


def _ended_attempt(live: LiveRun, ending: Ending, at: datetime) -> Attempt:
    started_at = live.attempt.started_at if live.attempt else None
    return Attempt(
        number=live.run.attempt,
        state=ending.state,
        started_at=started_at or at,
        ended_at=at,
        error=ending.error,
    )
