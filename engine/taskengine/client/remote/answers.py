"""What an engine elsewhere answers that is no fact by itself, and how it is asked."""

from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

from taskengine.client.wire.form import to_json
from taskengine.client.wire.messages import LeftOut
from taskengine.errors import FieldFault
from taskengine.records import PastFire, RunQuery
from taskengine.run import Payload, Run

CONFLICT = HTTPStatus.CONFLICT
MOST = 1_000
"""How many runs, payloads or fires an engine gives at once."""


@dataclass(frozen=True, slots=True)
class Payloads:
    """The payloads that a task was given."""

    payloads: tuple[Payload, ...]


@dataclass(frozen=True, slots=True)
class PastFires:
    """What became of a task's fires."""

    fires: tuple[PastFire, ...]


@dataclass(frozen=True, slots=True)
class FoundLines:
    """Lines that hold a text, and where the search is to go on; None: it is over."""

    lines: tuple[int, ...]
    next: int | None = None


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong with a payload."""

    faults: tuple[FieldFault, ...]


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Whether something was cancelled by the call, and not over before."""

    cancelled: bool


@dataclass(frozen=True, slots=True)
class Dismissed:
    """Whether missed fires were dismissed by the call, and not before."""

    dismissed: bool


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written."""

    path: Path


def asked(query: RunQuery) -> dict[str, Any]:
    """A query for runs as parameters of a call."""
    return {
        "task": query.task,
        "state": sorted(query.states),
        "trigger": sorted(query.triggers),
        "since": query.since,
        "until": query.until,
        "text": query.text or None,
    }


def size_of(run: Run) -> int:
    """About how many bytes a run takes."""
    return len(to_json((run.payload, run.result)))


def filled(run: Run, whole: Run, left_out: LeftOut) -> Run:
    """A run with what was left out of it, as far as that is known."""
    if "payload" in left_out:
        run = replace(run, payload=whole.payload)
    return replace(run, result=whole.result) if "result" in left_out else run
