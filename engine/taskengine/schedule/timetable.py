"""When each schedule fires next, kept in a heap, and what is due at an instant."""

import heapq
import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from taskengine.schedule.due import ON_TIME, Due, due_until
from taskengine.schedule.timed import TimedSchedule


class Slot(NamedTuple):
    """The next fire of a schedule: `at` is the instant it stands for, `due` when it comes.

    A tuple that is compared by its first two items, for then the heap is changed in one step that
    no other thread can look into.
    """

    due: datetime
    order: int
    at: datetime
    schedule: TimedSchedule

    def following(self, after: datetime) -> "Slot | None":
        """The schedule's first fire that is due after an instant."""
        return first_slot(self.schedule, after - self.schedule.delay, self.order)


@dataclass(slots=True)
class _Schedule:
    timed: TimedSchedule
    slot: Slot | None


class Timetable:
    """The next fire of every schedule. All instants are aware and in UTC.

    Schedules of equal identity are one. What was due at `began` or before passed while there was
    no engine. `next_fires` is when each task that fires again does so; it changes all the time.
    """

    def __init__(self, began: datetime) -> None:
        self._began = began
        self._schedules: dict[str, _Schedule] = {}
        self._of_task: dict[str, list[_Schedule]] = {}
        self._heap: list[Slot] = []
        self._orders = itertools.count()
        self.next_fires: dict[str, datetime] = {}

    def replace(
        self, schedules: Iterable[TimedSchedule], since: Callable[[TimedSchedule], datetime]
    ) -> set[str]:
        """Take these schedules for the present ones; give back the identities of those that went.

        `since` says after which instant a new schedule fires. One that was there before keeps its
        next fire, so that one that is just due is not lost when a file is saved.
        """
        old = self._schedules
        self._schedules = {
            timed.entry.identity: self._taken_up(timed, old.get(timed.entry.identity), since)
            for timed in schedules
        }
        self._build()
        return old.keys() - self._schedules.keys()

    def _taken_up(
        self,
        timed: TimedSchedule,
        known: _Schedule | None,
        since: Callable[[TimedSchedule], datetime],
    ) -> _Schedule:
        order = next(self._orders)
        if known is None:
            return _Schedule(timed, first_slot(timed, since(timed), order))
        slot = known.slot
        return _Schedule(timed, slot and Slot(slot.at + timed.delay, order, slot.at, timed))

    def correct(self, now: datetime) -> None:
        """Reckon every next fire anew: the clock was set back for good."""
        self._began = now
        for known in self._schedules.values():
            known.slot = first_slot(known.timed, now, next(self._orders))
        self._build()

    def _build(self) -> None:
        self._heap = [known.slot for known in self._schedules.values() if known.slot]
        heapq.heapify(self._heap)
        self._of_task = {}
        for known in self._schedules.values():
            self._of_task.setdefault(known.timed.entry.task, []).append(known)
        nexts = {task: self._next_of(task) for task in self._of_task}
        self.next_fires = {task: at for task, at in nexts.items() if at}

    def _next_of(self, task: str) -> datetime | None:
        slots = (self._ahead(known.slot) for known in self._of_task.get(task, ()) if known.slot)
        return min((slot.due for slot in slots if slot), default=None)

    def _ahead(self, slot: Slot) -> Slot | None:
        """The slot, or, if that passed before the engine began, the first after that."""
        return slot if slot.due > self._began else slot.following(self._began)

    @property
    def identities(self) -> Iterable[str]:
        """Of all schedules there are, also those that have come to their end."""
        return self._schedules.keys()

    @property
    def next_due(self) -> datetime | None:
        """When the next of all fires is due."""
        return self._heap[0].due if self._heap else None

    def take_due(self, now: datetime) -> Iterator[Due]:
        """What is due at `now`; every schedule moves on to a fire that is due later.

        What was due before the engine began, and what was due since, come one after the other. To
        reckon what was missed takes time: others may work, and even call `replace`, before the next
        is asked for.
        """
        moved: set[str] = set()
        while self._heap and (slot := self._heap[0]).due <= now:
            over_restart = slot.due <= self._began
            until = min(self._began, now) if over_restart else now
            following = slot.following(slot.due)
            if (following is None or following.due > until) and until - slot.due < ON_TIME:
                one = Due(entry=slot.schedule.entry, fires=(slot.at,), over_restart=over_restart)
            else:
                one = due_until(slot.schedule, slot.at, until, over_restart=over_restart)
                following = slot.following(until)
            self._move(slot, following)
            moved.add(slot.schedule.entry.task)
            yield one
        for task in moved:
            self._note_next(task)

    def _move(self, slot: Slot, following: Slot | None) -> None:
        if following is None:
            heapq.heappop(self._heap)
        else:
            heapq.heapreplace(self._heap, following)
        self._schedules[slot.schedule.entry.identity].slot = following

    def _note_next(self, task: str) -> None:
        if at := self._next_of(task):
            self.next_fires[task] = at
        else:
            self.next_fires.pop(task, None)

    def coming(self, task: str | None = None) -> Iterator[Slot]:
        """The fires to come, of one task or of all, in order and without end, as known by now.

        It may be read on any thread.
        """
        if task is None:
            heap = list(self._heap)
        else:
            known = self._of_task.get(task, ())
            heap = sorted(slot for one in known if (slot := one.slot))
        if heap and heap[0].due <= self._began:
            heap = sorted(ahead for slot in heap if (ahead := self._ahead(slot)))
        return in_order(heap)


def in_order(heap: list[Slot]) -> Iterator[Slot]:
    """All fires from those in a heap on, which is used up by that."""
    while heap:
        slot = heap[0]
        if following := slot.following(slot.due):
            heapq.heapreplace(heap, following)
        else:
            heapq.heappop(heap)
        yield slot


def first_slot(schedule: TimedSchedule, after: datetime, order: int) -> Slot | None:
    """The first fire of a schedule whose instant, without its delay, is after another."""
    at = schedule.entry.cron.next(after)
    return None if at is None else Slot(at + schedule.delay, order, at, schedule)
