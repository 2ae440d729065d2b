"""The console itself: it brings the engine to life, hands on its events, and opens screens."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import dropwhile
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Protocol, runtime_checkable

from textual import on
from textual.actions import ActionParseResult, parse
from textual.app import App
from textual.command import CommandPalette, Provider
from textual.document._document import Location
from textual.dom import DOMNode
from textual.driver import Driver
from textual.events import Event as TerminalEvent
from textual.events import Key, MouseDown, Paste
from textual.message import Message
from textual.screen import Screen

from taskconsole import refusals, themes
from taskconsole.actions import bindings
from taskconsole.engine_news import Connection, is_live
from taskconsole.keymap.anywhere import GLOBAL
from taskconsole.last_visit import InHand, LastVisit
from taskconsole.leaving import Leaving
from taskconsole.messages import PlaceRequested, Told, ViewChanged
from taskconsole.notices import Notice
from taskconsole.reload_notices import of_reload
from taskconsole.run_files import RunFiles
from taskconsole.screens.main import MainScreen
from taskconsole.take_over import TakeOver, TakesProject
from taskconsole.taken_apart import is_of_what_left, is_on_what_left
from taskconsole.terminal.editor import NoProgram
from taskconsole.typed_ahead import TypedAhead
from taskconsole.widgets.header import ProblemCount
from taskconsole.widgets.run_filter import RunFilter

if TYPE_CHECKING:  # imported with the pane, after the list is on the screen, or when wanted
    from taskconsole.screens.runs import RunsScreen
    from taskconsole.widgets.output.pane import OutputPane
from taskengine.client.handle import Handle
from taskengine.errors import TaskError
from taskengine.events import EngineState, Event
from taskengine.records import StateKind


class Programs(Protocol):
    """The user's own programs. The methods return when the user is back; they raise NoProgram."""

    def edit(self, app: App[None], path: Path, line: int) -> None:
        """Open a file at a line, from 1, in the user's editor."""

    def page(self, app: App[None], path: Path) -> None:
        """Show a file in the user's pager."""


@runtime_checkable
class TakesEvents(Protocol):
    """A screen that follows what happens in the engine."""

    def take_events(self, batch: Sequence[Event]) -> None:
        """Show what has happened."""


PROBLEMS_SCREEN, RUNS_SCREEN = "-problems", "-runs"  # classes: they are imported when wanted
_NOTHING: InHand = MappingProxyType({})
FIRST_PICTURE = 0.2  # seconds that it waits for the engine, at most
_LEAVING = frozenset({"ctrl+q", "ctrl+c"})
SECONDS = {"information": 3.0, "warning": 6.0, "error": 8.0}


def _palette() -> type[Provider]:
    from taskconsole.palette import ConsoleCommands

    return ConsoleCommands


class ConsoleApp(App[None]):
    """Shows the engine behind a handle, which it starts, until the user leaves.

    Whoever made the handle stops it afterwards.
    """

    TITLE = "taskconsole"
    BINDINGS = bindings(GLOBAL)
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_palette}
    CSS = """
    ToastRack { dock: top; align: right top; margin: 2 1 0 0; }
    Toast { width: auto; max-width: 60%; padding: 0 1; margin: 0 0 1 0; background: $panel; }
    OptionList { min-width: 12; }  /* there are no words to be wrapped into no cells */
    """

    @dataclass
    class Happened(Message):
        """The engine told something."""

        events: Sequence[Event]

    def __init__(
        self,
        handle: Handle,
        *,
        programs: Programs,
        theme: str = themes.DARK.name,
        driver_class: type[Driver] | None = None,
        is_begun: bool = False,
        greeting: Notice | None = None,
        project: TakesProject | None = None,
        brought: InHand = _NOTHING,
    ) -> None:
        """Show a handle's engine. `is_begun`: the handle was started already. `greeting` is told
        first of all. `project` can be taken when an engine elsewhere has ended; `brought` is what
        the console before this one has left.
        """
        super().__init__(driver_class=driver_class)
        self.handle = handle
        self.programs = programs
        for own in themes.THEMES:
            self.register_theme(own)
        self.theme = theme
        self.main = MainScreen(handle, self._come_back)
        self.in_hand: InHand = _NOTHING  # known when it has ended, as is the next
        self.unkept_drafts: Mapping[str, str] = {}  # payloads by task
        self.parting_words: Sequence[str] = ()  # to be told when the terminal is as it was
        self.typing_at: Location | None = None  # in a payload; to be given to the next console
        self.opens = ""  # over the main screen, by the screen's class; to be given likewise
        self._last_visit = LastVisit(self, self.main, handle)
        self._files = RunFiles(handle, self.tell, partial(programs.page, self))
        self._leaving = Leaving(self, handle, self._files, self._last_visit)
        self._is_begun = is_begun
        self._greeting = greeting
        self._brought = {kind: dict(texts) for kind, texts in brought.items()}
        self._take_over = TakeOver(project, handle, self.tell)
        self._connection = Connection(self._take_over.key)
        self._typed_ahead = TypedAhead(
            self,
            super().on_event,
            leaves=lambda key: key.key in _LEAVING,
            is_text=lambda: self.typing_at is not None,
        )
        self._is_loaded = is_begun and handle.status.state is EngineState.LIVE
        self._is_back = False

    def get_default_screen(self) -> Screen[None]:
        """The main screen, so that no other one is laid out before it."""
        return self.main

    async def on_load(self) -> None:
        """Listen to the engine and start it. What was kept is known soon, in most cases before the
        first picture, which then has the theme that was left: changing it takes a new one.
        """
        self._stop_listening = self.handle.listen(self._hear)
        self._starting = asyncio.create_task(self._start_handle())
        await asyncio.wait({self._starting}, timeout=FIRST_PICTURE)
        if self._starting.done() and self._starting.exception() is None:
            self._last_visit.restore_theme()

    async def _start_handle(self) -> None:
        if not self._is_begun:
            await self.handle.start()
        for kind, texts in self._brought.items():
            for name in tuple(texts):
                await self.handle.keep(kind, name, texts[name])
                del texts[name]

    def on_mount(self) -> None:
        """Show the engine when it has started; meanwhile the first picture is painted."""
        # Back from a stop the terminal is empty, while Textual draws only what has changed.
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))
        self.run_worker(self._start_engine())
        if self._greeting:
            self.tell(self._greeting)

    async def on_unmount(self) -> None:
        """Hear no more, and leave nothing unkept if that can be."""
        self._stop_listening()
        await self._files.give_up()
        self.parting_words = tuple(self._files.parting_words)
        await self._last_visit.close()
        self.in_hand = self._last_visit.in_hand
        left = self._brought.get(StateKind.DRAFT, {})
        self.unkept_drafts = {
            **{task: text for task, text in left.items() if text is not None},
            **self._last_visit.unkept_drafts,
        }

    async def on_event(self, event: TerminalEvent) -> None:
        """Take what comes from the terminal, keys in the order in which they were typed."""
        if isinstance(event, Key | Paste) and not event.is_forwarded:
            await self._typed_ahead.take(event)
        elif not (isinstance(event, MouseDown) and is_on_what_left(event, self)):
            await super().on_event(event)

    @on(TypedAhead.Passed)
    def _go_on_with_typed(self, message: TypedAhead.Passed) -> None:
        self.call_later(self._typed_ahead.passed, message)  # after what was put off by the key

    @on(MainScreen.Complete)
    async def _take_typed(self) -> None:
        if self.typing_at and self.main.workbench:
            self.main.workbench.detail.go_on_typing(self.typing_at)
        if self.opens == RUNS_SCREEN:
            self.action_show_runs()
        elif self.opens == PROBLEMS_SCREEN:
            self.action_show_problems()
        await self._typed_ahead.complete()

    def _hear(self, batch: Sequence[Event]) -> None:
        self.post_message(self.Happened(batch))

    async def _start_engine(self) -> None:
        try:
            await self._starting
        except (TaskError, OSError) as error:
            self.tell(Notice(str(error), "The engine did not start", "error"))
            self.main.call_later(self.main.show_all)  # it may not be mounted yet
        else:
            self.main.call_later(self._come_back)

    def _come_back(self) -> None:
        """Show everything as soon as both the engine and the main screen are there: the first
        picture has the tasks if the engine was the faster one.
        """
        if self._is_back or not self._starting.done() or self._starting.exception():
            return
        self._is_back = True
        self._last_visit.restore()
        self.main.show_all()

    @on(Happened)
    def _take(self, message: Happened) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, TakesEvents):
                screen.call_later(screen.take_events, message.events)  # once it is mounted
        for notice in self._connection.news(message.events, self.handle.status):
            self.tell(notice)
            self.screen.refresh_bindings()
        self._tell_reload(message.events)

    def _tell_reload(self, events: Sequence[Event]) -> None:
        """Tell what changed since all tasks were there; before that all of them are new."""
        batch = (
            events if self._is_loaded else tuple(dropwhile(lambda one: not is_live(one), events))
        )
        self._is_loaded = self._is_loaded or bool(batch)
        root, views = self.handle.status.root, self.handle.tasks()
        sees_problems = any(screen.has_class(PROBLEMS_SCREEN) for screen in self.screen_stack)
        for notice in of_reload(batch, root, views, tells_problems=not sees_problems):
            self.tell(notice)

    @on(ViewChanged)
    def _note_view(self) -> None:
        self._last_visit.note()

    @on(Told)
    def _tell_told(self, message: Told) -> None:
        self.tell(message.notice)

    def tell(self, notice: Notice) -> None:
        """Tell the user something in passing."""
        self.notify(
            notice.text,
            title=notice.title,
            severity=notice.severity,
            markup=False,
            timeout=SECONDS[notice.severity],
        )

    # What the user can do anywhere

    def check_action(
        self,
        action: str,
        parameters: tuple[object, ...],  # noqa: ARG002 - Textual's signature
    ) -> bool | None:
        """Whether an action would do something now: not going where the user is. One that this
        engine can't do is grey.
        """
        match action:
            case "show_problems":
                would_do = not self._place.has_class(PROBLEMS_SCREEN)
            case "show_runs":
                would_do = not self._place.has_class(RUNS_SCREEN)
            case "start_engine":
                would_do = self._take_over.can_start
            case _:
                would_do = action != "show_main" or self._place is not self.main
        return refusals.verdict(self.handle, action, would_do=would_do)

    def why_not(self, action: str) -> str:
        """Why an action can't be done with this engine; empty if it can."""
        return refusals.why_not(self.handle, parse(action)[1])

    async def run_action(
        self,
        action: "str | ActionParseResult",
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Do what a key means; of what is grey, tell why it can't be done."""
        if await super().run_action(action, default_namespace, namespaces):
            return True
        words, space = action if isinstance(action, str) else action[1], default_namespace or self
        why = self.why_not(words)
        # What Textual asks for its footer, in the same way.
        if not why or self._check_action_state(words, space) is not None:
            return False
        self.tell(Notice(why, "Not possible here", "warning"))
        return True

    @property
    def _place(self) -> Screen[object]:
        """Where the user is; the palette is no place, it asks on behalf of what is below it."""
        screens = reversed(self.screen_stack)
        return next(screen for screen in screens if not isinstance(screen, CommandPalette))

    def action_show_main(self) -> None:
        """Go to the main screen."""
        while self.screen is not self.main:
            self.pop_screen()

    def action_show_runs(self) -> None:
        """Show the runs of all tasks, as they were filtered last."""
        if any(screen.has_class(RUNS_SCREEN) for screen in self.screen_stack):
            while not self.screen.has_class(RUNS_SCREEN):
                self.pop_screen()
        else:
            self.show_runs(self._last_visit.run_filter)

    def show_runs(self, wanted: RunFilter) -> None:
        """Show the runs that a filter asks for."""
        from taskconsole.screens.runs import RunsScreen

        self.action_show_main()
        self.push_screen(RunsScreen(self.handle, self.main.overview, wanted))

    def on_runs_screen_filtered(self, message: "RunsScreen.Filtered") -> None:
        """Remember it for the next time."""
        self._last_visit.note_filter(message.wanted)

    @on(ProblemCount.Clicked)
    def action_show_problems(self) -> None:
        """Show what is wrong with the project."""
        from taskconsole.screens.problems import ProblemsScreen

        self.action_show_main()
        self.push_screen(ProblemsScreen(self.handle, self.main.overview))

    def action_command_palette(self) -> None:
        """Show all that can be done here, to be found by its words."""
        if not isinstance(self.screen, CommandPalette):
            from taskconsole.palette import Palette

            self.push_screen(Palette(id="--command-palette"))

    def action_show_help(self) -> None:
        """Show the keys of the screen."""
        from taskconsole.screens.help import HelpScreen, sections

        self.push_screen(HelpScreen(sections(self.screen)))

    def action_change_theme(self) -> None:
        """Change between dark and light."""
        self.theme = themes.other(self.theme)
        self._last_visit.note()

    def choose_task(self, name: str) -> None:
        """Go to a task on the main screen."""
        self.action_show_main()
        self.main.choose(name)

    def run_task(self, name: str) -> None:
        """Go to a task and run it with the payload in its editor."""
        self.action_show_main()
        self.main.run_task(name)

    def run_preset(self, task: str, name: str) -> None:
        """Go to a task and run it with one of its presets."""
        self.action_show_main()
        self.main.use_preset(task, name)

    @on(PlaceRequested)
    def _open_place(self, message: PlaceRequested) -> None:
        if message.path is not None:
            self.open_place(message.path, message.line or 1)

    def open_place(self, path: Path, line: int) -> None:
        """Open a file in the user's editor, and come back when that is closed."""
        try:
            self.programs.edit(self, path, line)
        except NoProgram as error:
            self.tell(Notice(str(error), "The editor could not be opened", "error"))

    def on_output_pane_save_requested(self, message: "OutputPane.SaveRequested") -> None:
        """Save a run's output in the project's folder."""
        self.run_worker(self._files.save(message.run, message.output))

    def on_output_pane_pager_requested(self, message: "OutputPane.PagerRequested") -> None:
        """Show a run's output in the user's pager."""
        self.run_worker(self._files.show(message.run, message.output))

    def action_start_engine(self) -> None:
        """Take the project, then leave: the session goes on with an engine of its own."""
        self.run_worker(self._take_project())

    async def _take_project(self) -> None:
        if await self._take_over.take():
            self._last_visit.note_all()
            if workbench := self.main.workbench:
                self.typing_at = workbench.detail.typing_at
            self.opens = self._open_screen
            self.exit()

    @property
    def _open_screen(self) -> str:
        """The class of the screen that is open over the main one, if it is one of those."""
        marks = (RUNS_SCREEN, PROBLEMS_SCREEN)
        shown = (mark for mark in marks for one in self.screen_stack if one.has_class(mark))
        return next(shown, "")

    # Leaving

    async def action_quit(self) -> None:
        """Leave, once what goes on is seen to."""
        self._leaving.quit()

    def action_leave(self) -> None:
        """Wait no longer for what goes on."""
        self._leaving.exit()

    def end_in_order(self, name: str, return_code: int) -> None:
        """Leave for a signal of that name once what goes on has ended; asked again, at once."""
        self._leaving.end_in_order(name, return_code)

    def _handle_exception(self, error: Exception) -> None:
        """Fail, unless nothing is wrong but that the user has left what asks: the rest stays, and
        so does the exit code.
        """
        if not is_of_what_left(error, self):
            super()._handle_exception(error)
