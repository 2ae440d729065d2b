"""What an engine elsewhere answered instead of doing it, as the exception that says so."""

import json
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from taskengine.errors import (
    EngineNotRunning,
    FieldFault,
    InvalidPayload,
    MissedFiresNotFound,
    NotPossible,
    RunNotFound,
    TaskError,
    TaskNotFound,
    TaskNotImplemented,
    TaskSkipped,
)

# Clients of Nitro tell errors apart by their wording, so that does not change.
_WORDINGS: tuple[tuple[re.Pattern[str], Callable[..., TaskError]], ...] = (
    (re.compile(r"Task `(.*)` is not available!", re.DOTALL), TaskNotFound),
    (re.compile(r"Task `(.*)` is not implemented!", re.DOTALL), TaskNotImplemented),
    (
        re.compile(r"Task `(.*)` was skipped: run #(\d+) is going on", re.DOTALL),
        lambda name, running: TaskSkipped(name, 0, int(running)),
    ),
    (re.compile(r"Run #(\d+) is not known"), lambda number: RunNotFound(int(number))),
    (
        re.compile(r"Missed fires #(\d+) are not known any more"),
        lambda number: MissedFiresNotFound(int(number)),
    ),
)
_KINDS: Mapping[int, type[TaskError]] = {501: NotPossible, 503: EngineNotRunning}


def refusal_of(status: int, text: bytes) -> TaskError:
    """The error that an answer stands for. Its `status_code` is the answer's, its faults too.

    Any answer will do: what stands between here and the engine may have words of its own.
    """
    answer = _read(text)
    message = str(answer.get("message") or _standard(status))
    for wording, make in _WORDINGS:
        if found := wording.fullmatch(message):
            return make(*found.groups())
    if status == 422:
        return InvalidPayload(message, _faults(answer.get("faults")))
    error = _KINDS.get(status, TaskError)(message)
    error.status_code = status
    return error


def _read(text: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(text)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _faults(given: object) -> list[FieldFault]:
    faults = given if isinstance(given, list) else []
    return [
        FieldFault(str(one.get("path", "")), str(one.get("message", "")))
        for one in faults
        if isinstance(one, dict)
    ]


def _standard(status: int) -> str:
    try:
        return f"The engine answered {status} ({HTTPStatus(status).phrase})"
    except ValueError:
        return f"The engine answered {status}"
