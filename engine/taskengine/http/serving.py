"""A server at work on the engine's loop: its two ways in, and what keeps them open."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from taskengine.client.local import LocalHandle
from taskengine.engine import Engine
from taskengine.http.access import Asked
from taskengine.http.app import application
from taskengine.http.context import ServedEngine, is_near
from taskengine.http.limits import Limits
from taskengine.http.network import Network
from taskengine.http.nitro.discovery import Discovery, Place
from taskengine.http.tcp_socket import ServerRefused
from taskengine.http.unix_socket import UnixSocket
from taskengine.problem import Problem, ProblemKind

LOOKS_EVERY = 3.0  # seconds between looks whether a way in is blocked, or has opened again
_MOVE_GRACE = 2.0
_UPKEEP_ENDS_WITHIN = 5.0
_MEND = "mend the [server] table, or what started the engine; runs go on meanwhile"
_AGAIN = "it is tried again every few seconds, and after a change of the [server] table"
_Fault = OSError | ServerRefused
_log = logging.getLogger(__name__)


class Serving:
    """Takes calls for an engine, from `start` to `stop`."""

    def __init__(self, engine: Engine, asked: Asked, limits: Limits, *, wants_socket: bool) -> None:
        self._engine = engine
        self._asked = asked
        self._served = ServedEngine(engine, LocalHandle(engine), is_near)
        app = application(self._served, limits)
        root = engine.root or Path.cwd()
        self._unix_socket = UnixSocket(root, app, limits) if wants_socket else None
        self._network = Network(app, limits)
        self._discovery = Discovery(root)
        self._network_fault: _Fault | None = None
        self._told: tuple[object, ...] = ()
        self._has_changed = asyncio.Event()
        self._upkeep: asyncio.Task[None] | None = None
        self._follow_no_more: Callable[[], None] = lambda: None

    @property
    def socket(self) -> Path | None:
        """The path of the socket, if there is one."""
        return self._unix_socket.path if self._unix_socket else None

    @property
    def url(self) -> str:
        """Where it is on the network, if it is there."""
        return self._network.url

    async def start(self, *, reports: bool) -> None:
        """Take calls. Raises OSError and ServerRefused; or reports them as a problem, and tries
        again.
        """
        self._follow_no_more = self._engine.follow_config(self._take_up_config)
        try:
            faults = [*await self._uphold_socket(), *await self._move(0)]
            if faults and not reports:
                raise faults[0]
            await self._tell(faults)
        except BaseException:
            await self.stop(0)
            raise
        self._upkeep = asyncio.get_running_loop().create_task(self._keep_up())

    async def stop(self, grace: float) -> None:
        """Take no more calls, and give those in progress `grace` seconds."""
        self._follow_no_more()
        self._engine.announcements.put(self, None, "")
        self._engine.clear_problem(ProblemKind.SERVER, of=self)
        self._served.closing.begin()
        await self._end_upkeep()
        ways = (self._network, self._unix_socket)
        await asyncio.gather(*(way.stop(grace) for way in ways if way))

    def release(self) -> None:
        """Give back what does not need the engine to live. On any thread; it may take its time."""
        self._served.closing.begin()
        if self._unix_socket:
            self._unix_socket.close()
        self._discovery.close()
        self._served.handle.close()

    def _take_up_config(self) -> None:
        """Who may call over the network counts at once, whatever the upkeep is at: it may have to
        wait for a filesystem. The rest is up to it.
        """
        with contextlib.suppress(ServerRefused):  # which it will see for itself
            self._want_access()
        self._has_changed.set()

    def _want_access(self) -> None:
        """Want on the network what the config says. Raises ServerRefused."""
        access = None
        try:
            access = self._asked.access(self._engine.catalog.config.server)
        finally:
            self._network.want(access)

    async def _keep_up(self) -> None:
        """Go where the config says, at once; and look from time to time whether others can still
        come, and whether what was in the way has gone.
        """
        while not self._served.closing.has_begun:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._has_changed.wait(), LOOKS_EVERY)
            has_changed = self._has_changed.is_set()
            self._has_changed.clear()
            try:
                await self._look(has_changed=has_changed)
            except Exception:  # noqa: BLE001 - the next look may go well
                _log.exception("the server could not look after its ways in")

    async def _look(self, *, has_changed: bool) -> None:
        faults = await self._uphold_socket()
        if has_changed or isinstance(self._network_fault, OSError):
            await self._move(_MOVE_GRACE)
        if self._network_fault:
            faults.append(self._network_fault)
        if not self._served.closing.has_begun:
            await self._tell(faults, anew=has_changed)
            await self._engine.announcements.uphold()

    async def _end_upkeep(self) -> None:
        """It is not cancelled, which might leave half a move; but what hangs is left behind, such
        as a look at a network filesystem that is dead.
        """
        if self._upkeep is None:
            return
        self._has_changed.set()
        _, late = await asyncio.wait([self._upkeep], timeout=_UPKEEP_ENDS_WITHIN)
        if late:
            self._upkeep.cancel()
            _log.error("the server's upkeep hangs, probably on a filesystem: it is left behind")

    async def _uphold_socket(self) -> list[_Fault]:
        if self._unix_socket is None or self._served.closing.has_begun:
            return []
        try:
            await self._unix_socket.uphold()
        except OSError as error:
            return [error]
        return []

    async def _move(self, grace: float) -> list[_Fault]:
        if self._served.closing.has_begun:
            return []
        self._network_fault = None
        try:
            self._want_access()
            await self._network.move(grace)
        except (OSError, ServerRefused) as error:
            self._network_fault = error
            await self._network.stop(grace)
            return [error]
        return []

    async def _tell(self, faults: Sequence[_Fault], *, anew: bool = False) -> None:
        """Say where it listens now, and what keeps it from listening elsewhere."""
        told = (self.socket, self.url, *map(_words, faults))
        if told == self._told and not anew:
            return
        self._told = told
        self._engine.announcements.put(self, self.socket, self.url)
        messages = [*map(_words, faults), *await self._publish()]
        if self._served.closing.has_begun:
            return
        if messages:
            is_tried_again = any(isinstance(fault, OSError) for fault in faults)
            problem = Problem(
                kind=ProblemKind.SERVER,
                message=". ".join(messages),
                path=self._engine.catalog.config.path,
                hint=_AGAIN if is_tried_again else _MEND,
            )
            self._engine.raise_problem(problem, of=self)
        else:
            self._engine.clear_problem(ProblemKind.SERVER, of=self)

    async def _publish(self) -> Sequence[str]:
        """Let Nitro's own command line find the server, if that is wanted; what is in the way."""
        is_wanted = self._engine.catalog.config.server.nitro_compat and not self._network_fault
        place = Place(self.url, asks_for_token=self._network.asks_for_token)
        return await asyncio.to_thread(self._discovery.follow, place if is_wanted else None)


def _words(fault: _Fault) -> str:
    return (fault.strerror if isinstance(fault, OSError) else None) or str(fault)
