"""How a console that is attached to another one's engine comes to have the project's own."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from taskconsole.claiming import LOOK_EVERY, SILENT, SOON, claim
from taskengine.errors import EngineAlreadyRunning
from taskengine.history.sqlite.project_history import ProjectHistory


class EngineStart:
    """How a project's engine is to be started in this process, if the user wants that.

    `history` is the project's, held for that engine, once it was taken.
    """

    def __init__(self, root: Path, *, scheduling: bool = True, port: int | None = None) -> None:
        self.root = root
        self.scheduling = scheduling
        self.port = port
        self.history: ProjectHistory | None = None

    async def take(self, ended: int | None, waits: Callable[[], None]) -> None:
        """Hold the project, for an engine to come."""
        loop = asyncio.get_running_loop()
        began, is_told = loop.time(), False
        while self.history is None:
            try:
                self.history = await asyncio.to_thread(claim, self.root)
            except EngineAlreadyRunning as error:
                waited = loop.time() - began
                if waited > SOON or error.pid not in {None, ended}:
                    raise
                if waited > SILENT and not is_told:
                    is_told = True
                    waits()
                await asyncio.sleep(LOOK_EVERY)

    def give_up(self) -> None:
        """Hold the project no more: no engine is started in the end."""
        if self.history:
            self.history.release()
            self.history = None
