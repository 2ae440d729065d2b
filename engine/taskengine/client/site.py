"""A web server that may be anything: it is asked with bounds, and its answers are data."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from taskengine._version import __version__
from taskengine.errors import EngineUnreachable
from taskengine.project.server_config import check_token

if TYPE_CHECKING:
    import httpx

CONNECTED_WITHIN = 5.0
"""Seconds."""
_KEPT_OPEN = 2.0  # less than any server does: none hangs up just when a call begins
_PAGE_STARTS = (b"<!doctype", b"<html")


class NotReached(EngineUnreachable):
    """No connection came about, so nothing was asked."""


class AnswerTooLong(EngineUnreachable):
    """The answer was longer than it may be, and was not read to its end."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered; `location` is where it redirects to."""

    status: int
    body: bytes
    location: str = ""

    @property
    def is_page(self) -> bool:
        """Whether it is a web page, whatever it calls itself."""
        return self.body[:200].lstrip().lower().startswith(_PAGE_STARTS)

    def json(self) -> Any:
        """The body as JSON has it. Raises ValueError, also for what is nested too deep."""
        try:
            return json.loads(self.body, parse_constant=_refuse_constant)
        except RecursionError as error:
            raise ValueError("it is nested too deep") from error


class Site:
    """The web server at a URL, asked over connections that are kept. For one event loop.

    Redirects are not followed. All calls raise EngineUnreachable where no whole answer came. A
    token that no header can hold raises ValueError.
    """

    def __init__(self, url: str, *, token: str | None = None) -> None:
        self.url = url
        self._token = check_token(token) if token else None
        self._client: httpx.AsyncClient | None = None

    async def get(self, path: str, *, limit: int, seconds: float) -> Answer:
        """What is found there, if it is no longer than `limit` bytes and there in time."""
        try:
            async with asyncio.timeout(seconds):
                return await self._ask("GET", path, None, limit)
        except TimeoutError as error:
            raise EngineUnreachable(
                f"{self.url} does not answer: it took longer than {seconds:g} s"
            ) from error

    async def post(self, path: str, body: object, *, limit: int) -> Answer:
        """What comes of sending JSON there, however long that takes."""
        content = json.dumps(body, ensure_ascii=False).encode()
        return await self._ask("POST", path, content, limit)

    async def close(self) -> None:
        """Hang up. A further call connects again."""
        client, self._client = self._client, None
        if client:
            await client.aclose()

    async def _ask(self, method: str, path: str, content: bytes | None, limit: int) -> Answer:
        import httpx

        from taskengine.client.remote.why import why

        try:
            client = self._client = self._client or self._new_client()
            asking = client.stream(method, self.url + path, content=content, headers=_of(content))
            async with asking as response:
                body = await self._body(response, limit)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise NotReached(f"{self.url} does not answer: {why(error)}") from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise EngineUnreachable(f"{self.url} gave no answer: {why(error)}") from error
        return Answer(response.status_code, body, response.headers.get("location", ""))

    async def _body(self, response: "httpx.Response", limit: int) -> bytes:
        """The body as it was sent: what was packed was not asked for, and could grow endlessly."""
        parts: list[bytes] = []
        size = 0
        async for part in response.aiter_raw():
            size += len(part)
            if size > limit:
                raise AnswerTooLong(
                    f"{self.url} gave an answer of more than {limit // 1_000_000} MB"
                )
            parts.append(part)
        return b"".join(parts)

    def _new_client(self) -> "httpx.AsyncClient":
        import httpx

        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": f"taskconsole/{__version__}",
        }
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        is_elsewhere = not is_this_machine(self.url)
        return httpx.AsyncClient(
            headers=headers,
            timeout=httpx.Timeout(None, connect=CONNECTED_WITHIN),
            limits=httpx.Limits(max_connections=None, keepalive_expiry=_KEPT_OPEN),
            trust_env=is_elsewhere,  # no proxy knows of this machine's servers
            # Reading all certificates takes a tenth of a second.
            verify=is_elsewhere or self.url.startswith("https:"),
        )


def is_this_machine(url: str) -> bool:
    """Whether a URL names the machine itself."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _of(content: bytes | None) -> Mapping[str, str]:
    return {} if content is None else {"Content-Type": "application/json"}


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")
