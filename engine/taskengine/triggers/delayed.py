"""Runs that were put off to an instant: kept in the history, begun when the clock gets there."""

import asyncio
from bisect import insort
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from taskengine.clock import Clock, sleep_unless
from taskengine.errors import EngineNotRunning, TaskSkipped
from taskengine.events import DelayedRunEnded, Event, RunDelayed
from taskengine.history.fires import FireHistory
from taskengine.run import DelayedRun, Payload, Trigger
from taskengine.runs.request import RunRequest
from taskengine.triggers.in_order import FINISH_SECONDS, InOrder
from taskengine.triggers.startup import Begin

LONGEST_SLEEP = timedelta(seconds=1)


class DelayedRuns:
    """Begins each delayed run once, as soon as its instant has come, however late that is.

    While `is_on` is False none begins; what is due by then begins after that. `note` takes the
    words for people.
    """

    def __init__(
        self,
        history: FireHistory,
        begin: Begin,
        clock: Clock,
        emit: Callable[[Event], None],
        *,
        is_on: Callable[[], bool],
        note: Callable[[str], None],
    ) -> None:
        self._history = history
        self._begin = begin
        self._clock = clock
        self._emit = emit
        self._is_on = is_on
        self._note = note
        self._pending = sorted(history.delayed(), key=_order)
        self._changed = asyncio.Event()
        self._beginning = InOrder()
        self._dealing: asyncio.Future[None] | None = None

    async def add(self, task: str, payload: Payload, at: datetime) -> DelayedRun:
        """Put off a run to an instant, which may have passed already."""
        now = self._clock.now()
        delayed = DelayedRun(
            id=self._history.next_id(), task=task, payload=payload, at=at, created_at=now
        )
        await self._history.keep_delayed(delayed)
        self._emit(RunDelayed(at=now, delayed=delayed))
        insort(self._pending, delayed, key=_order)
        self._changed.set()
        return delayed

    async def cancel(self, delayed_id: int) -> bool:
        """Call off a delayed run; False if it has begun, or was called off before."""
        delayed = next((one for one in self._pending if one.id == delayed_id), None)
        if delayed is None or not await self._history.forget_delayed(delayed_id):
            return False
        if delayed in self._pending:
            self._pending.remove(delayed)
        self._end(delayed, None)
        return True

    def look_again(self) -> None:
        """See whether something may begin now that could not before."""
        self._changed.set()

    async def run(self) -> None:
        """Begin what is due, for ever."""
        while True:
            self._changed.clear()
            if self._is_on():
                self._dealing = asyncio.ensure_future(self._begin_due())
                await asyncio.shield(self._dealing)  # what is taken out is not lost
            if self._is_on() and self._pending:
                soon = self._clock.now() + LONGEST_SLEEP
                await sleep_unless(self._changed, self._clock, min(self._pending[0].at, soon))
            else:
                await self._changed.wait()

    async def close(self) -> None:
        """See to those that were due and have not begun when the runner closes."""
        if self._dealing:
            await asyncio.wait({self._dealing}, timeout=FINISH_SECONDS)
        await self._beginning.finish()

    async def _begin_due(self) -> None:
        while self._pending and self._pending[0].at <= self._clock.now():
            delayed = self._pending.pop(0)
            if await self._take(delayed):
                self._beginning.add(delayed.task, partial(self._begin_one, delayed))

    async def _take(self, delayed: DelayedRun) -> bool:
        """Whoever takes it begins it: it may be called off at this moment."""
        try:
            return await self._history.take_delayed(delayed.id)
        except Exception as error:  # noqa: BLE001 - whatever a history raises, others go on
            self._note(f"{_words(delayed)}, is left to the next engine: {error}")
            return False

    async def _begin_one(self, delayed: DelayedRun) -> None:
        run_id = None
        try:
            run_id = (await self._begin(_request(delayed))).run.id
        except TaskSkipped as skipped:
            run_id = skipped.run_id
        except EngineNotRunning:
            await self._put_back(delayed)
            return
        except Exception as error:  # noqa: BLE001 - one that fails must not keep others back
            self._note(f"{_words(delayed)}, did not run: {error}")
        await self._forget(delayed)
        self._end(delayed, run_id)

    async def _forget(self, delayed: DelayedRun) -> None:
        try:
            await self._history.forget_delayed(delayed.id)
        except Exception as error:  # noqa: BLE001 - whatever a history raises, others go on
            self._note(f"{_words(delayed)}, is still kept: {error}")

    async def _put_back(self, delayed: DelayedRun) -> None:
        """Leave it to the next engine."""
        try:
            await self._history.keep_delayed(delayed)
        except Exception as error:  # noqa: BLE001 - whatever a history raises, others go on
            self._note(f"{_words(delayed)}, is lost: {error}")

    def _end(self, delayed: DelayedRun, run_id: int | None) -> None:
        self._emit(DelayedRunEnded(at=self._clock.now(), delayed=delayed, run_id=run_id))


def _words(delayed: DelayedRun) -> str:
    return f"{delayed.task}, put off to {delayed.at:%Y-%m-%d %H:%M:%S} UTC"


def _order(delayed: DelayedRun) -> tuple[datetime, int]:
    return delayed.at, delayed.id


def _request(delayed: DelayedRun) -> RunRequest:
    return RunRequest(
        task=delayed.task,
        payload=delayed.payload,
        trigger=Trigger.DELAYED,
        scheduled_time=delayed.at,
    )
