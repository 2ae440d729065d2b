"""An engine's event stream as a plain client reads it, byte by byte where that matters."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import httpx

from taskengine import Engine
from taskengine.client.local import LocalHandle
from taskengine.http.api.context import ApiContext
from taskengine.http.api.event_log import EventLog
from taskengine.http.api.state import States
from taskengine.http.api.stream import Wanted, messages
from taskengine.http.closing import Closing

SOON = 60.0


@dataclass(frozen=True)
class Message:
    """One message, whole. `data` is what its JSON says."""

    id: str
    name: str
    text: str

    @property
    def data(self) -> Any:
        return json.loads(self.text)

    @property
    def event(self) -> Any:
        """What happened, of a message that tells of an event."""
        return self.data["event"]


class Reader:
    """Makes messages of bytes that come in pieces; what is not whole is never given out."""

    def __init__(self) -> None:
        self._rest = b""
        self.pings = 0

    def feed(self, piece: bytes) -> list[Message]:
        *blocks, self._rest = (self._rest + piece).split(b"\n\n")
        messages = []
        for block in blocks:
            lines = block.decode().split("\n")
            if lines == [": ping"]:
                self.pings += 1
                continue
            fields = dict(line.split(": ", 1) for line in lines)
            messages.append(Message(fields["id"], fields["event"], fields["data"]))
        return messages


class EventStream:
    """A stream that is open; `seen` are the messages that were read so far."""

    def __init__(self, pieces: AsyncIterator[bytes], headers: httpx.Headers | None = None) -> None:
        self.headers = headers or httpx.Headers()
        self.seen: list[Message] = []
        self._pieces = pieces
        self._reader = Reader()
        self._unread: list[Message] = []

    @property
    def last_id(self) -> str:
        return self.seen[-1].id

    async def next(self) -> Message | None:
        """The next message; None at the end of the stream."""
        async with asyncio.timeout(SOON):
            while not self._unread:
                piece = await anext(self._pieces, None)
                if piece is None:
                    return None
                self._unread += self._reader.feed(piece)
        self.seen.append(self._unread.pop(0))
        return self.seen[-1]

    async def until(self, name: str, where: Callable[[Any], bool] = lambda _: True) -> Message:
        """The next message of a name, whose data is as it should be."""
        while message := await self.next():
            if message.name == name and where(message.data):
                return message
        raise AssertionError(f"the stream ended before {name}")

    async def rest(self) -> list[Message]:
        """All that comes until the stream ends."""
        found = []
        while message := await self.next():
            found.append(message)
        return found


def raw_pieces(
    response: httpx.Response, size: int | None = None
) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
    """An answer's bytes as they come, or so many at a time; closed at the end."""
    return aclosing(cast("AsyncGenerator[bytes, None]", response.aiter_raw(size)))


@asynccontextmanager
async def event_stream(
    client: httpx.AsyncClient, query: str = "", last_id: str = ""
) -> AsyncIterator[EventStream]:
    """An open stream."""
    headers = {"Last-Event-ID": last_id} if last_id else {}
    async with client.stream("GET", f"/api/v1/events{query}", headers=headers) as response:
        assert response.status_code == 200, await response.aread()
        async with raw_pieces(response) as pieces:
            yield EventStream(pieces, response.headers)


@asynccontextmanager
async def inner_stream(
    engine: Engine, log: EventLog | None = None, **wanted: Any
) -> AsyncIterator[EventStream]:
    """A stream without a server around it, on the test's own loop: it goes on only when it is read,
    to the byte, and needs nothing that ends with the engine.
    """
    handle = LocalHandle(engine)
    context = ApiContext(engine, handle, Closing(), log or EventLog(engine), States(engine, handle))
    async with aclosing(messages(context, Wanted(**wanted))) as pieces:
        yield EventStream(pieces)


def lines_of(messages: list[Message], run_id: int) -> dict[int, str]:
    """The texts of a run's lines by number; a line that is told twice must be the same."""
    found: dict[int, str] = {}
    for message in messages:
        if message.name == "Lines" and message.data["run"] == run_id:
            for number, line in enumerate(message.data["lines"], message.data["start"]):
                assert number not in found, f"line {number} of run {run_id} was told twice"
                found[number] = line[3]
    return found
