"""A server at work on the engine's loop: its two ways in, and what they share."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from taskengine.client.local import LocalHandle
from taskengine.engine import Engine
from taskengine.http.access import Asked
from taskengine.http.app import application
from taskengine.http.context import ServedEngine, is_near
from taskengine.http.door import SocketDoor
from taskengine.http.guard import Guard
from taskengine.http.limits import Limits
from taskengine.http.listener import Listener
from taskengine.http.network import Network
from taskengine.http.nitro.discovery import Discovery, Place
from taskengine.http.peer import check_peer
from taskengine.http.tcp_socket import ServerRefused
from taskengine.http.unix_socket import UnixSocket
from taskengine.problem import Problem, ProblemKind

_MOVE_GRACE = 2.0
_Fault = OSError | ServerRefused


class Serving:
    """Takes calls for an engine, from `start` to `stop`."""

    def __init__(self, engine: Engine, asked: Asked, limits: Limits, *, wants_socket: bool) -> None:
        self._engine = engine
        self._asked = asked
        self._limits = limits
        self._served = ServedEngine(engine, LocalHandle(engine), is_near)
        self._app = application(self._served, limits)
        self._unix = UnixSocket(engine.root or Path.cwd()) if wants_socket else None
        self._discovery = Discovery(engine.root or Path.cwd())
        self._at_socket: Listener | None = None
        self._network = Network(self._app, limits)
        self._announced: tuple[Path | None, str] = None, ""
        self._moving = asyncio.Lock()
        self._moves: set[asyncio.Task[None]] = set()
        self._follow_no_more: Callable[[], None] = lambda: None

    @property
    def socket(self) -> Path | None:
        """The path of the socket, if there is one."""
        return self._unix.path if self._unix else None

    @property
    def url(self) -> str:
        """Where it is on the network, if it is there."""
        return self._network.url

    async def start(self, *, reports: bool) -> None:
        """Take calls. Raises OSError and ServerRefused, or reports them as a problem."""
        try:
            faults = [*await self._open_socket(), *await self._move(0)]
            if faults and not reports:
                raise faults[0]
            await self._announce(faults)
        except BaseException:
            await self.stop(0)
            raise
        self._follow_no_more = self._engine.follow_config(self._follow)

    async def stop(self, grace: float) -> None:
        """Take no more calls, and give those in progress `grace` seconds."""
        self._follow_no_more()
        if any(self._announced):
            self._engine.announce(None, "")
        self._served.closing.begin()
        async with self._moving:
            ways = [self._network.stop(grace)]
            if self._at_socket:
                ways.append(self._at_socket.stop(grace))
            await asyncio.gather(*ways)

    def release(self) -> None:
        """Give back what does not need the engine to live. On any thread."""
        self._served.closing.begin()
        if self._unix:
            self._unix.close()
        self._discovery.withdraw()
        self._served.handle.close()

    async def _open_socket(self) -> list[_Fault]:
        if self._unix is None:
            return []
        try:
            bound = self._unix.open()
        except OSError as error:
            return [error]
        app = Guard(self._app, SocketDoor)
        self._at_socket = Listener(app, bound, self._limits, check_peer)
        await self._at_socket.start()
        return []

    def _follow(self) -> None:
        """Take up what the config says now, in the background."""
        move = asyncio.get_running_loop().create_task(self._move_on())
        self._moves.add(move)
        move.add_done_callback(self._moves.discard)

    async def _move_on(self) -> None:
        faults = await self._move(_MOVE_GRACE)
        if not self._served.closing.has_begun:
            await self._announce(faults)

    async def _move(self, grace: float) -> list[_Fault]:
        async with self._moving:
            if self._served.closing.has_begun:
                return []
            try:
                access = self._asked.access(self._engine.catalog.config.server)
                await self._network.move(access, grace)
            except (OSError, ServerRefused) as error:
                await self._network.stop(grace)
                return [error]
            return []

    async def _announce(self, faults: list[_Fault]) -> None:
        """Say where it listens now, and what keeps it from listening elsewhere."""
        if self._announced != (self.socket, self.url):
            self._announced = self.socket, self.url
            self._engine.announce(self.socket, self.url)
        messages = [_words(fault) for fault in faults] or await self._publish()
        if messages:
            self._engine.raise_problem(_problem(messages, self._engine.catalog.config.path))
        else:
            self._engine.clear_problem(ProblemKind.SERVER)

    async def _publish(self) -> Sequence[str]:
        """Let Nitro's own command line find the server, if that is wanted; what is in the way."""
        config = self._engine.catalog.config.server
        async with self._moving:
            if self._served.closing.has_begun:
                return []
            place = Place(self.url, asks_for_token=self._network.asks_for_token)
            return await asyncio.to_thread(
                self._discovery.follow, place if config.nitro_compat else None
            )


def _words(fault: _Fault) -> str:
    return (fault.strerror if isinstance(fault, OSError) else None) or str(fault)


def _problem(messages: Sequence[str], config: Path | None) -> Problem:
    return Problem(
        kind=ProblemKind.SERVER,
        message=". ".join(messages),
        path=config,
        hint="mend the [server] table, or what started the engine; runs go on meanwhile",
    )
