"""Answers in JSON: of facts, and of what went wrong, in the form that Nitro's clients know."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from taskengine.client.wire.form import to_json
from taskengine.errors import FieldFault, InvalidPayload, TaskError
from taskengine.executors.ending import describe_error
from taskengine.http.reason import as_reason, give_reason

_JSON = "application/json"
_CLIENT_CLOSED_REQUEST = "Client Closed Request"  # nginx's name for 499, which no standard has


class Refusal(Response):
    """An answer that says that something can't be done, and why, in its status line too."""

    def __init__(
        self, body: bytes, status: int, reason: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(body, status, headers, media_type=_JSON)
        self.reason = reason

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        give_reason(scope, self.reason)
        await super().__call__(scope, receive, send)


def json_answer(value: object, status: int = HTTPStatus.OK) -> Response:
    """An answer with a fact, or with anything made of facts."""
    return Response(to_json(value), status, media_type=_JSON)


def error_answer(url: str, error: BaseException, *, tells_stack: bool = False) -> Response:
    """An answer that says what was raised. `url` is what was called, without its query."""
    status = _status_of(error)
    faults = error.faults if isinstance(error, InvalidPayload) else ()
    # What a task raises may be of a class whose `__str__` raises, too.
    told = describe_error(error)
    stack = _encodable(told.traceback) if tells_stack else None
    return refusal(status, url, _encodable(told.message), faults=faults, stack=stack)


def _status_of(error: BaseException) -> int:
    """What an error says of itself, where that is a status of errors: tasks have their own."""
    status = error.status_code if isinstance(error, TaskError) else None
    return status if isinstance(status, int) and 400 <= status <= 599 else 500


def refusal(
    status: int,
    url: str,
    message: str,
    *,
    faults: Sequence[FieldFault] = (),
    stack: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An answer that says that something can't be done, and why.

    The form is that of h3, Nitro's HTTP layer. The message is the reason phrase too: Nitro's own
    command line prints nothing else.
    """
    body = refusal_body(status, url, message)
    if faults:
        body["faults"] = faults
    if stack is not None:
        body["stack"] = stack
    return Refusal(to_json(body), status, body["statusMessage"], headers)


def refusal_body(status: int, url: str, message: str) -> dict[str, Any]:
    """What such an answer says, before it is JSON."""
    return {
        "error": True,
        "url": url,
        "statusCode": status,
        "statusMessage": as_reason(message) or standard_reason(status),
        "message": message,
    }


def standard_reason(status: int) -> str:
    """The phrase that goes with a status by itself."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return _CLIENT_CLOSED_REQUEST if status == 499 else "Error"


def _encodable(text: str) -> str:
    """The text with its lone surrogates written out: JSON can't carry those."""
    return text.encode("utf-8", "backslashreplace").decode()
