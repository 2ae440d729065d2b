"""Asks for the name that a payload is kept by, and once more before it takes another's place."""

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from taskconsole.phrases import plain
from taskconsole.presets import LONGEST_NAME
from taskconsole.screens.sheet import sheet_css
from taskconsole.widgets.line_input import LineInput


class PresetNameScreen(ModalScreen[str | None]):
    """Gives back the name, or None. `others` are the task's presets by name, `text` the new one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Back", tooltip="Keep nothing"),
    ]
    DEFAULT_CSS = sheet_css(
        "PresetNameScreen",
        """
        Input { border: none; height: 1; padding: 0; background: $panel; }
        Input:focus { border: none; }
        #meaning { margin-top: 1; height: auto; color: $text-muted; }
        .-urgent #meaning { color: $warning; }
        """,
    )

    def __init__(self, task: str, suggested: str, others: Mapping[str, str], text: str) -> None:
        super().__init__()
        self._of_task = task
        self._suggested = suggested
        self._others = others
        self._text = text
        self._is_warned = False

    def compose(self) -> ComposeResult:
        """A line to type in, and what becomes of it."""
        with Vertical(classes="sheet") as frame:
            frame.border_title = Content(f"Keep this payload of {plain(self._of_task)}")
            frame.border_subtitle = "enter keeps it · escape does not"
            yield LineInput(self._suggested, placeholder="by which name?", max_length=LONGEST_NAME)
            yield Static("", id="meaning", markup=False)

    @property
    def _typed(self) -> str:
        return " ".join(self.query_one(Input).value.split())

    @property
    def _replaces(self) -> bool:
        """Whether a preset would be lost."""
        return self._others.get(self._typed, self._text) != self._text

    @on(Input.Changed)
    def _tell(self) -> None:
        """Say what the name would do; a warning counts for no other name."""
        self._is_warned = False
        self._say(f"There is another preset “{self._typed}”." if self._replaces else "")

    def _say(self, words: str) -> None:
        self.query_one(".sheet").set_class(self._replaces, "-urgent")
        self.query_one("#meaning", Static).update(plain(words))

    @on(Input.Submitted)
    def _submit(self) -> None:
        if not self._typed:
            self._say("A preset needs a name.")
        elif self._replaces and not self._is_warned:
            self._is_warned = True
            self._say(f"enter once more replaces “{self._typed}” for good.")
        else:
            self.dismiss(self._typed)
