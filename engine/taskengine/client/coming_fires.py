"""When schedules fire next, reckoned where it is shown: for handles of engines elsewhere."""

import asyncio
import heapq
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from operator import attrgetter

from taskengine.client.views import Fire, ScheduleView, TaskView
from taskengine.run import DelayedRun, Trigger
from taskengine.schedule.cron import Cron, CronError
from taskengine.schedule.entry import ScheduleEntry
from taskengine.schedule.scheduler import CORRECTION
from taskengine.schedule.timed import TimedSchedule
from taskengine.schedule.timetable import Slot, first_slot, in_order

_MANY = 200  # expressions, which take a quarter of a millisecond each to be read

_Key = tuple[str, str]


class ComingFires:
    """The fires to come of all tasks, paused or not, with their schedules' delay; aware, in UTC.

    `now` is the engine's present instant. What is asked on every tick costs next to nothing: a fire
    that was reckoned holds until it has passed. An expression that can't be read here never fires.
    Schedules count as if they had always been there. For one thread.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._latest = now()
        self._crons: dict[_Key, Cron | None] = {}
        self._views: dict[str, tuple[ScheduleView, ...]] = {}
        self._orders: dict[str, int] = {}
        self._slots: dict[str, list[Slot]] = {}
        self._next: dict[str, datetime | None] = {}
        self._heap: list[Slot] | None = None

    async def prepare(self, tasks: Iterable[TaskView]) -> None:
        """Read the expressions that `take` will need; if they are many, beside the event loop."""
        keys = {_key(view) for task in tasks for view in task.schedules} - self._crons.keys()
        if len(keys) > _MANY:
            self._crons.update(await asyncio.to_thread(lambda: {key: _cron(key) for key in keys}))

    def take(self, tasks: Iterable[TaskView]) -> None:
        """Have these tasks for the present ones."""
        before, self._views = self._views, {task.name: task.schedules for task in tasks}
        for name, views in before.items():
            if self._views.get(name) != views:
                self._forget(name)
        self._number()
        used = {_key(view) for views in self._views.values() for view in views}
        self._crons = {key: cron for key, cron in self._crons.items() if key in used}
        self._heap = None

    def _forget(self, task: str) -> None:
        self._slots.pop(task, None)
        self._next.pop(task, None)

    def _number(self) -> None:
        """Number all schedules: of fires that come together the one of the lower number is first,
        and no two slots may have the same.
        """
        before, self._orders, count = self._orders, {}, 0
        for name, views in self._views.items():
            self._orders[name] = count
            if (by := count - before.get(name, 0)) and name in self._slots:
                moved = (slot._replace(order=slot.order + by) for slot in self._slots[name])
                self._slots[name] = list(moved)
            count += len(views)

    def next_fire(self, task: str) -> datetime | None:
        """When any schedule of a task fires next; None if none does."""
        now = self._present()
        if task in self._next:
            known = self._next[task]
            if known is None or known > now:
                return known
        elif task not in self._views:
            return None
        found = min((slot.due for slot in self._ahead(task, now)), default=None)
        self._next[task] = found
        return found

    def next_fires(self, task: str, count: int) -> Sequence[datetime]:
        """The next instants at which any schedule of a task fires, each once."""
        heap = list(self._ahead(task, self._present()))
        heapq.heapify(heap)
        each_once = (
            instant for instant, _ in itertools.groupby(slot.due for slot in in_order(heap))
        )
        return tuple(itertools.islice(each_once, count))

    def next_schedule(self, task: str) -> ScheduleView | None:
        """The schedule of a task that fires next; None if none does."""
        slot = min(self._ahead(task, self._present()), default=None)
        return None if slot is None else self._views[task][slot.order - self._orders[task]]

    def coming(self) -> Iterator[Fire]:
        """The fires of all tasks, in order and without end, as known by now."""
        heap = list(self._current_heap(self._present()))
        return (
            Fire(at=slot.due, task=slot.schedule.entry.task, kind=Trigger.SCHEDULE)
            for slot in in_order(heap)
        )

    def agenda(self, count: int, delayed: Iterable[DelayedRun] = ()) -> Sequence[Fire]:
        """The next of these fires and of runs that were put off, in order."""
        put_off = (Fire(at=one.at, task=one.task, kind=Trigger.DELAYED) for one in delayed)
        in_order = heapq.merge(self.coming(), put_off, key=attrgetter("at"))
        return tuple(itertools.islice(in_order, count))

    def _present(self) -> datetime:
        """The present instant. If the clock was set back for good, all is reckoned anew."""
        now = self._now()
        if now < self._latest - CORRECTION:
            self._latest = now
            self._slots, self._next, self._heap = {}, {}, None
        self._latest = max(self._latest, now)
        return now

    def _ahead(self, task: str, now: datetime) -> list[Slot]:
        """A task's next fire by each of its schedules."""
        if task not in self._views:
            return []
        slots = self._slots.get(task)
        if slots is None:
            slots = self._begin(task, now)
        elif any(slot.due <= now for slot in slots):
            slots = [ahead for slot in slots if (ahead := _from(slot, now))]
        self._slots[task] = slots
        return slots

    def _begin(self, task: str, now: datetime) -> list[Slot]:
        slots: dict[str, Slot | None] = {}
        for order, view in enumerate(self._views[task], self._orders[task]):
            if cron := self._cron(view):
                entry = ScheduleEntry(task=task, cron=cron, payload=view.payload)
                timed = TimedSchedule(entry=entry, delay=timedelta(seconds=view.delay))
                slots[entry.identity] = first_slot(timed, now - timed.delay, order)
        return [slot for slot in slots.values() if slot]

    def _cron(self, view: ScheduleView) -> Cron | None:
        key = _key(view)
        if key not in self._crons:
            self._crons[key] = _cron(key)
        return self._crons[key]

    def _current_heap(self, now: datetime) -> list[Slot]:
        """The next fire of every schedule, as a heap."""
        heap = self._heap
        if heap is None:
            heap = [slot for task in self._views for slot in self._ahead(task, now)]
            heapq.heapify(heap)
            self._heap = heap
        while heap and (slot := heap[0]).due <= now:
            if following := slot.following(now):
                heapq.heapreplace(heap, following)
            else:
                heapq.heappop(heap)
        return heap


def _key(view: ScheduleView) -> _Key:
    return view.cron, view.timezone


def _cron(key: _Key) -> Cron | None:
    try:
        return Cron(*key)
    except CronError:  # of a newer version, or of a zone that this machine doesn't know
        return None


def _from(slot: Slot, now: datetime) -> Slot | None:
    return slot if slot.due > now else slot.following(now)
