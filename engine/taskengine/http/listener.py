"""One way in: a listening socket, and those who have come by it."""

import asyncio
import os
import socket
import weakref
from collections.abc import Callable, Iterable
from email.utils import formatdate
from functools import lru_cache
from time import time

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.server import ServerState

from taskengine.http.limits import Limits
from taskengine.http.protocol import Connection
from taskengine.http.turned_away import TurnedAway

# So many are accepted at a time before the crowd is counted,
_ACCEPTED_AT_ONCE = 128
# and so many may wait for that: at a socket whose queue is full, callers are turned back at once.
_WAITING = 4_096
_STOPPING = "The server is stopping"
_CROWDED = "The server has as many calls in progress as it takes at once"
_LAST_WORD_SECONDS = 0.3
_CANCEL_SECONDS = 1.0

Admit = Callable[[socket.socket], None]


class Listener:
    """Serves `app` to whoever connects to `bound`, a socket that is bound already, on the loop at
    hand. `admit` is given each connection's socket, and raises TurnedAway to keep it out.

    It is uvicorn's protocol without its server, which would ask ten times a second whether it is
    to stop, and would take over signals.
    """

    def __init__(
        self, app: ASGIApp, bound: socket.socket, limits: Limits, admit: Admit | None = None
    ) -> None:
        self.socket = bound
        self._app = app
        self._limits = limits
        self._admit = admit
        self._config = _config(self._call)
        self._state = _State()
        self._connections: dict[Connection, None] = {}
        self._server: asyncio.Server | None = None
        self._end_with_loop: asyncio.Task[None] | None = None
        self._is_closing = False

    async def start(self) -> None:
        """Take calls from now on."""
        self._server = await self._listen()
        self._end_with_loop = asyncio.get_running_loop().create_task(self._close_at_end())

    async def move(self, bound: socket.socket) -> None:
        """Take calls at another socket from now on, and at the one before no more. Whoever has come
        by that stays.
        """
        (left, self.socket), server = (self.socket, bound), self._server
        self._server = await self._listen()
        if server:
            await _leave(server, left)

    async def _listen(self) -> asyncio.Server:
        _listening.add(self.socket)
        server = await asyncio.get_running_loop().create_server(
            self._connect, sock=self.socket, backlog=_ACCEPTED_AT_ONCE
        )
        self.socket.listen(_WAITING)
        return server

    async def stop(self, grace: float) -> None:
        """Take no more calls, and give those in progress `grace` seconds to be answered; then they
        are told that the server stops. Streams, which would go on, have a moment for a last word.
        """
        await self._listen_no_more()
        for one in self._present():
            one.end()
        moment = min(grace, _LAST_WORD_SECONDS)
        await self._all_gone(moment)
        _abort(one for one in self._present() if one.is_streaming)
        await self._all_gone(grace - moment)
        for one in self._present():
            if not (one.is_idle or one.is_streaming):
                one.turn_away(TurnedAway(503, _STOPPING))
        _abort(self._present())
        await asyncio.sleep(0)  # those who answer see that nobody is there
        await self._cancel_calls()
        if self._end_with_loop:
            self._end_with_loop.cancel()

    async def _close_at_end(self) -> None:
        """Leave nothing open when the loop ends, whether or not there was a `stop` before."""
        try:
            await asyncio.Event().wait()
        finally:
            await self._listen_no_more()
            _abort(self._present())

    async def _listen_no_more(self) -> None:
        self._is_closing = True
        server, self._server = self._server, None
        if server:
            await _leave(server, self.socket)
        self.socket.close()

    async def _all_gone(self, seconds: float) -> None:
        """Wait until everybody has their answer, and has taken it."""
        if present := self._present():
            await asyncio.wait([one.gone for one in present], timeout=seconds)

    async def _cancel_calls(self) -> None:
        """End those whose callers are gone. What they have started goes on."""
        if calls := tuple(self._state.tasks):
            for call in calls:
                call.cancel()
            await asyncio.wait(calls, timeout=_CANCEL_SECONDS)

    async def _call(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            if not self._is_closing:
                raise

    def _connect(self) -> Connection:
        return Connection(self._config, self._state, self._limits, self._receive)

    def _receive(self, connection: Connection) -> None:
        if self._admit:
            self._admit(connection.transport.get_extra_info("socket"))
        if self._is_closing:
            raise TurnedAway(503, _STOPPING)
        self._make_room()
        self._connections[connection] = None
        _connected.add(connection)

    def _make_room(self) -> None:
        """Keep the crowd within its limit: whoever has been idle longest goes."""
        present = self._present()
        if len(present) < self._limits.connections:
            return
        idle = next((one for one in present if one.is_at_rest), None)
        if idle is None:
            raise TurnedAway(503, _CROWDED)
        self._connections.pop(idle)
        idle.abort()

    def _present(self) -> tuple[Connection, ...]:
        """Who is here, in the order they came."""
        self._connections = {
            one: None for one in self._connections if one in self._state.connections
        }
        return tuple(self._connections)


async def _leave(server: asyncio.Server, bound: socket.socket) -> None:
    """Take no more calls at a socket. Whoever was accepted in this round of the loop becomes a
    connection in the next, and only if asyncio's server is open: else it would be neither that nor
    closed.
    """
    if bound.fileno() >= 0:
        asyncio.get_running_loop().remove_reader(bound)
        await asyncio.sleep(0)
    server.close()
    bound.close()


def _abort(connections: Iterable[Connection]) -> None:
    for one in connections:
        one.abort()


class _State(ServerState):
    """What uvicorn's protocols share. Its server would renew the date each second."""

    @property
    def default_headers(self) -> list[tuple[bytes, bytes]]:
        """The headers of every answer."""
        return [(b"date", _date(int(time())))]

    @default_headers.setter
    def default_headers(self, headers: list[tuple[bytes, bytes]]) -> None:
        """Pass over what uvicorn begins with."""


@lru_cache(maxsize=1)
def _date(second: int) -> bytes:
    return formatdate(second, usegmt=True).encode()


def _config(app: ASGIApp) -> Config:
    """Without what would change the process: its logging, its workers, its trust in proxies."""
    config = Config(
        app,
        http="httptools",
        ws="none",
        interface="asgi3",
        lifespan="off",
        log_config=None,
        workers=1,
        proxy_headers=False,
    )
    config.load()
    return config


# A child that a task forks would go on listening when this process is gone, and never answer; and
# callers would never see that their connection has ended.
_listening: "weakref.WeakSet[socket.socket]" = weakref.WeakSet()
_connected: "weakref.WeakSet[Connection]" = weakref.WeakSet()


def _let_go_in_child() -> None:
    for one in tuple(_listening):
        one.close()
    nothing = os.open(os.devnull, os.O_RDWR)
    for connection in tuple(_connected):
        # Its number has to stay in use: the child has the loop's objects, which would close it.
        if (number := connection.transport.get_extra_info("socket").fileno()) >= 0:
            os.dup2(nothing, number, inheritable=False)
    os.close(nothing)


os.register_at_fork(after_in_child=_let_go_in_child)
