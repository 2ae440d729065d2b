"""The fires that were missed: kept, told of, and run after all or dismissed by the user."""

from collections.abc import Callable

from taskengine.clock import Clock
from taskengine.errors import MissedFiresNotFound
from taskengine.events import Event, FireMissed, MissedFiresCleared
from taskengine.history.fires import FireHistory
from taskengine.run import MissedFires, Run
from taskengine.schedule.cron import Cron
from taskengine.schedule.due import Missed
from taskengine.schedule.entry import ScheduleEntry, identity_of
from taskengine.triggers.fire_runs import FireRuns


class MissedLog:
    """Every fire that passed unfired and was not made up for."""

    def __init__(
        self, history: FireHistory, runs: FireRuns, clock: Clock, emit: Callable[[Event], None]
    ) -> None:
        self._history = history
        self._runs = runs
        self._clock = clock
        self._emit = emit

    async def add(self, entry: ScheduleEntry, missed: Missed) -> None:
        """Keep fires that a schedule missed."""
        kept = MissedFires(
            id=self._history.next_id(),
            task=entry.task,
            cron=entry.cron.expression,
            timezone=entry.cron.timezone,
            payload=entry.payload,
            first=missed.first,
            last=missed.last,
            count=missed.count,
        )
        await self._history.keep_missed(kept)
        self._emit(FireMissed(at=self._clock.now(), missed=kept))

    async def run(self, missed_id: int) -> Run:
        """Begin one run, for the last of these fires. Raises what the runner raises, and
        MissedFiresNotFound.
        """
        missed = await self._take_out(missed_id)
        if missed is None:
            raise MissedFiresNotFound(missed_id)
        try:
            live = await self._runs.begin(missed.task, missed.payload, missed.last)
        except BaseException:
            await self._history.keep_missed(missed)
            raise
        await self._history.keep_made_up(missed_id, live.run.id)
        await self._history.claim(_identity(missed), missed.last, missed.task)
        self._emit(MissedFiresCleared(at=self._clock.now(), missed=missed))
        return live.run

    async def dismiss(self, missed_id: int) -> bool:
        """Keep missed fires no longer; False if they were run or dismissed before."""
        missed = await self._take_out(missed_id)
        if missed is None:
            return False
        self._emit(MissedFiresCleared(at=self._clock.now(), missed=missed))
        return True

    async def _take_out(self, missed_id: int) -> MissedFires | None:
        """The missed fires, for one caller only: two who press a key at once are not two runs."""
        kept = self._history.missed()
        missed = next((one for one in kept if one.id == missed_id), None)
        if missed is None or not await self._history.forget_missed(missed_id):
            return None
        return missed


def _identity(missed: MissedFires) -> str:
    return identity_of(missed.task, Cron(missed.cron, missed.timezone), missed.payload)
