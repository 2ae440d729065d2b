"""What a request has to get past before a route sees it: the door it came by, and the token."""

import hmac
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from taskengine.http.answers import refusal
from taskengine.http.context import NEAR, SHUT
from taskengine.http.door import Door
from taskengine.http.headers import Headers
from taskengine.http.turned_away import TurnedAway

_TOKEN = "taskengine.token"  # noqa: S105 - the place of it in a scope
_POLICY_VIOLATION = 1008
# Output of tasks is hostile until shown otherwise, and no answer is worth keeping.
_EVERY_ANSWER = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))


class Guard:
    """Lets those requests through to `app` that pass its door, as that stands at the time."""

    def __init__(self, app: ASGIApp, door: Callable[[], Door]) -> None:
        self._app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request, or turn it away."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        elif scope["type"] == "http":
            await self._handle(scope, receive, _with_headers(send))

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        door, headers = self._door(), Headers(scope)
        try:
            door.check(headers)
            scope[_TOKEN] = door.token
            scope[SHUT] = door.shut
            scope[NEAR] = door.is_near(scope, headers)
        except TurnedAway as error:
            await turn_away(error, scope, receive, send)
        else:
            await self._app(scope, receive, send)


class TokenGuard:
    """Lets those requests through to `app` that show the token which their door asks for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request that is past the guard, or turn it away."""
        try:
            _check_token(scope[_TOKEN], Headers(scope))
        except TurnedAway as error:
            await turn_away(error, scope, receive, send)
        else:
            await self._app(scope, receive, send)


async def turn_away(error: TurnedAway, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request with a refusal."""
    answer = refusal(error.status, scope["path"], str(error), headers=error.headers)
    await answer(scope, receive, send)


def _check_token(token: str | None, headers: Headers) -> None:
    given = headers.raw("authorization")
    if token is None:
        return
    scheme, _, shown = (given or b"").partition(b" ")
    if scheme.lower() != b"bearer":
        raise _unauthorized("The server asks for a token: send it as `Authorization: Bearer TOKEN`")
    if not hmac.compare_digest(shown.strip(b" "), token.encode()):
        raise _unauthorized("The token is not the server's")


def _unauthorized(message: str) -> TurnedAway:
    return TurnedAway(401, message, {"www-authenticate": "Bearer"})


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))
            names = {name.lower() for name, _ in headers}
            headers += [one for one in _EVERY_ANSWER if one[0] not in names]
            message = {**message, "headers": headers}
        await send(message)

    return send_with_headers
