"""Where in a stream a message stands, as its id says it: `BOOT.SEQ/42:128,43:7`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_LONGEST = 16_384
_MOST_PLACES = 1_000
_NUMBER = "[0-9]{1,18}"
_ID = re.compile(
    rf"([0-9a-f]{{8}}-[0-9]{{1,9}})\.({_NUMBER})(?:/({_NUMBER}:{_NUMBER}(?:,{_NUMBER}:{_NUMBER})*))?"
)


@dataclass(frozen=True, slots=True)
class Place:
    """After which event of which log a message came, and which line comes next of each run."""

    mark: str
    number: int
    lines: Mapping[int, int] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """What an id says; None for what is no id of a stream."""
        found = _ID.fullmatch(text) if len(text) <= _LONGEST else None
        if found is None:
            return None
        mark, number, lines = found.groups()
        pairs = (pair.split(":") for pair in (lines or "").split(",")[:_MOST_PLACES] if pair)
        return cls(mark, int(number), {int(run): int(line) for run, line in pairs})

    def is_of_engine(self, mark: str) -> bool:
        """Whether it is a place in this log or in another one of the same engine."""
        return self.mark.partition("-")[0] == mark.partition("-")[0]


def id_of(mark: str, number: int, lines: str) -> str:
    """The id of a message. `lines` are the places of runs, as text."""
    return f"{mark}.{number}/{lines}" if lines else f"{mark}.{number}"
