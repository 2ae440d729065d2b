"""Where in a stream a message stands, as its id says it: `BOOT.SEQ/42:128,43:7`, or where too many
runs are followed for that, `BOOT.SEQ/@3.1207`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

MOST_SAID = 100
"""Runs whose places an id says; more than those that a stream may be asked for by number."""

_LONGEST = 4_096
_NUMBER = "[0-9]{1,18}"
_ID = re.compile(
    rf"([0-9a-f]{{8}}-[0-9]{{1,9}})\.({_NUMBER})"
    rf"(?:/(?:({_NUMBER}:{_NUMBER}(?:,{_NUMBER}:{_NUMBER})*)|@({_NUMBER})\.({_NUMBER})))?"
)


@dataclass(frozen=True, slots=True)
class Place:
    """After which event of which log a message came, and which line comes next of each run. That is
    said in `lines`, or is known to the log after a `step`: the number of a trail and how far it
    had come.
    """

    mark: str
    number: int
    lines: Mapping[int, int] = field(default_factory=dict)
    step: tuple[int, int] | None = None

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """What an id says; None for what is no id of a stream."""
        found = _ID.fullmatch(text) if len(text) <= _LONGEST else None
        if found is None:
            return None
        mark, number, lines, trail, count = found.groups()
        pairs = (pair.split(":") for pair in (lines or "").split(",") if pair)
        step = (int(trail), int(count)) if trail else None
        return cls(mark, int(number), {int(run): int(line) for run, line in pairs}, step)

    def is_of_engine(self, mark: str) -> bool:
        """Whether it is a place in this log or in another one of the same engine."""
        return self.mark.partition("-")[0] == mark.partition("-")[0]


def id_of(mark: str, number: int, lines: str) -> str:
    """The id of a message. `lines` are the places of runs, as text."""
    return f"{mark}.{number}/{lines}" if lines else f"{mark}.{number}"


def said(places: Mapping[int, int]) -> str:
    """Places of runs as an id says them."""
    return ",".join(f"{run}:{line}" for run, line in places.items())


def named(trail: int, count: int) -> str:
    """A step of a trail, which stands for the places of runs, as an id names it."""
    return f"@{trail}.{count}"
