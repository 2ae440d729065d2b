"""What becomes of fires when they are due: they are claimed and run, missed, or let pass."""

import asyncio
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from operator import attrgetter

from taskengine.errors import EngineNotRunning, TaskSkipped
from taskengine.history.fires import FireHistory
from taskengine.schedule.due import Due, Missed
from taskengine.schedule.entry import ScheduleEntry
from taskengine.schedule.scheduler import Looks
from taskengine.triggers.fire_runs import FireRuns
from taskengine.triggers.in_order import FINISH_SECONDS, InOrder
from taskengine.triggers.missed import MissedLog
from taskengine.wording import raised_in_words


@dataclass(frozen=True, slots=True)
class _Fire:
    at: datetime
    entry: ScheduleEntry


class Firing:
    """Every fire is claimed in the history before it runs, so it never runs twice.

    While `is_on` is False nothing fires, and tasks that `is_paused` names don't either: what is due
    then passes and is no miss, unless it was due before the engine began. While `is_external`,
    schedules fire when they are called for: what passes then is none of them, and no miss either.
    `note` takes the words for people.
    """

    def __init__(
        self,
        history: FireHistory,
        runs: FireRuns,
        missed: MissedLog,
        *,
        is_on: Callable[[], bool],
        is_external: Callable[[], bool],
        is_paused: Callable[[str], bool],
        note: Callable[[str], None],
    ) -> None:
        self._history = history
        self._runs = runs
        self._missed = missed
        self._is_on = is_on
        self._is_external = is_external
        self._is_paused = is_paused
        self._note = note
        self._beginning = InOrder()
        self._dealing: asyncio.Future[None] | None = None

    async def deal(self, dues: Sequence[Due]) -> None:
        """See to what is due. Runs begin soon after this returns, those of one task in order.

        It is done to the end even if whoever waits is cancelled: what is claimed is not lost.
        """
        self._dealing = asyncio.ensure_future(self._deal(dues))
        await asyncio.shield(self._dealing)

    async def close(self) -> None:
        """See to what was claimed and has not begun when the runner closes: it is missed."""
        if self._dealing:
            await asyncio.wait({self._dealing}, timeout=FINISH_SECONDS)
        await self._beginning.finish()

    async def _deal(self, dues: Sequence[Due]) -> None:
        firing: list[Due] = []
        passing: list[Due] = []
        for due in dues:
            (firing if self._may_fire(due.entry.task) else passing).append(due)
        await asyncio.gather(*(self._miss(*one) for one in self._misses(firing, passing)))
        passed = [*passing, *(due for due in firing if not due.fires)]
        if passed:  # for a fire, its claim says so
            await self.note_looks({due.entry.identity: due.last for due in passed})
        fires = [_Fire(at, due.entry) for due in firing for at in due.fires]
        await self._fire(sorted(fires, key=attrgetter("at")))

    def _may_fire(self, task: str) -> bool:
        return self._is_on() and not self._is_external() and not self._is_paused(task)

    def _misses(
        self, firing: Iterable[Due], passing: Iterable[Due]
    ) -> Iterator[tuple[ScheduleEntry, Missed]]:
        for due in firing:
            if due.missed:
                yield due.entry, due.missed
        if self._is_external():
            return
        for due in passing:
            if due.over_restart and not self._is_paused(due.entry.task):
                yield due.entry, due.all_missed

    async def _miss(self, entry: ScheduleEntry, missed: Missed) -> None:
        with self._telling(f"missed fires of {_name(entry)} could not be kept"):
            await self._missed.add(entry, missed)

    async def note_looks(self, looks: Looks) -> None:
        """Keep up to which instant schedules were dealt with, by their identity."""
        with self._telling("how far schedules have come could not be kept"):
            await self._history.note_looks(looks)

    async def _fire(self, fires: Sequence[_Fire]) -> None:
        claims = await asyncio.gather(*map(self._claim, fires))
        for fire in itertools.compress(fires, claims):
            self._beginning.add(fire.entry.task, partial(self._begin, fire))

    async def _claim(self, fire: _Fire) -> bool:
        with self._telling(f"{_name(fire.entry)} was not fired, for that could not be kept"):
            return await self._history.claim(fire.entry.identity, fire.at, fire.entry.task)
        return False

    async def _begin(self, fire: _Fire) -> None:
        entry, at = fire.entry, fire.at
        try:
            run_id = (await self._runs.begin(entry.task, entry.payload, at)).run.id
        except TaskSkipped as skipped:
            run_id = skipped.run_id  # that of a run of its own, which tells it
        except EngineNotRunning:
            await self._miss(entry, Missed(first=at, last=at, count=1))
            return
        except Exception as error:  # noqa: BLE001 - one fire that fails must not keep others back
            self._note(f"{_name(entry)} could not be fired at {at:%H:%M:%S} UTC: {error}")
            return
        self._history.keep_fired(entry.identity, at, run_id)

    @contextmanager
    def _telling(self, what: str) -> Iterator[None]:
        """Tell of what the history could not keep: the other schedules go on."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever a history raises
            self._note(f"{what}: {raised_in_words(error)}")


def _name(entry: ScheduleEntry) -> str:
    """The schedule as people know it, with its place."""
    place = f" ({entry.source})" if entry.source else ""
    return f"{entry.task} by {entry.cron.expression!r}{place}"
