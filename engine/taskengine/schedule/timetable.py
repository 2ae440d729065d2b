"""When each schedule fires next, kept in a heap, and what is due at an instant."""

import heapq
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from taskengine.schedule.entry import ScheduleEntry

ON_TIME = timedelta(seconds=60)
MISSED_COUNTED = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Fires that passed unfired: `count` of them (counted up to 10,000), `first` to `last`, UTC."""

    first: datetime
    last: datetime
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What a schedule has to fire now, oldest first, and what it missed before that."""

    entry: ScheduleEntry
    fires: tuple[datetime, ...]
    missed: Missed | None = None


@dataclass(order=True, slots=True)
class _Slot:
    at: datetime
    order: int
    entry: ScheduleEntry


class Timetable:
    """The next fire of every schedule. All instants are aware and in UTC."""

    def __init__(self) -> None:
        self._heap: list[_Slot] = []
        self._order = itertools.count()

    def replace(self, entries: Iterable[ScheduleEntry], now: datetime) -> None:
        """Take these schedules for the present ones.

        A schedule that was there before keeps its next fire, so that one that is just due is not
        lost when a file is saved.
        """
        known = {slot.entry.key: slot.at for slot in self._heap}
        self._heap = []
        for entry in entries:
            self._put(entry, known.get(entry.key) or entry.cron.next(now))
        heapq.heapify(self._heap)

    def restart(self, now: datetime) -> None:
        """Reckon every next fire anew from `now`: the clock was set back for good."""
        entries = [slot.entry for slot in self._heap]
        self._heap = []
        self.replace(entries, now)

    def _put(self, entry: ScheduleEntry, at: datetime | None) -> None:
        if at is not None:
            self._heap.append(_Slot(at, next(self._order), entry))

    @property
    def next_at(self) -> datetime | None:
        """The instant of the next fire of all."""
        return self._heap[0].at if self._heap else None

    def next_fires(self) -> dict[str, datetime]:
        """The next fire of every task that has one."""
        found: dict[str, datetime] = {}
        for slot in self._heap:
            known = found.get(slot.entry.task)
            found[slot.entry.task] = slot.at if known is None else min(known, slot.at)
        return found

    def take_due(self, now: datetime) -> list[Due]:
        """What is due at `now`, by instant; every schedule moves on to a fire after `now`."""
        due = []
        while self._heap and self._heap[0].at <= now:
            slot = self._heap[0]
            due.append(_due(slot.entry, slot.at, now))
            following = slot.entry.cron.next(now)
            if following is None:
                heapq.heappop(self._heap)
            else:
                heapq.heapreplace(self._heap, _Slot(following, slot.order, slot.entry))
        return due


def upcoming(entries: Iterable[ScheduleEntry], after: datetime) -> Iterator[datetime]:
    """The instants at which any of the schedules fires, in order, each once."""
    fires = heapq.merge(*(entry.cron.fires(after) for entry in entries))
    return (instant for instant, _ in itertools.groupby(fires))


def _due(entry: ScheduleEntry, first: datetime, now: datetime) -> Due:
    """When the fire `first` has come: what is on time, else the latest; the rest is missed.

    Several fires can be due at once when the process was suspended or the clock was set forward.
    """
    on_time = _fires_between(entry, now - ON_TIME, now)
    fires = tuple(at for at in on_time if at >= first) or (_latest(entry, first, now),)
    return Due(entry=entry, fires=fires, missed=_missed(entry, first, fires[0]))


def _fires_between(entry: ScheduleEntry, after: datetime, until: datetime) -> list[datetime]:
    return list(itertools.takewhile(lambda at: at <= until, entry.cron.fires(after)))


def _latest(entry: ScheduleEntry, first: datetime, now: datetime) -> datetime:
    """The last fire up to `now`, looked for in growing stretches backwards."""
    stretch = ON_TIME
    while now - stretch > first:
        stretch *= 2
        if fires := _fires_between(entry, now - stretch, now):
            return fires[-1]
    return first


def _missed(entry: ScheduleEntry, first: datetime, fired: datetime) -> Missed | None:
    if first >= fired:
        return None
    passed = itertools.takewhile(
        lambda at: at < fired, itertools.chain([first], entry.cron.fires(first))
    )
    instants = list(itertools.islice(passed, MISSED_COUNTED))
    return Missed(first=first, last=instants[-1], count=len(instants))
