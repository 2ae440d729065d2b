"""A wire between a client and a server that can be cut, at any byte, and held up."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

_CHUNK = 4_096


class CutWire:
    """Passes on what comes to `path`, a unix socket, to another socket.

    With `cuts_after` every connection breaks after some number of bytes up to that, drawn by
    `seed`. `passed` counts the bytes that have come back through it.
    """

    def __init__(self, path: Path, behind: Path, seed: int = 1) -> None:
        self.path = path
        self.behind = behind
        self.cuts = 0
        self.passed = 0
        self.cuts_after: int | None = None
        self._random = random.Random(seed)
        self._passes = asyncio.Event()
        self._passes.set()
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_used(self) -> bool:
        """Whether there is a connection."""
        return bool(self._open)

    async def start(self) -> None:
        """Take connections."""
        self._server = await asyncio.start_unix_server(self._connect, self.path)

    async def stop(self) -> None:
        """Take no more, and cut those there are."""
        if self._server:
            self._server.close()
            self.cut()
            await self._server.wait_closed()
            self._server = None
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.path.unlink(missing_ok=True)

    def cut(self) -> None:
        """Break all connections at once."""
        for writer in tuple(self._open):
            writer.transport.abort()

    @contextmanager
    def held_up(self) -> Iterator[None]:
        """Let nothing pass meanwhile, without breaking anything."""
        self._passes.clear()
        try:
            yield
        finally:
            self._passes.set()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            other_reader, other_writer = await asyncio.open_unix_connection(self.behind)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, other_writer}
        self._open |= ends
        limit = None if self.cuts_after is None else self._random.randint(1, self.cuts_after)
        there = asyncio.create_task(self._pass(reader, other_writer))
        back = asyncio.create_task(self._pass_back(other_reader, writer, limit))
        self._tasks |= {there, back}
        try:
            await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (there, back):
                task.cancel()
            for end in ends:
                end.transport.abort()
            self._open -= ends
            self._tasks -= {there, back}

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while chunk := await reader.read(_CHUNK):
                await self._passes.wait()
                writer.write(chunk)
                await writer.drain()

    async def _pass_back(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limit: int | None
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while chunk := await reader.read(_CHUNK):
                await self._passes.wait()
                self.passed += len(chunk)
                writer.write(chunk if limit is None else chunk[:limit])
                await writer.drain()
                if limit is not None and (limit := limit - len(chunk)) <= 0:
                    self.cuts += 1
                    return


@asynccontextmanager
async def wire_to(behind: Path | None, seed: int = 1) -> AsyncIterator[CutWire]:
    """A wire to a socket that is gone at the end."""
    assert behind, "there is no socket"
    with TemporaryDirectory(prefix="w", dir="/tmp") as folder:  # a socket's path must be short
        wire = CutWire(Path(folder) / "s", behind, seed)
        await wire.start()
        try:
            yield wire
        finally:
            await wire.stop()
