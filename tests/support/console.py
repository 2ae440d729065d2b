"""The console on a real engine, watched and typed into as a person would."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from textual.app import App
from textual.events import Key
from textual.keys import _character_to_key
from textual.pilot import Pilot

from support.project import Project
from support.screens import screen_text
from taskconsole.app import ConsoleApp
from taskconsole.last_visit import InHand
from taskconsole.take_over import TakesProject
from taskconsole.widgets.output import OutputPane
from taskengine import Engine
from taskengine.client.handle import Handle
from taskengine.client.local import LocalHandle
from taskengine.events import EngineState
from taskengine.history.history import History
from taskengine.records import RunQuery, RunSummary
from taskengine.testing import ManualClock

TUESDAY = datetime(2026, 3, 10, 14, 3, 21, tzinfo=UTC)
SOON = 60.0
LOOK_EVERY = 1 / 30


@dataclass
class RecordedPrograms:
    """Stands for the user's editor and pager; remembers what they were asked to show."""

    edited: list[tuple[Path, int]] = field(default_factory=list)
    paged: list[str] = field(default_factory=list)

    def edit(self, _app: App[Any], path: Path, line: int) -> None:
        self.edited.append((path, line))

    def page(self, _app: App[Any], path: Path) -> None:
        self.paged.append(path.read_text(encoding="utf-8"))


@dataclass
class Console:
    """A console that runs; `clock` is the engine's."""

    app: ConsoleApp
    handle: Handle
    clock: ManualClock
    pilot: Pilot[None]
    programs: RecordedPrograms

    async def press(self, *keys: str) -> None:
        """Press keys, and let what follows at once come to its end."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Type a text, faster than the screen follows."""
        for character in text:
            self.app.post_message(Key(_character_to_key(character), character))
        await self.pilot.pause()

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Look again and again until something is so."""
        try:
            async with asyncio.timeout(SOON):
                while not is_so():  # noqa: ASYNC110 - the screen says nothing when it changes
                    await asyncio.sleep(LOOK_EVERY)
        except TimeoutError:
            raise AssertionError(f"it never came to be so; the screen:\n{self.text}") from None

    async def runs_of(self, task: str | None) -> list[RunSummary]:
        """The runs of a task, or of all, newest first."""
        return list((await self.handle.runs(RunQuery(task=task))).runs)

    async def sees(self, *texts: str) -> None:
        """Wait until all these texts are on the screen."""

        def are_there() -> bool:
            seen = self.text  # drawn anew whenever it is asked for
            return all(text in seen for text in texts)

        await self.until(are_there)

    async def choose(self, task: str) -> None:
        """Go to a task in the list."""
        self.app.choose_task(task)
        await self.pilot.pause()

    async def run(self, task: str, *until: str) -> None:
        """Run a task by hand, and wait until these texts are seen."""
        await self.choose(task)
        await self.press("r")
        await self.sees(f" {task}  manual", *until)

    async def clear_toasts(self) -> None:
        """Have all that is to be told, and take it off the screen."""
        await self.until(lambda: not self.app.main.ended.is_waiting)
        await self.pilot.pause()
        self.app.clear_notifications()
        await self.until(lambda: not self.app.screen.query("Toast"))

    @property
    def is_moving(self) -> bool:
        """Whether something on the screen will change without anything being done."""
        pane = self.app.screen_stack[0].query_one(OutputPane)
        has_toast = self.app.main.ended.is_waiting or bool(self.app.screen.query("Toast"))
        return pane.is_stale or has_toast

    @property
    def text(self) -> str:
        """What is on the screen, without its colours."""
        return screen_text(self.app)

    def row(self, task: str) -> str:
        """The line of the list with this label."""
        lines = (line.partition("││")[0] for line in self.text.splitlines())
        return next(line for line in lines if line.startswith("│") and f" {task} " in line)


def make_console(
    project: Project,
    *,
    scheduling: bool = True,
    history: History | None = None,
    brought: InHand | None = None,
    typing_at: tuple[int, int] | None = None,
    opens: str = "",
) -> tuple[ConsoleApp, ManualClock]:
    """A console on a project's own engine, whose clock stands still."""
    clock = ManualClock(TUESDAY)
    engine = Engine(project.root, clock=clock, scheduler=scheduling, history=history)
    app = ConsoleApp(
        LocalHandle(engine),
        programs=RecordedPrograms(),
        brought=brought or {},
    )
    app.typing_at = typing_at
    app.opens = opens
    app.animation_level = "none"
    return app, clock


def is_ready(app: ConsoleApp) -> bool:
    """Whether all tasks are imported and the whole screen is there."""
    return app.handle.status.state is EngineState.LIVE and app.main.workbench is not None


@asynccontextmanager
async def console_on(
    project: Project,
    *,
    size: tuple[int, int] = (120, 36),
    scheduling: bool = True,
    history: History | None = None,
    brought: InHand | None = None,
    typing_at: tuple[int, int] | None = None,
    opens: str = "",
) -> AsyncIterator[Console]:
    """The console on a project, ready to be used, until the block is left.

    A `history` that outlives the block stands for what a later console finds; `brought` is what
    the one before it has left, `typing_at` where the user was typing there, and `opens` what was
    open.
    """
    app, clock = make_console(
        project,
        scheduling=scheduling,
        history=history,
        brought=brought,
        typing_at=typing_at,
        opens=opens,
    )
    async with _shown(app, clock, size) as console:
        yield console


@asynccontextmanager
async def console_of(
    handle: Handle,
    *,
    clock: ManualClock | None = None,
    size: tuple[int, int] = (120, 36),
    project: TakesProject | None = None,
) -> AsyncIterator[Console]:
    """The console of an engine elsewhere, ready to be used, until the block is left."""
    await handle.start()
    app = ConsoleApp(handle, programs=RecordedPrograms(), is_begun=True, project=project)
    app.animation_level = "none"
    async with _shown(app, clock or ManualClock(TUESDAY), size) as console:
        yield console


@asynccontextmanager
async def _shown(
    app: ConsoleApp, clock: ManualClock, size: tuple[int, int]
) -> AsyncIterator[Console]:
    programs = app.programs
    assert isinstance(programs, RecordedPrograms)
    try:
        async with app.run_test(size=size, notifications=True) as pilot:
            console = Console(app, app.handle, clock, pilot, programs)
            await console.until(lambda: is_ready(app))
            await pilot.pause()
            yield console
    finally:
        await app.handle.stop()
