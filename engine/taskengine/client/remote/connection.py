"""Calls to an engine elsewhere, and its stream of events, over HTTP."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, urlencode

import httpx

from taskengine.client.address import Address
from taskengine.client.remote.why import why
from taskengine.client.wire.form import from_json, to_json
from taskengine.client.wire.refusals import refusal_of
from taskengine.errors import EngineUnreachable
from taskengine.project.server_config import check_token

API = "/api/v1"
SILENCE = 12.0  # seconds; a living engine says something every three
CONNECTED_WITHIN = 5.0
_ANSWERED_WITHIN = 30.0
_CHECKED_WITHIN = 600.0  # what runs users' code may take long
_ENDED_WITHIN = 1.0
_KEPT_OPEN = 2.0  # less than any server does: none hangs up just when a call begins
_STREAM = "text/event-stream"
_NOT_LET_IN = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})

T = TypeVar("T")
Part = str | int


class EngineSilent(EngineUnreachable):
    """There is a connection, but nothing has come by it for too long: for so many `seconds`."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class Connection:
    """Talks to the engine at one address. Each call raises EngineUnreachable where nothing answers,
    and the error that the engine answered with, as it would be raised in its own process. An
    address or a token that is none raises ValueError.
    """

    def __init__(self, address: Address, token: str | None = None) -> None:
        self.address = address
        self._client = httpx.AsyncClient(
            transport=_transport(address),
            base_url=_base_url(address),
            headers={"Authorization": f"Bearer {check_token(token)}"} if token else {},
            timeout=httpx.Timeout(_ANSWERED_WITHIN, connect=CONNECTED_WITHIN, pool=None),
            trust_env=False,  # a proxy would have to be on this machine too
        )
        self._calls: dict[asyncio.Timeout, asyncio.Future[None]] = {}
        self._is_given_up = False

    async def get(self, kind: type[T], *path: Part, **query: object) -> T:
        """What is found at a path. `wait` in the query is time that the engine may take for it."""
        return self._read(await self._call("GET", path, query), kind)

    async def post(self, kind: type[T], *path: Part, body: object = None) -> T:
        """Have something done, and get what came of it."""
        return self._read(await self._call("POST", path, {}, body), kind)

    async def check(self, kind: type[T], *path: Part, body: object) -> T:
        """The same for what may take long."""
        return self._read(await self._call("POST", path, {}, body, _CHECKED_WITHIN), kind)

    async def order(self, method: str, *path: Part, body: object = None) -> None:
        """Have something done that there is nothing to say about."""
        await self._call(method, path, {}, body)

    async def delete(self, kind: type[T], *path: Part) -> T:
        """Have something gone, and get what came of it."""
        return self._read(await self._call("DELETE", path, {}), kind)

    @asynccontextmanager
    async def events(self, last_id: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """The bytes of the event stream, from right after a message of it on. Raises
        EngineUnreachable, also while it is read and when nothing has come for a while.
        """
        self._expect_open()
        headers = {"Accept": _STREAM, "Accept-Encoding": "identity", "Cache-Control": "no-store"}
        if last_id:
            headers["Last-Event-ID"] = last_id
        timeout = httpx.Timeout(SILENCE, connect=CONNECTED_WITHIN, pool=None)
        url = _target(("events",), {})
        try:
            async with self._client.stream("GET", url, headers=headers, timeout=timeout) as answer:
                await self._expect_stream(answer)
                yield answer.aiter_raw()
        except httpx.ReadTimeout as error:
            raise EngineSilent(str(self._unreachable(error)), SILENCE) from error
        except (httpx.HTTPError, OSError) as error:
            raise self._unreachable(error) from error

    async def close(self) -> None:
        """Hang up. Calls in progress end before that: httpx would leave open what they have just
        connected to.
        """
        self._is_given_up = True
        calls = dict(self._calls)
        for call in calls:
            if not call.expired():
                call.reschedule(asyncio.get_running_loop().time())
        if calls:
            await asyncio.wait(calls.values(), timeout=_ENDED_WITHIN)
        await self._client.aclose()

    async def _call(
        self,
        method: str,
        path: Iterable[Part],
        query: Mapping[str, object],
        body: object = None,
        seconds: float = _ANSWERED_WITHIN,
    ) -> bytes:
        self._expect_open()
        wait = query.get("wait")
        seconds += wait if isinstance(wait, int | float) else 0
        request = self._client.build_request(
            method,
            _target(path, query),
            content=None if body is None else to_json(body),
            headers={} if body is None else {"Content-Type": "application/json"},
            timeout=httpx.Timeout(seconds, connect=CONNECTED_WITHIN, pool=None),
        )
        try:
            async with self._call_in_progress():
                answer = await self._answer(request)
        except (httpx.HTTPError, OSError) as error:
            raise self._unreachable(error) from error
        if answer.is_success:
            return answer.content
        raise refusal_of(answer.status_code, answer.content)

    @asynccontextmanager
    async def _call_in_progress(self) -> AsyncIterator[None]:
        """Raises TimeoutError inside when the connection is closed."""
        async with asyncio.timeout(None) as call:
            self._calls[call] = over = asyncio.get_running_loop().create_future()
            try:
                yield
            finally:
                del self._calls[call]
                over.set_result(None)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        """The answer. Connections break at any time: what only looks is tried again at once."""
        try:
            return await self._client.send(request)
        except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
            if request.method != "GET" or self._is_given_up:
                raise
            return await self._client.send(request)

    def _expect_open(self) -> None:
        if self._is_given_up:
            raise self._given_up()

    def _read(self, text: bytes, kind: type[T]) -> T:
        try:
            return from_json(text, kind)
        except ValueError as error:
            raise self.foreign(error) from error

    def foreign(self, error: ValueError) -> EngineUnreachable:
        """What to raise for an answer that can't be understood."""
        return EngineUnreachable(
            f"What answers at {self.address} is no taskconsole, or one of a version that is not"
            f" understood here ({error})"
        )

    async def _expect_stream(self, answer: httpx.Response) -> None:
        kind = answer.headers.get("content-type", "").partition(";")[0].strip()
        if answer.is_success and kind == _STREAM:
            return
        refusal = refusal_of(answer.status_code, await answer.aread())
        if answer.status_code in _NOT_LET_IN:
            raise EngineUnreachable(f"The engine at {self.address} lets nobody in: {refusal}")
        if answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
            raise EngineUnreachable(f"The engine at {self.address} refuses: {refusal}")
        raise EngineUnreachable(
            f"What answers at {self.address} is no taskconsole, or one of another version: it knows"
            f" no {API}/events (status {answer.status_code})"
        )

    def _given_up(self) -> EngineUnreachable:
        return EngineUnreachable(f"The connection to the engine at {self.address} was given up")

    def _unreachable(self, error: BaseException) -> EngineUnreachable:
        if self._is_given_up:
            return self._given_up()
        return EngineUnreachable(f"The engine at {self.address} does not answer: {why(error)}")


def _base_url(address: Address) -> httpx.URL:
    try:
        return httpx.URL("http://localhost" if isinstance(address, Path) else address)
    except httpx.InvalidURL as error:
        raise ValueError(f"{address!r} is no address: {error}") from error


def _transport(address: Address) -> httpx.AsyncHTTPTransport:
    # Where it closes several at once, a call that is cancelled then leaves the others open.
    limits = httpx.Limits(
        max_connections=None, max_keepalive_connections=1, keepalive_expiry=_KEPT_OPEN
    )
    uds = str(address) if isinstance(address, Path) else None
    is_sealed = isinstance(address, str) and address.startswith("https:")
    # Reading all certificates takes tens of milliseconds: only where there are some to check.
    return httpx.AsyncHTTPTransport(uds=uds, limits=limits, trust_env=False, verify=is_sealed)


def _target(path: Iterable[Part], query: Mapping[str, object]) -> str:
    target = "/".join([API, *(quote(str(part), safe="") for part in path)])
    given = {name: _plain(one) for name, one in query.items() if one is not None}
    return f"{target}?{urlencode(given, doseq=True)}" if given else target


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_plain(one) for one in value]
    return value
