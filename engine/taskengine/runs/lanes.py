"""Lanes: who of the runs of one task and key goes on, and who waits, first in, first out."""

import asyncio
import math
from collections import OrderedDict
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import chain

from taskengine.options import Concurrency
from taskengine.project.catalog import Runnable
from taskengine.runs.live import LiveRun


def capacity(task: Runnable) -> float:
    """How many runs of one key may go on where one of them is of this version of the task."""
    if task.options.concurrency is Concurrency.PARALLEL:
        return task.options.limit or math.inf
    return 1


@dataclass(slots=True, eq=False)
class Lane:
    """The runs of one task and key. `exclusive` counts those inside that suffer none beside them.

    The mode is each run's own: a reload may have changed it since others came in.
    """

    inside: dict[LiveRun, None] = field(default_factory=dict)
    waiting: OrderedDict[LiveRun, None] = field(default_factory=OrderedDict)
    exclusive: int = 0

    def has_room_for(self, task: Runnable) -> bool:
        """Whether a run of this version of the task may go on beside those inside."""
        return not self.exclusive and len(self.inside) < capacity(task)

    def lets_in(self, task: Runnable) -> bool:
        """Whether a further run of this version of the task need not wait for its turn."""
        return not self.waiting and self.has_room_for(task)

    def joinable(self) -> LiveRun | None:
        """The run that a further call can share: the oldest that was not told to stop."""
        runs = chain(self.inside, self.waiting)
        return next((live for live in runs if live.is_joinable), None)

    def eldest(self) -> LiveRun:
        """The run that is first in line."""
        return next(iter(self.inside or self.waiting))


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a lane's line, behind those `ahead` of it and with its own `task`."""

    lane: Lane
    task: Runnable
    ahead: Iterable[LiveRun]

    def is_blocked(self, stuck: AbstractSet[LiveRun]) -> bool:
        """Whether it never gets in if the runs in `stuck` never leave the lane."""
        staying = [live for live in self.lane.inside if live in stuck]
        if any(map(_is_exclusive, staying)):
            return True
        tasks = (self.task, *(live.task for live in self.ahead))
        return len(staying) >= min(map(capacity, tasks))


class Lanes:
    """All lanes that somebody is in."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._lanes: dict[tuple[str, str], Lane] = {}

    def get(self, task: str, key: str) -> Lane | None:
        """The lane of a task and key, if there is anybody in it."""
        return self._lanes.get((task, key))

    def enter(self, live: LiveRun) -> None:
        """Let a run in, or line it up: then it has a `turn`, which is set when it gets in."""
        lane = self._lanes.setdefault((live.run.task, live.run.key), Lane())
        if lane.lets_in(live.task):
            _let_in(lane, live)
        else:
            live.turn = self._loop.create_future()
            lane.waiting[live] = None

    def leave(self, live: LiveRun) -> None:
        """Take a run out, wherever it is, and let in those whose turn it is then."""
        lane = self.get(live.run.task, live.run.key)
        if lane is None:
            return
        if live in lane.waiting:
            del lane.waiting[live]
            _end_turn(live)
        elif live in lane.inside:
            del lane.inside[live]
            lane.exclusive -= _is_exclusive(live)
        while lane.waiting and lane.has_room_for(next(iter(lane.waiting)).task):
            _let_in(lane, lane.waiting.popitem(last=False)[0])
        if not lane.inside:
            self._lanes.pop((live.run.task, live.run.key), None)

    def place_of(self, live: LiveRun) -> Place | None:
        """Where a run waits for its turn; None if it is inside."""
        lane = self.get(live.run.task, live.run.key)
        if lane is None or live not in lane.waiting:
            return None
        line = list(lane.waiting)
        return Place(lane, live.task, line[: line.index(live)])


def _is_exclusive(live: LiveRun) -> bool:
    return live.task.options.concurrency is not Concurrency.PARALLEL


def _let_in(lane: Lane, live: LiveRun) -> None:
    lane.inside[live] = None
    lane.exclusive += _is_exclusive(live)
    _end_turn(live)


def _end_turn(live: LiveRun) -> None:
    if live.turn and not live.turn.done():
        live.turn.set_result(None)
    live.turn = None
