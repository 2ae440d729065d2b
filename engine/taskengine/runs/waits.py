"""Waits that would have no end, found before they begin."""

from collections import deque
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from typing import TypeAlias

from taskengine.runs.lanes import Lanes, Place
from taskengine.runs.live import LiveRun

Awaited: TypeAlias = LiveRun | Place
"""What a call waits for: a run that is there already, or a place in a lane's line."""


def endless_wait(caller: LiveRun, awaited: Awaited, lanes: Lanes) -> list[LiveRun]:
    """The runs from what would be awaited to the caller, each waiting for the next; empty if the
    wait can end.

    A run that waits for several others needs all of them. One that waits for its turn needs so many
    of those inside its lane to leave that there is room for it.
    """
    return _Waits(caller, awaited, lanes).chain()


class _Waits:
    """All waits that there would be if a caller began to wait for something."""

    def __init__(self, caller: LiveRun, awaited: Awaited, lanes: Lanes) -> None:
        self._caller = caller
        self._awaited = awaited
        self._place_of = lanes.place_of

    def chain(self) -> list[LiveRun]:
        if not self._path(lambda _: True):  # nearly always: then there is nothing to work out
            return []
        stuck = self._stuck()
        return self._path(stuck.__contains__)

    def _path(self, is_allowed: Callable[[LiveRun], bool]) -> list[LiveRun]:
        """The shortest way from what is awaited to the caller, over runs that are allowed."""
        came_from = self._reached(is_allowed)
        if self._caller not in came_from:
            return []
        path: list[LiveRun] = []
        step: LiveRun | None = self._caller
        while step is not None:
            path.append(step)
            step = came_from[step]
        return path[::-1]

    def _reached(self, is_allowed: Callable[[LiveRun], bool]) -> dict[LiveRun, LiveRun | None]:
        """All runs that what is awaited depends on, each with the one that it was found by."""
        first = _needs_of_place(self._awaited)
        came_from: dict[LiveRun, LiveRun | None] = dict.fromkeys(filter(is_allowed, first))
        left = deque(came_from)
        while left:
            live = left.popleft()
            for needed in self._needs(live):
                if needed not in came_from and is_allowed(needed):
                    came_from[needed] = live
                    left.append(needed)
        return came_from

    def _needs(self, live: LiveRun) -> Iterable[LiveRun]:
        if place := self._place_of(live):
            return place.lane.inside
        return [other for other in live.waits_for if not other.answer.is_fulfilled]

    def _stuck(self) -> set[LiveRun]:
        """Those that can't go on: all, without whom nothing holds up, again and again."""
        stuck = set(self._reached(lambda _: True))
        while free := {live for live in stuck if not self._is_held_up(live, stuck)}:
            stuck -= free
        return stuck

    def _is_held_up(self, live: LiveRun, stuck: AbstractSet[LiveRun]) -> bool:
        if live is self._caller and self._is_unreachable(stuck):
            return True
        if place := self._place_of(live):
            return place.is_blocked(stuck)
        return any(other in stuck for other in self._needs(live))

    def _is_unreachable(self, stuck: AbstractSet[LiveRun]) -> bool:
        if isinstance(self._awaited, Place):
            return self._awaited.is_blocked(stuck)
        return self._awaited in stuck


def _needs_of_place(awaited: Awaited) -> Iterable[LiveRun]:
    return awaited.lane.inside if isinstance(awaited, Place) else (awaited,)
