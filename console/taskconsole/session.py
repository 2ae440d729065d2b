"""Puts the console together: terminal, engine, handle and app, from the start to the end of all."""

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual.app import App

from taskconsole.app import ConsoleApp
from taskconsole.claiming import SILENT, claim_at_start
from taskconsole.engine_news import where
from taskconsole.engine_start import EngineStart
from taskconsole.notices import Notice, Severity
from taskconsole.own_engine import OwnEngine
from taskconsole.phrases import plain
from taskconsole.terminal import app_streams
from taskconsole.terminal.driver import driver_class_for
from taskconsole.terminal.editor import edit, page
from taskconsole.terminal.signals import exit_on_signals
from taskconsole.terminal.tty import Terminal
from taskengine.client.find_engine import find_engine
from taskengine.client.handle import Handle
from taskengine.client.views import EngineStatus
from taskengine.engine import Engine
from taskengine.errors import EngineAlreadyRunning
from taskengine.history.sqlite.project_history import ProjectHistory

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
    start = EngineStart(root, scheduling=scheduling, port=port)
    with Terminal.claim() as terminal, asyncio.Runner() as runner:
        session, found = _Session(terminal, runner), _found(root)
        if isinstance(found, ProjectHistory):
            app = session.own(start, found)
        else:
            app = session.attached(_connect_to(found, root), start)
    return _left(app)


def attach_console(connect: Connect, root: Path | None = None) -> int:
    """Show the console of an engine elsewhere until the user leaves; gives back the exit code.
    `root` is the project, if its engine was found by that.

    Raises NoTerminal, and what `connect` raises or the handle that it gives, when that is started.
    """
    start = EngineStart(root) if root else None
    with Terminal.claim() as terminal, asyncio.Runner() as runner:
        app = _Session(terminal, runner).attached(connect, start)
    return _left(app)


def _found(root: Path) -> ProjectHistory | Path:
    """The project's history, held for this console, or the socket of the engine that holds it."""
    try:
        return claim_at_start(root)
    except EngineAlreadyRunning as error:
        if error.socket is None:
            raise
        return error.socket


def _connect_to(socket: Path, root: Path) -> Connect:
    async def connect() -> Handle:
        from taskengine.client.remote.handle import RemoteHandle

        return RemoteHandle(socket, root=root)

    return connect


def _left(app: ConsoleApp) -> int:
    """The exit code of an app that has ended, when the terminal is as it was."""
    for words in (*_of_unkept(app.unkept_drafts), *app.parting_words):
        with contextlib.suppress(OSError):  # the terminal may be gone
            sys.stderr.write(f"{plain(words)}\n")
    return app.return_code or 0


def _of_unkept(drafts: Mapping[str, str]) -> Iterator[str]:
    """What was typed and would be lost, to give it back."""
    for task, text in drafts.items():
        yield f"The engine did not keep what was typed as the payload of {task}:\n{text}"


class _Session:
    """What is shown on one terminal, an app at a time, all on one event loop: a signal that comes
    between two of them is there for the second.
    """

    def __init__(self, terminal: Terminal, runner: asyncio.Runner) -> None:
        self._terminal = terminal
        self._runner = runner

    def own(
        self, start: EngineStart, history: ProjectHistory, before: ConsoleApp | None = None
    ) -> ConsoleApp:
        """Show the project with an engine of this process, which goes on from the app before."""
        engine = Engine(start.root, capture="process", scheduler=start.scheduling, history=history)
        with engine.capture, self._runner:  # what the loop says at its end is captured too
            handle = OwnEngine(engine, port=start.port)
            app = self._app(handle, **_going_on(before, start)) if before else self._app(handle)
            if before:
                app.typing_at, app.opens = before.typing_at, before.opens
            app_streams.leave_to_capture(app)
            self._runner.run(_run(app, handle))
        return app

    def attached(self, connect: Connect, start: EngineStart | None) -> ConsoleApp:
        """Show an engine elsewhere; one that is started here, if the user wants that when the other
        has ended.
        """
        app, start = self._runner.run(self._run_attached(connect, start))
        if start is None or start.history is None:
            return app
        if app.return_code:  # a signal came after all
            start.give_up()
            return app
        return self.own(start, start.history, app)

    async def _run_attached(
        self, connect: Connect, start: EngineStart | None
    ) -> tuple[ConsoleApp, EngineStart | None]:
        handle = await _with_a_word(_begun(connect))
        words = f"{where(handle.status)} has the engine: it goes on when you leave."
        start = start or _start_of(handle.status)
        if start and (unused := _only_for_own(start)):
            verb = "counts" if len(unused) == 1 else "count"
            options = " and ".join(unused)
            words += f"\n{options} {verb} for nothing until an engine is started here."
        app = self._app(
            handle,
            is_begun=True,
            greeting=Notice(words, "Attached"),
            project=_Taking(start, self._terminal) if start else None,
        )
        await _run(app, handle)
        return app, start

    def _app(self, handle: Handle, **options: Any) -> ConsoleApp:
        app = ConsoleApp(
            handle,
            programs=TerminalPrograms(self._terminal),
            driver_class=driver_class_for(self._terminal),
            **options,
        )
        app_streams.report_on(app, self._terminal)
        return app


@dataclass(frozen=True, slots=True)
class _Taking:
    """Takes the project while an app is shown, whose picture then stays until the next app's."""

    start: EngineStart
    terminal: Terminal

    async def take(self, ended: int | None, waits: Callable[[], None]) -> None:
        """Hold the project, for an engine to come."""
        await self.start.take(ended, waits)
        self.terminal.keeps_picture = True


def _going_on(before: ConsoleApp, start: EngineStart) -> dict[str, Any]:
    """The options of an app that goes on where the one before it has left."""
    fires = "Schedules fire" if start.scheduling else "With --no-schedule no schedule fires"
    words = f"This console has the engine now, which ends when you leave. {fires}."
    severity: Severity = "warning" if before.parting_words else "information"
    greeting = Notice("\n".join((words, *before.parting_words)), "Engine started", severity)
    return {"brought": before.in_hand, "theme": before.theme, "greeting": greeting}


def _start_of(status: EngineStatus) -> EngineStart | None:
    """How to start the engine of the project that one at a socket has; None if that may be on
    another machine, for a socket can be forwarded.
    """
    note = None if "://" in status.address else find_engine(status.root)
    is_it = note is not None and note.process.pid == status.pid
    return EngineStart(status.root) if is_it else None


def _only_for_own(start: EngineStart) -> list[str]:
    """The options that count for an engine of this console's own."""
    options = [] if start.scheduling else ["--no-schedule"]
    return [*options, *([] if start.port is None else ["--port"])]


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
    await asyncio.wait({task}, timeout=SILENT)
    if not task.done():
        sys.stderr.write("connecting …\n")
    return await task


async def _run(app: ConsoleApp, handle: Handle) -> None:
    exit_on_signals(app)
    try:
        await app.run_async()
    finally:
        await handle.stop()
