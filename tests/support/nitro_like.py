"""A web server on a real socket that answers as Nitro does, or as badly as a test wants."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

JSON = "application/json"


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """An answer; `raw` is sent in its place, whatever it is."""

    body: bytes = b""
    status: int = 200
    kind: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes = b""

    def encode(self) -> bytes:
        if self.raw:
            return self.raw
        headers = {"content-type": self.kind, "content-length": len(self.body), **self.headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"HTTP/1.1 {self.status} Some\r\n{lines}\r\n".encode() + self.body


Task = Callable[[Any], Awaitable[Reply]]


def said(value: object, status: int = 200) -> Reply:
    """An answer in JSON."""
    return Reply(json.dumps(value).encode(), status)


def page(text: str = "<!DOCTYPE html><html><body>hello</body></html>") -> Reply:
    """A web page."""
    return Reply(text.encode(), kind="text/html")


# Errors as they were recorded from the real ones, with shorter stacks.

ERROR_OF_2 = said(
    {
        "error": True,
        "url": "http://127.0.0.1:3000/_nitro/tasks/db:broken",
        "statusCode": 500,
        "statusMessage": "Server Error",
        "message": "no such table: users",
        "stack": ["no such table: users", "at Object.run (/app/server/tasks/db/broken.mjs:3:16)"],
    },
    500,
)
ERROR_OF_3 = said(
    {
        "error": True,
        "stack": ["no such table: users", "at Object.run (/app/server/tasks/db/broken.mjs:3:16)"],
        "status": 500,
        "unhandled": True,
        "message": "HTTPError",
    },
    500,
)


class NitroLike:
    """What it lists and what its tasks do can be changed at any time.

    `odd` answers in the place of what is meant for a path; `asked` has all that was asked.
    """

    def __init__(self) -> None:
        self.tasks: dict[str, object] = {
            "cms:update": {},
            "db:migrate": {"description": "Run database migrations"},
        }
        self.schedules: object = [{"cron": "0 3 * * *", "tasks": ["db:migrate"]}]
        self.bodies: dict[str, Task] = {}
        self.odd: dict[str, Reply] = {}
        self.asked: list[Request] = []
        self._port = 0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[object]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Listen, the second time on the same port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listen no more, and hang up on everybody."""
        if self._server:
            self._server.close()
        for writer in tuple(self._open):
            writer.transport.abort()
        await asyncio.gather(*self._serving)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        task = asyncio.current_task()
        assert task
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        try:
            while request := await _request(reader):
                self.asked.append(request)
                answering = asyncio.ensure_future(self._answer(request))
                gone = asyncio.ensure_future(reader.read(1))  # nobody sends two calls at once
                await asyncio.wait({answering, gone}, return_when=asyncio.FIRST_COMPLETED)
                gone.cancel()
                await asyncio.gather(gone, return_exceptions=True)
                if not answering.done():
                    answering.cancel()
                    return
                writer.write(answering.result().encode())
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # the other side hung up
        finally:
            self._open.discard(writer)
            writer.close()

    async def _answer(self, request: Request) -> Reply:
        if odd := self.odd.get(request.path):
            return odd
        if request.path == "/_nitro/tasks":
            return said({"tasks": self.tasks, "scheduledTasks": self.schedules})
        name = unquote(request.path.removeprefix("/_nitro/tasks/"))
        if name not in self.tasks:
            return said({"error": True, "statusCode": 404, "message": "not available!"}, 404)
        payload = json.loads(request.body)["payload"]
        body = self.bodies.get(name)
        return await body(payload) if body else said({"result": payload})


@asynccontextmanager
async def nitro_like() -> AsyncIterator[NitroLike]:
    """A server that is gone at the end."""
    server = NitroLike()
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


async def _request(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, path, _ = first.split(" ")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, path, headers, body)
