"""One thing that was looked at, and how it stands."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Level(StrEnum):
    """How well a thing is: FAIL keeps something from working, WARN may do so."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it stands in a line, and what to do about it, a step a line."""

    level: Level
    name: str
    text: str
    advice: str = ""

    @classmethod
    def ok(cls, name: str, text: str) -> Self:
        """All is well."""
        return cls(Level.OK, name, text)

    @classmethod
    def warn(cls, name: str, text: str, advice: str = "") -> Self:
        """It may come to harm."""
        return cls(Level.WARN, name, text, advice)

    @classmethod
    def fail(cls, name: str, text: str, advice: str = "") -> Self:
        """It does not work."""
        return cls(Level.FAIL, name, text, advice)
