"""Lets the user choose what runs are to be filtered by: one of many names, or some of a few."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Generic, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from taskconsole.phrases import plain
from taskconsole.screens.sheet import sheet_css
from taskconsole.widgets.line_input import LineInput
from taskconsole.widgets.options import Options
from taskconsole.widgets.task_list import fuzzy

T = TypeVar("T")
_LISTED = 200
_CSS = """
    .sheet { width: 52; padding: 0 1; max-height: 80%; }
    OptionList { max-height: 16; text-wrap: nowrap; text-overflow: ellipsis; }
    Input { border: none; height: 1; padding: 0; margin-bottom: 1; background: $panel; }
    Input:focus { border: none; }
"""


class TaskPicker(ModalScreen[str | None]):
    """Gives back a task's name, found by letters of it, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close", tooltip="Choose none"),
        Binding("down", "move(1)", show=False, tooltip="Go to the next task"),
        Binding("up", "move(-1)", show=False, tooltip="Go to the previous task"),
    ]
    DEFAULT_CSS = sheet_css("TaskPicker", _CSS)

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self._names = names
        self._shown: Sequence[str] = names

    def compose(self) -> ComposeResult:
        """A line to type in, and the names that match."""
        with Vertical(classes="sheet") as frame:
            frame.border_title = "Only runs of"
            frame.border_subtitle = "enter chooses · escape closes"
            yield LineInput(placeholder="letters of a name")
            yield OptionList()

    def on_mount(self) -> None:
        """List all names; keys go to the line."""
        options = self.query_one(OptionList)
        options.can_focus = False
        self._list("")

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        self._list(event.value.strip())

    def _list(self, query: str) -> None:
        found = [row.path for row in fuzzy.rows(query, self._names)] if query else self._names
        self._shown = found[:_LISTED]
        options = self.query_one(OptionList)
        options.set_options(Option(Content(plain(name))) for name in self._shown)
        options.highlighted = 0 if self._shown else None

    def action_move(self, step: int) -> None:
        """Go to another name."""
        options = self.query_one(OptionList)
        if options.highlighted is not None:
            options.highlighted = (options.highlighted + step) % len(self._shown)

    @on(Input.Submitted)
    def _choose(self) -> None:
        index = self.query_one(OptionList).highlighted
        if index is not None:
            self.dismiss(self._shown[index])

    @on(OptionList.OptionSelected)
    def _choose_clicked(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._shown[event.option_index])


class SomeList(Options):
    """Choices with a box each."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
        Binding("space", "screen.choose", "Choose", tooltip="Choose it, or don't any more"),
        Binding("enter", "screen.finish", "Done", tooltip="Choose it if none is, and close"),
    ]


class SomePicker(ModalScreen[None], Generic[T]):
    """Lets some of a few values be chosen; `changed` is told at every choice, so that its effect
    is seen below.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Close", tooltip="Close the list"),
    ]
    DEFAULT_CSS = sheet_css("SomePicker", ".sheet { width: 40; padding: 0 1; }")

    def __init__(
        self,
        title: str,
        choices: Sequence[tuple[T, str]],
        chosen: frozenset[T],
        changed: Callable[[frozenset[T]], None],
    ) -> None:
        super().__init__()
        self._title = title
        self._choices = choices
        self._chosen = chosen
        self._changed = changed

    def compose(self) -> ComposeResult:
        """The choices, one a line."""
        with Vertical(classes="sheet") as frame:
            frame.border_title = self._title
            frame.border_subtitle = "space chooses · enter closes"
            yield SomeList(*(Option(self._line(value, label)) for value, label in self._choices))

    def _line(self, value: T, label: str) -> Content:
        box = "■" if value in self._chosen else "□"
        return Content.assemble((f"{box} ", "$accent"), label)

    def on_mount(self) -> None:
        """Begin at what is chosen."""
        places = [at for at, (value, _) in enumerate(self._choices) if value in self._chosen]
        self.query_one(SomeList).highlighted = places[0] if places else 0

    def action_choose(self) -> None:
        """Choose the value under the cursor, or don't any more."""
        index = self.query_one(SomeList).highlighted
        if index is not None:
            self._toggle(index)

    def _toggle(self, index: int) -> None:
        value, label = self._choices[index]
        self._chosen ^= {value}
        listed = self.query_one(SomeList)
        listed.replace_option_prompt_at_index(index, self._line(value, label))
        self._changed(self._chosen)

    @on(OptionList.OptionSelected)
    def _toggle_clicked(self, event: OptionList.OptionSelected) -> None:
        self._toggle(event.option_index)

    def action_finish(self) -> None:
        """Close, with what is chosen, or with what is under the cursor where nothing is."""
        if not self._chosen:
            self.action_choose()
        self.dismiss()

    def on_click(self, event: events.Click) -> None:
        """A click beside the list closes it."""
        if event.widget is self:
            self.dismiss()
