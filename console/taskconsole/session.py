"""Puts the console together: terminal, engine, handle and app, from the start to the end of all."""

import asyncio
import contextlib
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual.app import App

from taskconsole.app import ConsoleApp
from taskconsole.engine_news import where
from taskconsole.notices import Notice
from taskconsole.own_engine import OwnEngine
from taskconsole.phrases import plain
from taskconsole.terminal import app_streams
from taskconsole.terminal.driver import driver_class_for
from taskconsole.terminal.editor import edit, page
from taskconsole.terminal.signals import exit_on_signals
from taskconsole.terminal.tty import Terminal
from taskengine.client.handle import Handle
from taskengine.engine import Engine
from taskengine.errors import EngineAlreadyRunning
from taskengine.history.sqlite.project_history import ProjectHistory

_SOON = 3.0  # seconds in which an engine that has begun can be reached, as a rule
_LOOK_EVERY = 0.05
_SILENT = 0.3  # seconds that one may wait without a word

Connect = Callable[[], Awaitable[Handle]]


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


def open_console(root: Path, *, scheduling: bool, port: int | None = None) -> int:
    """Show a project's console until the user leaves; gives back the exit code.

    Its engine runs in here, and takes HTTP calls at a `port` if there is one. Where another engine
    is at work on the project already, the console is attached to that.

    Raises NoTerminal where there is nothing to draw on, and EngineAlreadyRunning, EngineUnreachable
    and HistoryTooNew where the project can't be had; the screen then is as it was.
    """
    with Terminal.claim() as terminal:
        try:
            history = _claimed(root)
        except EngineAlreadyRunning as error:
            if error.socket is None:
                raise
            ignored = [] if scheduling else ["--no-schedule"]
            ignored += [] if port is None else ["--port"]
            return _attached(terminal, _connect_to(error), ignored)
        engine = Engine(root, capture="process", scheduler=scheduling, history=history)
        with engine.capture:
            handle = OwnEngine(engine, port=port)
            app = _app(handle, terminal)
            app_streams.leave_to_capture(app)
            asyncio.run(_run(app, handle))
    return app.return_code or 0


def attach_console(connect: Connect) -> int:
    """Show the console of an engine elsewhere until the user leaves; gives back the exit code.

    Raises NoTerminal, and what `connect` raises or the handle that it gives, when that is started.
    """
    with Terminal.claim() as terminal:
        return _attached(terminal, connect)


def _claimed(root: Path) -> ProjectHistory:
    """The project's history, for this console alone, or shared with commands that have no server.
    Raises EngineAlreadyRunning, with a socket unless the other engine does not come to have one.
    """
    began, is_told = time.monotonic(), False
    while True:
        try:
            return _claim(root, exclusive=True)
        except EngineAlreadyRunning as error:
            if error.socket is not None:
                raise
        try:
            return _claim(root, exclusive=False)
        except EngineAlreadyRunning as error:
            waited = time.monotonic() - began
            if waited > _SOON:
                raise
            if waited > _SILENT and not is_told:
                is_told = True
                sys.stderr.write(f"{error}; waiting for it to take calls …\n")
        time.sleep(_LOOK_EVERY)


def _claim(root: Path, *, exclusive: bool) -> ProjectHistory:
    history = ProjectHistory(root, exclusive=exclusive)
    history.claim()
    return history


def _connect_to(running: EngineAlreadyRunning) -> Connect:
    async def connect() -> Handle:
        from taskengine.client.remote.handle import RemoteHandle

        assert running.socket is not None
        return RemoteHandle(running.socket, root=running.root)

    return connect


def _attached(terminal: Terminal, connect: Connect, ignored: list[str] | None = None) -> int:
    return asyncio.run(_run_attached(terminal, connect, ignored or []))


async def _run_attached(terminal: Terminal, connect: Connect, ignored: list[str]) -> int:
    handle = await _with_a_word(_begun(connect))
    words = f"{where(handle.status)} has the engine: it goes on when you leave."
    if ignored:
        verb = "counts" if len(ignored) == 1 else "count"
        words += f"\n{' and '.join(ignored)} {verb} for nothing here."
    app = _app(handle, terminal, is_begun=True, greeting=Notice(words, "Attached"))
    await _run(app, handle)
    _tell_unkept(app.unkept_drafts)
    return app.return_code or 0


def _tell_unkept(drafts: Mapping[str, str]) -> None:
    """Give back what was typed and would be lost."""
    for task, text in drafts.items():
        words = f"The engine did not keep what was typed as the payload of {task}:\n{text}\n"
        with contextlib.suppress(OSError):  # the terminal may be gone
            sys.stderr.write(plain(words))


async def _begun(connect: Connect) -> Handle:
    handle = await connect()
    try:
        await handle.start()
    except BaseException:
        await handle.stop()
        raise
    return handle


async def _with_a_word(connecting: Awaitable[Handle]) -> Handle:
    """Wait for a connection; say so if it takes long."""
    task = asyncio.ensure_future(connecting)
    await asyncio.wait({task}, timeout=_SILENT)
    if not task.done():
        sys.stderr.write("connecting …\n")
    return await task


def _app(
    handle: Handle, terminal: Terminal, *, is_begun: bool = False, greeting: Notice | None = None
) -> ConsoleApp:
    app = ConsoleApp(
        handle,
        programs=TerminalPrograms(terminal),
        driver_class=driver_class_for(terminal),
        is_begun=is_begun,
        greeting=greeting,
    )
    app_streams.report_on(app, terminal)
    return app


async def _run(app: ConsoleApp, handle: Handle) -> None:
    exit_on_signals(app)
    try:
        await app.run_async()
    finally:
        await handle.stop()
