"""Calls to a running engine, one after another, for programs that have no event loop."""

import json
import re
import socket
from collections.abc import Iterable
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from taskengine.client.wire.refusals import refusal_of
from taskengine.errors import EngineUnreachable

T = TypeVar("T")
_API = "/api/v1"
_ANSWERED_WITHIN = 30.0
_WRITTEN_OUT = "backslashreplace"
_SURROGATES = re.compile("[\ud800-\udfff]")


class Calls:
    """Calls to the engine at an address: the path of a unix socket, or a URL.

    What follows `/api/v1` is given in parts, which may hold any character: `get("tasks", name)`.
    Parameters of a query that are None are left out, lists come once for each member. Lone
    surrogates, which stand for bytes that are no text, are written out as escapes. `timeout` is in
    seconds and for an answer that is not asked to `wait`. It is for one thread at a time.
    Each call raises EngineUnreachable, or the TaskError that the engine answered with.
    """

    def __init__(
        self, address: Path | str, token: str | None = None, *, timeout: float = _ANSWERED_WITHIN
    ) -> None:
        self.address = address
        self._token = token
        self._timeout = timeout
        self._connection: HTTPConnection | None = None
        self._prefix = "" if isinstance(address, Path) else urlsplit(address).path.rstrip("/")

    def get(self, *path: str | int, **query: object) -> Any:
        """What is found there, as JSON has it."""
        return self._loaded(self._call("GET", path, query))

    def get_as(self, kind: type[T], *path: str | int, **query: object) -> T:
        """The same as a fact of the engine's."""
        return self._fact(self._call("GET", path, query), kind)

    def post(self, *path: str | int, body: object = None, **query: object) -> Any:
        """Have something done, and get the answer as JSON has it; None if it has no content."""
        return self._loaded(self._call("POST", path, query, body))

    def post_as(self, kind: type[T], *path: str | int, body: object = None, **query: object) -> T:
        """The same as a fact of the engine's."""
        return self._fact(self._call("POST", path, query, body), kind)

    def put(self, *path: str | int, body: object = None, **query: object) -> Any:
        """Have something stand as `body` says."""
        return self._loaded(self._call("PUT", path, query, body))

    def delete(self, *path: str | int, **query: object) -> Any:
        """Have something gone."""
        return self._loaded(self._call("DELETE", path, query))

    def close(self) -> None:
        """Hang up; a further call connects again."""
        if self._connection:
            self._connection.close()
        self._connection = None

    def _fact(self, text: bytes, kind: type[T]) -> T:
        from taskengine.client.wire.form import from_json

        try:
            return from_json(text, kind)
        except ValueError as error:
            raise self._not_understood(error) from error

    def _loaded(self, text: bytes) -> Any:
        try:
            return json.loads(text) if text else None
        except ValueError as error:
            raise self._not_understood(error) from error

    def _not_understood(self, error: ValueError) -> EngineUnreachable:
        return EngineUnreachable(
            f"{self._where} has answered something else than was asked for: {error}"
        )

    def _call(
        self,
        method: str,
        path: Iterable[str | int],
        query: dict[str, object],
        body: object = None,
    ) -> bytes:
        parts = (quote(str(part), safe="", errors=_WRITTEN_OUT) for part in path)
        target = self._prefix + "/".join([_API, *parts])
        given = {name: _plain(one) for name, one in query.items() if one is not None}
        if given:
            target += f"?{urlencode(given, doseq=True, errors=_WRITTEN_OUT)}"
        wait = query.get("wait")
        timeout = self._timeout + (wait if isinstance(wait, int | float) else 0)
        content = None if body is None else _as_json(body)
        try:
            status, text = self._answer(method, target, content, timeout)
        except (OSError, HTTPException) as error:
            self.close()
            raise EngineUnreachable(f"{self._where} does not answer: {_why(error)}") from error
        if status >= 400:
            raise refusal_of(status, text)
        return text

    def _answer(
        self, method: str, target: str, content: bytes | None, timeout: float
    ) -> tuple[int, bytes]:
        """The status and the body. A connection that was kept may have been closed meanwhile, or
        be closed just now; what only asks is asked again then.
        """
        if self._connection and self._connection.sock and _is_closed(self._connection.sock):
            self.close()
        was_kept = self._connection is not None
        try:
            return self._ask(method, target, content, timeout)
        except ConnectionError:
            if method != "GET" or not was_kept:
                raise
            self.close()
            return self._ask(method, target, content, timeout)

    def _ask(
        self, method: str, target: str, content: bytes | None, timeout: float
    ) -> tuple[int, bytes]:
        if self._connection is None:
            self._connection = _connection(self.address)
        self._connection.timeout = timeout
        if self._connection.sock:
            self._connection.sock.settimeout(timeout)
        self._connection.request(method, target, content, self._headers(content))
        answer: HTTPResponse = self._connection.getresponse()
        return answer.status, answer.read()

    def _headers(self, content: bytes | None) -> dict[str, str]:
        headers = {} if content is None else {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        return headers

    @property
    def _where(self) -> str:
        return f"The engine at {self.address}"


def _as_json(body: object) -> bytes:
    text = json.dumps(body, ensure_ascii=False)
    return _SURROGATES.sub(lambda one: rf"\\u{ord(one[0]):04x}", text).encode()


class _SocketConnection(HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost")
        self._path = path

    def connect(self) -> None:
        """Connect to the socket."""
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.settimeout(self.timeout)
            sock.connect(str(self._path))
        except BaseException:
            sock.close()
            raise
        self.sock = sock


def _connection(address: Path | str) -> HTTPConnection:
    if isinstance(address, Path):
        return _SocketConnection(address)
    url = urlsplit(address)
    if url.scheme == "https":
        from http.client import HTTPSConnection

        return HTTPSConnection(url.hostname or "localhost", url.port)
    return HTTPConnection(url.hostname or "localhost", url.port)


def _is_closed(sock: socket.socket) -> bool:
    """Whether the other side has hung up since its last answer."""
    try:
        sock.settimeout(0)
        return not sock.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    if isinstance(value, bool):
        return str(value).lower()
    return value


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it took too long"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or "the connection ended"
