"""The command palette: every action that works here, and every task to run or to go to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from textual.actions import parse
from textual.command import CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.fuzzy import Matcher

from taskconsole.actions import Action
from taskconsole.app import RUNS_SCREEN, ConsoleApp
from taskconsole.keymap.anywhere import GLOBAL
from taskconsole.keymap.main import MAIN
from taskconsole.keymap.runs import HISTORY
from taskconsole.phrases import plain
from taskconsole.presets import all_presets
from taskconsole.widgets.run_filter import RunFilter
from taskengine.records import StateKind


class Palette(CommandPalette):
    """Textual's palette, but for keys that would move in its list while there is no room for that:
    they would look for rows which are not laid out.
    """

    def _action_command_list(self, action: str) -> None:
        is_move = action.startswith("page_")
        if not is_move or self.query_one(CommandList).scrollable_content_region:
            super()._action_command_list(action)


@dataclass(frozen=True, slots=True)
class Command:
    """One line of the palette."""

    title: str
    help: str
    do: Callable[[], object]


class ConsoleCommands(Provider):
    """What the palette finds."""

    @property
    def _console(self) -> ConsoleApp:
        assert isinstance(self.app, ConsoleApp)
        return self.app

    async def discover(self) -> Hits:
        """Before anything is typed: the actions."""
        for command in self._actions():
            yield DiscoveryHit(command.title, command.do, help=_as_markup(command.help))

    async def search(self, query: str) -> Hits:
        """Actions and tasks whose line matches."""
        matcher = self.matcher(query)
        for command in (*self._actions(), *self._tasks(), *self._presets()):
            score = matcher.match(command.title)
            if score > 0:
                title, help_ = _highlighted(matcher, command.title), _as_markup(command.help)
                yield Hit(score, title, command.do, text=command.title, help=help_)

    def _actions(self) -> Iterator[Command]:
        app = self._console
        here = HISTORY if self.screen.has_class(RUNS_SCREEN) else MAIN
        for action in (*here, *GLOBAL):
            if action.palette and self._would_do_something(action):
                do = partial(app.run_action, action.command, self.screen)
                keys = " or ".join(app.get_key_display(key) for key in action.bindings())
                yield Command(action.label, f"{action.summary} ({keys})", do)

    def _would_do_something(self, action: Action) -> bool:
        """Asked of its owner: Textual would ask the screen on top, which is the palette."""
        target, name, parameters = parse(action.command)
        is_place = self.screen is self._console.main or self.screen.has_class(RUNS_SCREEN)
        owner = self._console if target == "app" else self.screen
        return (target == "app" or is_place) and bool(owner.check_action(name, parameters))

    def _presets(self) -> Iterator[Command]:
        app = self._console
        for task, name in all_presets(app.handle.kept(StateKind.PRESET)):
            view = app.handle.task(task)
            if view and view.runnable:
                run = partial(app.run_preset, task, name)
                title = f"Run {plain(task)} with {plain(name)}"
                yield Command(title, "Run this task with a preset", run)

    def _tasks(self) -> Iterator[Command]:
        app = self._console
        for view in app.handle.tasks():
            name, description = plain(view.name), plain(view.description)
            if view.runnable:
                run = partial(app.run_task, view.name)
                yield Command(f"Run {name}", description or "Run this task", run)
            runs = partial(app.show_runs, RunFilter(task=view.name))
            yield Command(f"History of {name}", "List the runs of this task", runs)
            show = partial(app.choose_task, view.name)
            yield Command(f"Go to {name}", description or "Choose this task", show)


def _highlighted(matcher: Matcher, title: str) -> Content:
    """The title with what matches marked. Textual's `highlight` would read it as markup."""
    shown = Content(title)
    if len(title.lower()) != len(title):  # the places are those in the small letters
        return shown
    _, places = matcher.fuzzy_search.match(matcher.query, title)
    for place in places:
        if not title[place].isspace():
            shown = shown.stylize(matcher.match_style, place, place + 1)
    return shown


def _as_markup(words: str) -> str:
    """What Textual's markup for these words is. Its own `escape` leaves some of it in force."""
    return words.replace("[", r"\[")
