"""What is asked of a process that imports a project's tasks, and what it tells, line by line.

Paths travel as bytes: the name of a file need not be text.
"""

import os
from pathlib import Path
from typing import TypeAlias, TypeVar

import msgspec

from taskengine.client.views import TaskView
from taskengine.client.wire.form import from_json, to_json
from taskengine.history.retention import HistorySettings
from taskengine.problem import Problem

T = TypeVar("T")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Import the tasks of the project at `root`; with `is_whole` all of them, or else those whose
    text does not tell what lists show. The files of `avoided` are not to be imported. While an
    import goes on, a traceback is to be noted every `trace_every` seconds.
    """

    root: bytes
    avoided: tuple[bytes, ...]
    is_whole: bool
    trace_every: float


class Begun(msgspec.Struct, frozen=True, tag=True):
    """The import of a file begins; None: it is over."""

    path: bytes | None


class Imported(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """All that the imports have told; it comes last. `history` is how much of it is to be kept.
    `cut_off` are those of the problems that kept a file from being imported to its end.
    """

    timezone: str
    tasks: tuple[TaskView, ...]
    problems: tuple[Problem, ...]
    history: HistorySettings
    cut_off: tuple[Problem, ...] = ()


Said: TypeAlias = Begun | Imported


class _Line(msgspec.Struct, frozen=True):
    said: Said


def as_bytes(path: Path) -> bytes:
    """A path as it travels."""
    return os.fsencode(path)


def as_path(text: bytes) -> Path:
    """The path that has travelled."""
    return Path(os.fsdecode(text))


def asked_line(asked: Asked) -> bytes:
    """What is asked, as a line."""
    return to_json(asked) + b"\n"


def read_asked(line: bytes) -> Asked:
    """What a line asks. Raises ValueError."""
    return from_json(line, Asked)


def said_line(said: Said) -> bytes:
    """What is said, as a line."""
    return to_json(_Line(said)) + b"\n"


def read_said(line: bytes) -> Said:
    """What a line says. Raises ValueError."""
    return from_json(line, _Line).said
