"""The loop that watches the clock and hands over what is due."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from taskengine.clock import Clock, sleep_unless
from taskengine.schedule.due import Due
from taskengine.schedule.timed import TimedSchedule
from taskengine.schedule.timetable import Slot, Timetable

LONGEST_SLEEP = timedelta(seconds=1)
CORRECTION = timedelta(hours=3)
LONGEST_WORK = 0.005  # seconds for which others on the loop may be held up

Deal = Callable[[Sequence[Due]], Awaitable[None]]
Looks = Mapping[str, datetime | None]
NoteLooks = Callable[[Looks], Awaitable[None]]


class Scheduler:
    """Hands every fire of every schedule to `deal` once, those on time and those that passed.

    It asks the wall clock at least once a second, so a suspended machine or a clock that was set
    forward is noticed at once. A clock that was set back fires nothing a second time: it waits
    until the old time is reached again, unless it was set back by more than three hours, which is
    taken for a correction (the rule of Vixie's cron).

    `looks` says of each schedule that is known from before, by its identity, up to which instant
    its fires were dealt with then. `note_looks` is told, before anything is dealt with, where that
    begins for new schedules, and None for those that are gone.
    """

    def __init__(
        self, clock: Clock, looks: Mapping[str, datetime], deal: Deal, note_looks: NoteLooks
    ) -> None:
        self._clock = clock
        self._looks = dict(looks)
        self._deal = deal
        self._note_looks = note_looks
        self._unnoted: dict[str, datetime | None] = {}
        self._schedules: tuple[TimedSchedule, ...] = ()
        self._high_water = clock.now()
        self._timetable = Timetable(self._high_water)
        self._changed = asyncio.Event()
        self._is_running = False

    @property
    def next_fires(self) -> Mapping[str, datetime]:
        """When each task's next fire is due. It may be asked on any thread."""
        return self._timetable.next_fires

    def coming(self, task: str | None = None) -> Iterator[Slot]:
        """The fires to come, of one task or of all, in order. It may be read on any thread."""
        return self._timetable.coming(task)

    def replace(self, schedules: Iterable[TimedSchedule]) -> None:
        """Take these schedules for the present ones."""
        old, self._schedules = self._schedules, tuple(schedules)
        if self._schedules == old:
            return
        gone = self._timetable.replace(self._schedules, self._since)
        if self._is_running:  # before, what was read from a file's text may go and come again
            self._forget(gone)
        self._changed.set()

    def _forget(self, gone: Iterable[str]) -> None:
        for identity in gone:
            self._looks.pop(identity, None)
            self._unnoted[identity] = None

    def _since(self, schedule: TimedSchedule) -> datetime:
        """After which instant a schedule fires that is new to this scheduler."""
        now, identity = self._clock.now(), schedule.entry.identity
        looked = self._looks.get(identity)
        if looked is None or looked > now + CORRECTION:
            self._unnoted[identity] = looked = now
        return looked

    async def run(self) -> None:
        """Hand over what is due, for ever."""
        self._is_running = True
        while True:
            self._changed.clear()
            await self.look()
            await sleep_unless(self._changed, self._clock, self._next_look())

    async def look(self) -> None:
        """Hand over what is due at this moment."""
        now = self._clock.now()
        if now < self._high_water - CORRECTION:
            self._correct(now)
        self._high_water = max(now, self._high_water)
        if self._unnoted:
            unnoted, self._unnoted = self._unnoted, {}
            await self._note_looks(unnoted)
        if due := await self._due(now):
            await self._deal(due)

    async def _due(self, now: datetime) -> list[Due]:
        """What is due, reckoned in pieces: a suspended week of many schedules takes seconds."""
        due: list[Due] = []
        began = time.monotonic()
        for one in self._timetable.take_due(now):
            due.append(one)
            if time.monotonic() - began > LONGEST_WORK:
                await asyncio.sleep(0)
                began = time.monotonic()
        return due

    def _correct(self, now: datetime) -> None:
        self._high_water = now
        self._timetable.correct(now)
        self._unnoted.update(dict.fromkeys(self._timetable.identities, now))

    def _next_look(self) -> datetime:
        soon = self._clock.now() + LONGEST_SLEEP
        return min(self._timetable.next_due or soon, soon)
