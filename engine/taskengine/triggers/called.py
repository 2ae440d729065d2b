"""Fires that somebody calls for: a platform's cron, in place of the engine's own clock."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import chain, groupby, takewhile
from operator import attrgetter

from taskengine.errors import EngineNotRunning, TaskSkipped
from taskengine.history.fires import FireHistory
from taskengine.schedule.cron import Cron, CronError
from taskengine.schedule.due import ON_TIME, Missed
from taskengine.schedule.entry import ScheduleEntry
from taskengine.schedule.pattern import Pattern, parse
from taskengine.triggers.fire_runs import FireRuns
from taskengine.triggers.in_order import FINISH_SECONDS
from taskengine.triggers.missed import MissedLog
from taskengine.wording import message_of, raised_in_words


class CallOutcome(StrEnum):
    """What became of one schedule that was called for.

    PAUSED: its task is, and it was let pass. HELD: all schedules of the engine are. CLAIMED: the
    same fire happened before. REFUSED: it could not be begun.
    """

    FIRED = "fired"
    SKIPPED = "skipped"
    PAUSED = "paused"
    HELD = "held"
    CLAIMED = "fired before"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledFire:
    """One schedule of an expression that was called for, and the instant it was fired for (aware,
    UTC). `run_id` is the run that began, was joined, or records that it was skipped; `reason` says
    why a fire was refused.
    """

    task: str
    at: datetime
    outcome: CallOutcome
    run_id: int | None = None
    reason: str = ""


class CalledFires:
    """Fires schedules at once, each claimed in the history before it runs, as any other fire.

    `is_on` and `is_paused` say what may fire; `note` takes the words for people.
    """

    def __init__(
        self,
        history: FireHistory,
        runs: FireRuns,
        missed: MissedLog,
        *,
        is_on: Callable[[], bool],
        is_paused: Callable[[str], bool],
        note: Callable[[str], None],
    ) -> None:
        self._history = history
        self._runs = runs
        self._missed = missed
        self._is_on = is_on
        self._is_paused = is_paused
        self._note = note
        self._calls: set[asyncio.Future[list[CalledFire]]] = set()

    async def fire(self, schedules: Sequence[ScheduleEntry], now: datetime) -> list[CalledFire]:
        """Fire these schedules, those of one task in order; return when their runs have begun.

        It is done to the end even if whoever waits is cancelled: what is claimed is not lost.
        """
        call = asyncio.ensure_future(self._fire(schedules, now))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)
        return await asyncio.shield(call)

    async def close(self) -> None:
        """See to those that have not begun when the runner closes: they are missed."""
        if self._calls:
            await asyncio.wait(self._calls, timeout=FINISH_SECONDS)

    async def _fire(self, schedules: Sequence[ScheduleEntry], now: datetime) -> list[CalledFire]:
        task_of = attrgetter("task")
        tasks = groupby(sorted(schedules, key=task_of), key=task_of)
        fired = await asyncio.gather(*(self._fire_in_order(list(each), now) for _, each in tasks))
        return list(chain.from_iterable(fired))

    async def _fire_in_order(
        self, schedules: Iterable[ScheduleEntry], now: datetime
    ) -> list[CalledFire]:
        return [await self._fire_one(entry, now) for entry in schedules]

    async def _fire_one(self, entry: ScheduleEntry, now: datetime) -> CalledFire:
        at = instant_of_call(entry.cron, now)
        fire = CalledFire(task=entry.task, at=at, outcome=CallOutcome.FIRED)
        if not self._is_on():
            return replace(fire, outcome=CallOutcome.HELD)
        if self._is_paused(entry.task):
            return replace(fire, outcome=CallOutcome.PAUSED)
        try:
            if not await self._history.claim(entry.identity, at, entry.task):
                return replace(fire, outcome=CallOutcome.CLAIMED)
        except Exception as error:  # noqa: BLE001 - whatever a history raises
            return self._refused(fire, f"the fire could not be kept: {raised_in_words(error)}")
        fire = await self._begin(entry, fire)
        if fire.run_id is not None:
            self._history.keep_fired(entry.identity, at, fire.run_id)
        return fire

    async def _begin(self, entry: ScheduleEntry, fire: CalledFire) -> CalledFire:
        try:
            live = await self._runs.begin(entry.task, entry.payload, fire.at)
        except TaskSkipped as skipped:
            return replace(fire, outcome=CallOutcome.SKIPPED, run_id=skipped.run_id)
        except EngineNotRunning as error:
            return self._refused(fire, f"{error}{await self._miss(entry, fire.at)}")
        except Exception as error:  # noqa: BLE001 - one fire that fails must not keep others back
            return self._refused(fire, message_of(error))
        return replace(fire, run_id=live.run.id)

    async def _miss(self, entry: ScheduleEntry, at: datetime) -> str:
        """Keep the fire as one that can be run later; say so where that fails."""
        try:
            await self._missed.add(entry, Missed(first=at, last=at, count=1))
        except Exception as error:  # noqa: BLE001 - whatever a history raises
            return f"; that it was missed could not be kept: {raised_in_words(error)}"
        return ""

    def _refused(self, fire: CalledFire, reason: str) -> CalledFire:
        self._note(f"{fire.task} could not be fired at {fire.at:%H:%M:%S} UTC: {reason}")
        return replace(fire, outcome=CallOutcome.REFUSED, reason=reason)


def instant_of_call(cron: Cron, now: datetime) -> datetime:
    """The instant that a call at `now` fires a schedule for; calls of one instant are one fire.

    It is the expression's instant within the last minute, if there is one, and else the minute of
    the call: platforms may be late by up to an hour, and a call by hand comes at any time.
    """
    passed = takewhile(lambda at: at <= now, cron.fires(now - ON_TIME))
    return max(passed, default=now.replace(second=0, microsecond=0))


def called_schedules(schedules: Iterable[ScheduleEntry], expression: str) -> list[ScheduleEntry]:
    """The schedules of an expression, in whatever words it is written, each once."""
    try:
        wanted = _meaning(parse(expression))
    except CronError:
        return []
    each = {entry.identity: entry for entry in schedules}
    return [entry for entry in each.values() if _meaning(entry.cron.pattern) == wanted]


def _meaning(pattern: Pattern) -> Pattern:
    """The pattern without its spelling: `MON-FRI` is `1-5`, which is all that some platforms know.

    What it does when the clocks change follows from the spelling, and counts no more either.
    """
    return replace(pattern, text="", is_interval=False)
