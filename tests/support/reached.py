"""One engine, seen through each kind of handle."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, TypeVar

from support.events import SOON, Events
from support.served import serving
from taskengine import Engine
from taskengine.client.handle import Handle
from taskengine.client.local import LocalHandle
from taskengine.client.remote.handle import RemoteHandle
from taskengine.events import Event
from taskengine.output import Output, OutputLine
from taskengine.records import StateKind

E = TypeVar("E", bound=Event)
TOKEN = "a-token-for-tests"


class Way(StrEnum):
    """How a handle reaches its engine."""

    LOCAL = "in this process"
    SOCKET = "over a socket"
    NETWORK = "over the network"


@dataclass
class Heard:
    """What a handle has told its listener, and what is waited for of it."""

    seen: list[Event] = field(default_factory=list)
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _read: int = 0

    def __call__(self, batch: Sequence[Event]) -> None:
        self.seen += batch
        self._arrived.set()

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.seen if isinstance(event, kind)]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for what holds after some event."""
        async with asyncio.timeout(SOON):
            while not condition():
                self._arrived.clear()
                await self._arrived.wait()

    async def next(self, kind: type[E], where: Callable[[E], bool] = lambda _: True) -> E:
        """The next event of a kind, after the one that was last waited for."""
        found: list[E] = []

        def look() -> bool:
            while self._read < len(self.seen) and not found:
                event = self.seen[self._read]
                self._read += 1
                if isinstance(event, kind) and where(event):
                    found.append(event)
            return bool(found)

        await self.until(look)
        return found[0]


@asynccontextmanager
async def reached(engine: Engine, way: Way) -> AsyncIterator[tuple[Handle, Heard]]:
    """A handle of an engine that lives already."""
    heard = Heard()
    if way is Way.LOCAL:
        local = LocalHandle(engine)
        stop_listening = local.listen(heard)
        yield local, heard
        stop_listening()
        return
    options: dict[str, Any] = {} if way is Way.SOCKET else {"port": 0, "token": TOKEN}
    async with serving(engine, **options) as server:
        address = server.socket if way is Way.SOCKET else server.url
        assert address
        token = TOKEN if way is Way.NETWORK else None
        async with attached(RemoteHandle(address, token=token, clock=engine.clock)) as handle:
            handle.listen(heard)
            yield handle, heard


@asynccontextmanager
async def attached(handle: RemoteHandle) -> AsyncIterator[RemoteHandle]:
    """A handle that was started, and leaves at the end."""
    try:
        await handle.start()
        yield handle
    finally:
        await handle.stop()


def facts(handle: Handle) -> dict[str, object]:
    """All that a handle tells at once, but for how the engine was reached."""
    names = [view.name for view in handle.tasks()]
    return {
        "status": replace(handle.status, address="", url=""),
        "tasks": tuple(handle.tasks()),
        "task_status": {name: handle.task_status(name) for name in names},
        "statistics": {name: handle.statistics(name) for name in names},
        "next_fires": {name: tuple(handle.next_fires(name, 5)) for name in names},
        "next_schedule": {name: handle.next_schedule(name) for name in names},
        "problems": tuple(handle.problems()),
        "active": tuple(handle.active_runs()),
        "agenda": tuple(handle.agenda(50)),
        "delayed": tuple(handle.delayed_runs()),
        "missed": tuple(handle.missed_fires()),
        "kept": {kind: dict(handle.kept(kind)) for kind in StateKind},
    }


async def texts(output: Output | None, start: int = 0, stop: int | None = None) -> list[str]:
    """The texts of the lines of an output, once they are at hand."""
    assert output is not None
    await output.fetch(0, 0)
    stop = output.extent.total if stop is None else stop
    found: list[str] = []
    for first in range(start, stop, 5_000):
        last = min(first + 5_000, stop)
        await output.fetch(first, last)
        assert output.has(first, last)
        found += [OutputLine.decode(line).text for line in output.read(first, last)]
    return found


async def soon(condition: Callable[[], bool]) -> None:
    """Wait for what no event tells of."""
    async with asyncio.timeout(SOON):
        while not condition():  # noqa: ASYNC110 - there is nothing to wait for
            await asyncio.sleep(0.01)


@asynccontextmanager
async def living(engine: Engine) -> AsyncIterator[Events]:
    """An engine with its tasks loaded, which gives no grace at the end."""
    events = Events(engine)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(engine.stop, 0)
        await engine.start()
        await events.live()
        yield events
