"""What the process that imports a project's tasks tells the one that waits for it, line by line."""

from pathlib import Path
from typing import TypeAlias

import msgspec

from taskengine.client.wire.form import from_json, to_json
from taskengine.problem import Problem


class Begun(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """The import of a file begins; None: it is over."""

    path: Path | None


class Report(msgspec.Struct, frozen=True, tag=True):
    """How many tasks and schedules there are, and all that is wrong. It comes last."""

    tasks: int
    schedules: int
    problems: tuple[Problem, ...]


_Said: TypeAlias = Begun | Report


class _Line(msgspec.Struct, frozen=True):
    said: _Said


def encoded(said: _Said) -> bytes:
    """What is said, as a line."""
    return to_json(_Line(said)) + b"\n"


def decoded(line: bytes) -> _Said:
    """What a line says. Raises ValueError."""
    return from_json(line, _Line).said
