"""The bodies of requests: read whole before anything is done, and only so far and so long."""

import asyncio
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from taskengine.http.guard import turn_away
from taskengine.http.headers import Headers
from taskengine.http.limits import Limits
from taskengine.http.turned_away import TurnedAway


class CallerGone(Exception):
    """The caller hung up before the request was whole."""


class Bodies:
    """Gives `app` requests whose bodies are there already."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request, or turn it away."""
        with suppress(CallerGone):
            try:
                body = await self._read(scope, receive)
            except TurnedAway as error:
                await turn_away(error, scope, receive, send)
            else:
                await self._app(scope, _replayed(body, receive), send)

    async def _read(self, scope: Scope, receive: Receive) -> bytes:
        if _declared(Headers(scope)) > self._limits.body:
            raise self._too_large()
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                return await self._collect(receive)
        except TimeoutError:
            seconds = self._limits.body_seconds
            raise TurnedAway(408, f"The body took longer than {seconds:g} s") from None

    async def _collect(self, receive: Receive) -> bytes:
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] != "http.request":
                raise CallerGone
            body += message.get("body", b"")
            if len(body) > self._limits.body:
                raise self._too_large()
            if not message.get("more_body", False):
                return bytes(body)

    def _too_large(self) -> TurnedAway:
        return TurnedAway(413, f"The body is larger than {self._limits.body:,} bytes")


def _declared(headers: Headers) -> int:
    text = headers.one("content-length")
    if text is None:
        return 0
    if not text.isdecimal():
        raise TurnedAway(400, "The Content-Length header is no number")
    return int(text[:20])


def _replayed(body: bytes, receive: Receive) -> Receive:
    """What gives a body that was read, and then what comes after it."""
    is_given = False

    async def replay() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
