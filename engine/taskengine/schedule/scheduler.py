"""The loop that watches the clock and fires what is due."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from taskengine.clock import Clock
from taskengine.schedule.entry import ScheduleEntry
from taskengine.schedule.timetable import Missed, Timetable

LONGEST_SLEEP = timedelta(seconds=1)
CORRECTION = timedelta(hours=3)

Fire = Callable[[ScheduleEntry, datetime], None]
Miss = Callable[[ScheduleEntry, Missed], None]


class Scheduler:
    """Calls `fire` once for every fire of every schedule, and `miss` for those that passed unfired.

    It asks the wall clock at least once a second, so a suspended machine or a clock that was set
    forward is noticed at once. A clock that was set back fires nothing a second time: it waits
    until the old time is reached again, unless it was set back by more than three hours, which is
    taken for a correction (the rule of Vixie's cron).
    """

    def __init__(self, clock: Clock, fire: Fire, miss: Miss) -> None:
        self._clock = clock
        self._fire = fire
        self._miss = miss
        self._entries: tuple[ScheduleEntry, ...] = ()
        self._timetable = Timetable()
        self._high_water = clock.now()
        self._changed = asyncio.Event()
        self.next_fires: Mapping[str, datetime] = {}

    def replace(self, entries: Iterable[ScheduleEntry]) -> None:
        """Take these schedules for the present ones."""
        old, self._entries = self._entries, tuple(entries)
        if self._entries == old:
            return
        self._timetable.replace(self._entries, self._clock.now())
        self._publish()
        self._changed.set()

    async def run(self) -> None:
        """Fire what is due, for ever."""
        while True:
            self._changed.clear()
            self.fire_due()
            await self._sleep()

    def fire_due(self) -> None:
        """Fire what is due at this moment."""
        now = self._clock.now()
        if now < self._high_water - CORRECTION:
            self._high_water = now
            self._timetable.restart(now)
            self._publish()
        self._high_water = max(now, self._high_water)
        if not (due := self._timetable.take_due(now)):
            return
        self._publish()
        for one in due:
            if one.missed:
                self._miss(one.entry, one.missed)
            for at in one.fires:
                self._fire(one.entry, at)

    def _publish(self) -> None:
        """Other threads read `next_fires`: it is replaced, never changed."""
        self.next_fires = self._timetable.next_fires()

    async def _sleep(self) -> None:
        sleeping = asyncio.ensure_future(self._clock.sleep_until(self._next_look()))
        changed = asyncio.ensure_future(self._changed.wait())
        try:
            await asyncio.wait({sleeping, changed}, return_when=asyncio.FIRST_COMPLETED)
            if sleeping.done():
                sleeping.result()
        finally:
            sleeping.cancel()
            changed.cancel()

    def _next_look(self) -> datetime:
        soon = self._clock.now() + LONGEST_SLEEP
        return min(self._timetable.next_at or soon, soon)
