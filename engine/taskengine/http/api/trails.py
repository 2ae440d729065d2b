"""The places in outputs that streams have had, where they are too many to be said in an id.

A stream that follows thousands of runs changes one place at a time. So a trail keeps the places of
its last step, and of each step what was before it; the id of a message names the step.
"""

import threading
from collections import OrderedDict, deque
from collections.abc import Mapping
from itertools import islice

MOST_TRAILS = 16
MOST_STEPS = 100_000
"""Of all trails together. The first steps of the longest one go first."""


class Trails:
    """The trails of one log's streams, those of streams that have ended too. Any thread may use
    them.
    """

    def __init__(self, most_steps: int = MOST_STEPS) -> None:
        self._most_steps = most_steps
        self._trails = OrderedDict[int, Trail]()
        self._begun = 0
        self._steps = 0
        self._lock = threading.Lock()

    def begin(self, places: Mapping[int, int]) -> "Trail":
        """A new trail from these places on, in place of the one that was left first."""
        with self._lock:
            self._begun += 1
            trail = self._trails[self._begun] = Trail(self, self._begun, places)
            if len(self._trails) > MOST_TRAILS:
                _, left = self._trails.popitem(last=False)
                self._steps -= len(left.steps)
            return trail

    def move(self, trail: "Trail", run: int, place: int | None) -> None:
        """Go a step further: a run is at another place now, or at none."""
        with self._lock:
            if trail.number not in self._trails:
                return
            self._trails.move_to_end(trail.number)
            trail.steps.append((run, trail.places.get(run)))
            trail.count += 1
            _set(trail.places, run, place)
            self._steps += 1
            if self._steps > self._most_steps:
                max(self._trails.values(), key=lambda one: len(one.steps)).steps.popleft()
                self._steps -= 1

    def has(self, trail: "Trail") -> bool:
        """Whether a trail is among those kept."""
        with self._lock:
            return trail.number in self._trails

    def places_at(self, number: int, step: int) -> dict[int, int] | None:
        """The places after a step of a trail; None if they are not known any more."""
        with self._lock:
            trail = self._trails.get(number)
            back = trail.count - step if trail else 0
            if trail is None or not 0 <= back <= len(trail.steps):
                return None
            self._trails.move_to_end(number)  # it may be come back to again and again
            places = dict(trail.places)
            for run, before in islice(reversed(trail.steps), back):
                _set(places, run, before)
            return places


class Trail:
    """The way of one stream through the outputs that it follows: `places` after `count` steps, and
    for the last ones of these, what was before them.
    """

    def __init__(self, trails: Trails, number: int, places: Mapping[int, int]) -> None:
        self._trails = trails
        self.number = number
        self.places = dict(places)
        self.count = 0
        self.steps: deque[tuple[int, int | None]] = deque()

    @property
    def is_kept(self) -> bool:
        """Whether its places are known, or have made room for others."""
        return self._trails.has(self)

    def move(self, run: int, place: int | None) -> None:
        """Note that a run is at another place now, or is not followed any more."""
        self._trails.move(self, run, place)


def _set(places: dict[int, int], run: int, place: int | None) -> None:
    if place is None:
        places.pop(run, None)
    else:
        places[run] = place
