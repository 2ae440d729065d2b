"""Puts the console together: terminal, engine, handle and app, from the start to the end of all."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual.app import App

from taskconsole.app import ConsoleApp
from taskconsole.terminal.app_streams import attach
from taskconsole.terminal.driver import driver_class_for
from taskconsole.terminal.editor import edit, page
from taskconsole.terminal.signals import exit_on_signals
from taskconsole.terminal.tty import Terminal
from taskengine.client.local import LocalHandle
from taskengine.engine import Engine
from taskengine.history.sqlite.project_history import ProjectHistory


@dataclass(frozen=True, slots=True)
class TerminalPrograms:
    """The user's editor and pager, run on the console's terminal."""

    terminal: Terminal

    def edit(self, app: App[Any], path: Path, line: int) -> None:
        """Open a file in `$VISUAL` or `$EDITOR`. Raises NoProgram."""
        edit(app, self.terminal, path, line)

    def page(self, app: App[Any], path: Path) -> None:
        """Show a file in `$PAGER`. Raises NoProgram."""
        page(app, self.terminal, path)


def open_console(root: Path, *, scheduling: bool) -> int:
    """Show a project's console until the user leaves; gives back the exit code.

    Raises NoTerminal where there is nothing to draw on, EngineAlreadyRunning and HistoryTooNew
    where the project can't be had; the screen then is as it was.
    """
    with Terminal.claim() as terminal:
        history = ProjectHistory(root)
        history.claim()
        engine = Engine(root, capture="process", scheduler=scheduling, history=history)
        with engine.capture:
            handle = LocalHandle(engine)
            app = ConsoleApp(
                handle,
                programs=TerminalPrograms(terminal),
                driver_class=driver_class_for(terminal),
            )
            attach(app, terminal)
            asyncio.run(_run(app, handle))
    return app.return_code or 0


async def _run(app: ConsoleApp, handle: LocalHandle) -> None:
    exit_on_signals(app)
    try:
        await app.run_async()
    finally:
        await handle.stop()
