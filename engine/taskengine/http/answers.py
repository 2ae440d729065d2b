"""Answers in JSON: of facts, and of what went wrong, in the form that Nitro's clients know."""

import traceback
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from taskengine.client.wire.form import to_json
from taskengine.errors import FieldFault, InvalidPayload, TaskError

_JSON = "application/json"
_LONGEST_REASON = 200


def json_answer(value: object, status: int = HTTPStatus.OK) -> Response:
    """An answer with a fact, or with anything made of facts."""
    return Response(to_json(value), status, media_type=_JSON)


def error_answer(url: str, error: BaseException, *, tells_stack: bool = False) -> Response:
    """An answer that says what was raised. `url` is what was called, without its query."""
    status = error.status_code if isinstance(error, TaskError) else 500
    faults = error.faults if isinstance(error, InvalidPayload) else ()
    stack = "".join(traceback.format_exception(error)) if tells_stack else None
    return refusal(status, url, str(error), faults=faults, stack=stack)


def refusal(
    status: int,
    url: str,
    message: str,
    *,
    faults: Sequence[FieldFault] = (),
    stack: str | None = None,
) -> Response:
    """An answer that says that something can't be done, and why.

    The form is that of h3, Nitro's HTTP layer. The message is the reason phrase too: Nitro's own
    command line prints nothing else.
    """
    reason = _as_reason(message) or _standard_reason(status)
    body: dict[str, Any] = {
        "error": True,
        "url": url,
        "statusCode": status,
        "statusMessage": reason,
        "message": message,
    }
    if faults:
        body["faults"] = faults
    if stack is not None:
        body["stack"] = stack
    answer = Response(to_json(body), status, media_type=_JSON)
    answer.headers["x-reason"] = reason
    return answer


def _as_reason(message: str) -> str:
    """One line of latin-1, which is all that a reason phrase can be."""
    line = " ".join(message.split()).encode("latin-1", "replace").decode("latin-1")
    return "".join(one for one in line if one.isprintable())[:_LONGEST_REASON]


def _standard_reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
