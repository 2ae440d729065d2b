"""The server of an engine, for whoever starts and stops it. What it is made of is imported late."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Coroutine, Sequence
from contextvars import Context
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from taskengine.engine import Engine
from taskengine.errors import EngineNotRunning
from taskengine.http.access import Asked
from taskengine.http.limits import Limits
from taskengine.http.tcp_socket import ServerRefused

if TYPE_CHECKING:
    from taskengine.http.serving import Serving

__all__ = ["Server", "ServerRefused"]

STOP_GRACE = 2.0
_RELEASED_WITHIN = 5.0
_log = logging.getLogger(__name__)

T = TypeVar("T")


class Server:
    """Serves an engine that was started, on the engine's own loop.

    It listens at a unix socket, unless `socket` is False, and on the network if there is a `port`
    (0: one that is free). What is not given here comes from the config's `[server]` table, whose
    changes are taken up. `allowed_hosts` are names by which it may be called, besides the config's.

    `start` and `stop` may be awaited on any loop. A server is started once. It stops with its
    engine, when the runs are over: until then others can see them end.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        socket: bool = True,
        host: str | None = None,
        port: int | None = None,
        token: str | None = None,
        allowed_hosts: Sequence[str] = (),
        limits: Limits | None = None,
    ) -> None:
        self._engine = engine
        self._asked = Asked(host=host, port=port, token=token, allowed_hosts=allowed_hosts)
        self._wants_socket = socket
        self._limits = limits
        self._serving: Serving | None = None
        self._leave: Callable[[], None] = lambda: None

    @property
    def socket(self) -> Path | None:
        """The path of the socket it listens at, if it does."""
        return self._serving.socket if self._serving else None

    @property
    def url(self) -> str:
        """Where it is reached over the network; empty if it is not."""
        return self._serving.url if self._serving else ""

    async def start(self, *, reports: bool = False) -> None:
        """Take calls from now on.

        Raises EngineNotRunning; OSError, in words, where it can't listen; and ServerRefused for an
        address that others reach without a token. Nothing listens then. With `reports` the latter
        two become a problem of the project instead, what can listen does, and the rest is tried
        again every few seconds.
        """
        serving = await asyncio.to_thread(self._make)
        starting = asyncio.ensure_future(self._on_loop(partial(serving.start, reports=reports)))
        try:
            await asyncio.shield(starting)
            self._serving = serving  # before the engine may stop it
            self._leave = self._engine.company.take_along(self.stop)
        except BaseException:
            self._serving = None
            await asyncio.shield(asyncio.ensure_future(self._take_back(serving, starting)))
            raise

    async def stop(self, grace: float = STOP_GRACE) -> None:
        """Take no more calls. Streams end when they have told what has happened; calls in progress
        have `grace` seconds to be answered, and what they have started goes on without them.
        Whoever gives up waiting does not keep the server from stopping.
        """
        serving, self._serving = self._serving, None
        if serving is None:
            return
        self._leave()
        await asyncio.shield(asyncio.ensure_future(self._end(serving, grace)))

    async def _take_back(self, serving: "Serving", starting: "asyncio.Future[None]") -> None:
        """End a server whose start has failed, or whose starter gave up: a start is not broken off
        half-way, for sockets and threads would be left that nobody knows of.
        """
        await asyncio.wait({starting}, timeout=_RELEASED_WITHIN)
        starting.cancel()
        if starting.cancelled() or not starting.done() or starting.exception():
            await _release(serving)
        else:
            await self._end(serving, 0)

    async def _end(self, serving: "Serving", grace: float) -> None:
        try:
            if self._engine.is_alive:
                await self._on_loop(partial(serving.stop, grace))
        except EngineNotRunning:
            pass  # it was stopped meanwhile, and its loop has ended with all on it
        finally:
            await _release(serving)

    def _make(self) -> "Serving":
        """On a thread, for the imports take a tenth of a second that no loop can spare."""
        from taskengine.http.serving import Serving

        limits = self._limits or Limits()
        return Serving(self._engine, self._asked, limits, wants_socket=self._wants_socket)

    async def _on_loop(self, begin: Callable[[], Coroutine[Any, Any, T]]) -> T:
        return await self._engine.on_loop(_apart(begin))


async def _release(serving: "Serving") -> None:
    """On a thread of its own, which is left behind if it hangs, as it may on the filesystem of a
    machine that is gone. Neither the loop nor the end of the process waits for that.
    """
    loop, released = asyncio.get_running_loop(), asyncio.Event()

    def work() -> None:
        try:
            serving.release()
        finally:
            with contextlib.suppress(RuntimeError):  # nobody waits any more, and the loop is closed
                loop.call_soon_threadsafe(released.set)

    thread = threading.Thread(target=work, name="taskengine server end", daemon=True)
    try:
        Context().run(thread.start)
    except RuntimeError:  # there is no more thread to be had
        serving.release()
        return
    try:
        async with asyncio.timeout(_RELEASED_WITHIN):
            await released.wait()
    except TimeoutError:
        _log.error("the server's files can't be taken away, probably for a filesystem that hangs")
    else:
        thread.join()


async def _apart(begin: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Do something in a context of its own: whoever starts a server may be inside a run, and calls
    that come later have nothing to do with that.
    """
    return await asyncio.get_running_loop().create_task(begin(), context=Context())
