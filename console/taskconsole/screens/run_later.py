"""Asks when a task is to run: a delay or a time, read as it is typed."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from taskconsole import phrases
from taskconsole.moments import WhenError, parse_when
from taskconsole.screens.sheet import sheet_css
from taskconsole.widgets.line_input import LineInput

_EXAMPLES = "in 10m · at 14:30 · tomorrow 9:00 · fri 18:00 · 2026-12-24 03:00"


class RunLaterScreen(ModalScreen[datetime | None]):
    """Gives back the instant, in UTC, or None; `now` is the engine's clock."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Back", tooltip="Put nothing off"),
    ]
    DEFAULT_CSS = sheet_css(
        "RunLaterScreen",
        """
        .sheet { width: 70; }
        Input { border: none; height: 1; padding: 0; background: $panel; }
        Input:focus { border: none; }
        #meaning { margin-top: 1; height: auto; }
        #meaning.-wrong { color: $error; }
        """,
    )

    def __init__(self, task: str, now: Callable[[], datetime], zone: tzinfo) -> None:
        super().__init__()
        self._of_task = task
        self._now = now
        self._zone = zone

    def compose(self) -> ComposeResult:
        """A line to type in, and what it means."""
        with Vertical(classes="sheet") as frame:
            frame.border_title = Content(f"Run {phrases.plain(self._of_task)} later")
            frame.border_subtitle = "enter puts it off · escape does not"
            yield LineInput(placeholder="when?")
            yield Static(_EXAMPLES, id="meaning", markup=False)

    def on_mount(self) -> None:
        """Let what is typed be told as time goes on."""
        self.set_interval(1.0, self._tell)

    @on(Input.Changed)
    def _tell(self) -> None:
        """Say which instant is meant, or why none is."""
        typed, meaning = self.query_one(Input).value, self.query_one("#meaning", Static)
        words, is_wrong = _EXAMPLES, False
        if typed.strip():
            try:
                at = parse_when(typed, self._now(), self._zone)
                words = f"{phrases.to_come(at, self._now(), self._zone)} ({self._zone})"
            except WhenError as error:
                words, is_wrong = str(error), True
        meaning.update(phrases.plain(words))
        meaning.set_class(is_wrong, "-wrong")

    @on(Input.Submitted)
    def _submit(self) -> None:
        try:
            at = parse_when(self.query_one(Input).value, self._now(), self._zone)
        except WhenError:
            self._tell()
        else:
            self.dismiss(at)
