"""HTTP as bytes, for requests that no decent client would send."""

import asyncio
import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

SOON = 60.0


@dataclass(frozen=True)
class Answer:
    """What came back. `status` is 0 where the connection was closed without an answer."""

    status: int
    reason: str
    headers: dict[str, str]
    body: bytes

    @property
    def message(self) -> str:
        """What an answer that refuses says."""
        told: dict[str, Any] = json.loads(self.body)
        assert told["error"] is True
        assert told["statusCode"] == self.status
        return str(told["message"])


class Caller:
    """A connection to a URL or to a unix socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connect(cls, place: str | Path) -> "Caller":
        async with asyncio.timeout(SOON):
            if isinstance(place, Path):
                return cls(*await asyncio.open_unix_connection(str(place)))
            parts = urlsplit(place)
            return cls(*await asyncio.open_connection(parts.hostname, parts.port))

    async def send(self, *data: bytes) -> None:
        self._writer.write(b"".join(data))
        await self._writer.drain()

    async def send_for_ever(self, data: bytes, pause: float = 0.0) -> None:
        """Send the same again and again, `pause` seconds apart, for as long as it is taken."""
        async with asyncio.timeout(SOON):
            while True:
                await self.send(data)
                await asyncio.sleep(pause)

    async def answer(self, *, has_body: bool = True) -> Answer:
        """The next answer on this connection."""
        async with asyncio.timeout(SOON):
            head = await self._head()
            if not head:
                return Answer(0, "", {}, b"")
            first, *lines = head.decode("latin-1").split("\r\n")
            _, status, reason = first.split(" ", 2)
            headers = dict(line.split(": ", 1) for line in lines if line)
            size = int(headers.get("content-length", 0)) if has_body else 0
            return Answer(int(status), reason, headers, await self._reader.readexactly(size))

    async def _head(self) -> bytes:
        try:
            return await self._reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionResetError):
            return b""

    async def body_in_pieces(self, *, pieces: int, pause: float) -> int:
        """The size of the next answer's body, taken piece by piece, `pause` seconds apart."""
        head = await self._head()
        size = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        taken = 0
        while taken < size and (piece := await self._reader.read(-(-size // pieces))):
            taken += len(piece)
            await asyncio.sleep(pause)
        return taken

    async def line(self) -> bytes:
        """The next line of an answer that goes on."""
        async with asyncio.timeout(SOON):
            return await self._reader.readline()

    async def is_closed(self) -> bool:
        """Wait until the other side has closed the connection; whatever comes before is dropped."""
        async with asyncio.timeout(SOON):
            try:
                while await self._reader.read(65_536):
                    pass
            except ConnectionResetError:
                pass
            return True

    async def close(self) -> None:
        self._writer.transport.abort()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()


class Callers:
    """Connections that are closed when the block ends."""

    def __init__(self) -> None:
        self._connected: list[Caller] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        for one in self._connected:
            await one.close()

    async def connect(self, place: str | Path) -> Caller:
        caller = await Caller.connect(place)
        self._connected.append(caller)
        return caller


async def exchange(place: str | Path, *data: bytes) -> Answer:
    """Send something over a connection of its own, and give back the answer."""
    async with Callers() as callers:
        caller = await callers.connect(place)
        await caller.send(*data)
        return await caller.answer(has_body=not data[0].startswith(b"HEAD "))


def get(path: str, *headers: str, host: str | None = "localhost", method: str = "GET") -> bytes:
    """A request without a body, with these header lines."""
    lines = [f"{method} {path} HTTP/1.1", *([] if host is None else [f"Host: {host}"]), *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
