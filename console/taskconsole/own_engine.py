"""The console's own engine, which others can reach as long as the console is open."""

import asyncio
import contextlib
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from taskconsole.engine_news import is_live
from taskengine.client.local import LocalHandle
from taskengine.client.views import EngineStatus
from taskengine.engine import Engine
from taskengine.events import Event
from taskengine.problem import Problem, ProblemKind

if TYPE_CHECKING:
    from taskengine.http.server import Server


class OwnEngine(LocalHandle):
    """An engine in this process, with a server from when it is live until it is stopped.

    The server is imported on a thread, after all tasks are: neither they nor the screen wait for
    it. It listens at a socket, and at `port` or as the project's config says. What goes wrong with
    it is a problem of the project, and no more.
    """

    def __init__(self, engine: Engine, *, port: int | None = None) -> None:
        super().__init__(engine)
        self._served = engine
        self._port = port
        self._server: Server | None = None
        self._serving: asyncio.Task[None] | None = None
        self._hear_no_more: Callable[[], None] = lambda: None

    @property
    def status(self) -> EngineStatus:
        """The engine at a glance, and where others reach it over the network."""
        return replace(super().status, url=self._server.url if self._server else "")

    async def load(self) -> None:
        """Let the tasks' code be imported, then their schedules fire, then others call."""
        self._hear_no_more = self.listen(self._serve_once_live)
        await super().load()

    def _serve_once_live(self, batch: Sequence[Event]) -> None:
        if self._serving is None and any(map(is_live, batch)):
            self._hear_no_more()
            self._serving = asyncio.create_task(self._serve())

    async def _serve(self) -> None:
        try:
            module = await asyncio.to_thread(import_module, "taskengine.http.server")
            self._server = server = module.Server(self._served, port=self._port)
            await server.start(reports=True)
        except Exception as error:  # noqa: BLE001 - the console is of use without a server too
            problem = Problem(
                kind=ProblemKind.SERVER,
                message=f"the engine can't be reached by others: {error}",
                traceback=traceback.format_exc(),
            )
            await self._served.on_loop(self._raise(problem))

    async def _raise(self, problem: Problem) -> None:
        self._served.raise_problem(problem)

    async def stop(self, grace: float = 0.0) -> None:
        """Stop the engine, and with it the server, which tells others of the last runs' ends."""
        self._hear_no_more()
        if self._serving and not self._serving.done():
            self._serving.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._serving
        await super().stop(grace)
