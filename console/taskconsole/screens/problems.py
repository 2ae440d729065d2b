"""Everything that is wrong with the project: place, message, what to do, and the traceback."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from taskconsole import notices, phrases
from taskconsole.messages import PlaceRequested
from taskconsole.screens.overview import Overview
from taskconsole.screens.sizes import HEIGHTS, WIDTHS, TooSmall, sized_css
from taskconsole.widgets.header import HeaderBar
from taskconsole.widgets.key_bar import KeyBar
from taskconsole.widgets.options import Options
from taskengine.client.handle import Handle
from taskengine.events import Event, ProblemCleared, ProblemRaised
from taskengine.problem import Problem, ProblemKind

_OPENS = "Open the place in your editor"
_OF_HISTORY = frozenset(
    {ProblemKind.HISTORY, ProblemKind.DAMAGED_HISTORY, ProblemKind.MOVED_HISTORY}
)
_MOVES = frozenset({"cursor_down", "cursor_up", "first", "last", "select"})


class ProblemList(Options):
    """The problems, one a line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "cursor_down", show=False, tooltip="Go to the next problem"),
        Binding("k,up", "cursor_up", show=False, tooltip="Go to the previous problem"),
        Binding("home,g", "first", show=False, tooltip="Go to the first problem"),
        Binding("end,G", "last", show=False, tooltip="Go to the last problem"),
        Binding("enter", "select", show=False, tooltip=_OPENS),
    ]

    def check_action(
        self,
        action: str,
        parameters: tuple[object, ...],  # noqa: ARG002 - Textual's signature
    ) -> bool | None:
        """Whether an action would do something now."""
        return action not in _MOVES or self.option_count > 0


class ProblemsScreen(Screen[None]):
    """A list that empties by itself when files are mended."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", id="problems.leave", tooltip="Go back to the tasks"),
        Binding("o", "open", "Open", tooltip=_OPENS),
    ]
    AUTO_FOCUS = "ProblemList"
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    DEFAULT_CSS = sized_css(
        "ProblemsScreen",
        """
        #list, #about {
            border: round $border-blurred;
            border-title-color: $foreground;
            padding: 0 1;
            scrollbar-size-vertical: 1;
        }
        #list { height: 2fr; &:focus-within { border: round $border; } }
        #about { height: 3fr; &:focus { border: round $border; } }
        OptionList {
            height: 1fr;
            border: none;
            padding: 0;
            background: transparent;
            text-wrap: nowrap;
            text-overflow: ellipsis;
            &:focus { border: none; background: transparent; }
        }
        #none { display: none; padding: 1 2; color: $success; }
        &.-none #none { display: block; }
        &.-none OptionList { display: none; }
        &.-none #about { display: none; }
        """,
    )

    def __init__(self, handle: Handle, overview: Overview) -> None:
        super().__init__(classes="-problems")
        self._handle = handle
        self._overview = overview
        self._header = HeaderBar()
        self._problems: Sequence[Problem] = ()

    def compose(self) -> ComposeResult:
        """Header, the list above what is known of the chosen problem, keys."""
        yield self._header
        with Vertical(id="list"):
            yield Static("✓ Nothing is wrong with this project.", id="none")
            yield ProblemList()
        with VerticalScroll(id="about"):
            yield Static(id="text")
        yield KeyBar()
        yield TooSmall()

    def on_mount(self) -> None:
        """Show the problems there are."""
        self._overview.feed_also(self._header)
        self._show()

    def on_unmount(self) -> None:
        """Leave nothing behind."""
        self._overview.feed_no_more(self._header)

    def take_events(self, batch: Sequence[Event]) -> None:
        """Follow problems as they come and go."""
        if any(isinstance(event, ProblemRaised | ProblemCleared) for event in batch):
            self._show()

    def check_action(
        self,
        action: str,
        parameters: tuple[object, ...],  # noqa: ARG002 - Textual's signature
    ) -> bool | None:
        """Whether an action would do something now."""
        return action != "open" or bool(self._chosen and _is_for_editors(self._chosen))

    def _show(self) -> None:
        chosen = self._chosen
        self._problems = self._handle.problems()
        self.set_class(not self._problems, "-none")
        title = phrases.count(len(self._problems), "problem")
        self.query_one("#list", Vertical).border_title = title
        options = self.query_one(ProblemList)
        options.set_options(Option(_row(problem, self._root)) for problem in self._problems)
        if self._problems:
            known = chosen in self._problems
            options.highlighted = self._problems.index(chosen) if chosen and known else 0
            if self.focused is None:  # the list was hidden while it was empty
                self.call_after_refresh(options.focus)
        self.refresh_bindings()

    @property
    def _root(self) -> Path:
        return self._handle.status.root

    @property
    def _chosen(self) -> Problem | None:
        index = self.query_one(ProblemList).highlighted
        return self._problems[index] if index is not None and index < len(self._problems) else None

    @on(OptionList.OptionHighlighted)
    def _show_chosen(self) -> None:
        if problem := self._chosen:
            about = self.query_one("#about", VerticalScroll)
            about.border_title = Content(phrases.plain(notices.where(problem, self._root)))
            self.query_one("#text", Static).update(Content("\n").join(_about(problem)))
            about.scroll_home(animate=False)
            self.refresh_bindings()

    def action_leave(self) -> None:
        """Go back to the tasks."""
        self.app.pop_screen()

    @on(OptionList.OptionSelected)
    def action_open(self) -> None:
        """Ask for the place to be opened."""
        if (problem := self._chosen) and _is_for_editors(problem):
            self.post_message(PlaceRequested(problem.path, problem.line))


def _is_for_editors(problem: Problem) -> bool:
    """Whether its place is one that an editor should open: never a database."""
    return problem.path is not None and problem.kind not in _OF_HISTORY


def _row(problem: Problem, root: Path) -> Content:
    return Content.assemble(
        ("▲ ", "bold $error"),
        (phrases.plain(notices.where(problem, root)), "bold"),
        (f"  {problem.kind.value}  ", "$text-muted"),
        phrases.plain(f"{_named(problem)}{problem.message.partition(chr(10))[0]}"),
    )


def _named(problem: Problem) -> str:
    """The task that a line of the config is about: its file's name would say that by itself."""
    is_in_config = problem.path is not None and problem.path.suffix == ".toml"
    return f"{problem.task}: " if problem.task and is_in_config else ""


def _about(problem: Problem) -> Iterator[Content]:
    yield Content.styled(phrases.plain(problem.message), "bold $error")
    if problem.task:
        yield Content.styled(phrases.plain(f"of the task {problem.task}"), "$text-muted")
    if problem.hint:
        yield Content(phrases.plain(problem.hint))
    if problem.traceback:
        yield Content("")
        yield Content(phrases.plain(problem.traceback.rstrip()))
