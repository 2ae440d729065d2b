"""Asks from when to when runs are to be listed: one of a few spans, or what is typed."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import ClassVar, TypeAlias

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static

from taskconsole import phrases
from taskconsole.moments import WhenError, parse_stretch
from taskconsole.screens.sheet import sheet_css
from taskconsole.widgets.line_input import LineInput
from taskconsole.widgets.run_filter import Span, stretch_in_words

_EXAMPLES = "2h · 14:30 · yesterday 9:00 to 17:00 · until fri · 2026-11-12"
_ALWAYS = "any time"

Stretch: TypeAlias = tuple[Span | datetime | None, datetime | None]
"""Since when, and until when; None: without such a bound."""


class TimePicker(ModalScreen[Stretch | None]):
    """Gives back a stretch of time, or None if the user gave it up; `now` is the engine's clock."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close", tooltip="Leave it as it is"),
        Binding("down", "move(1)", show=False, tooltip="Go to the next span"),
        Binding("up", "move(-1)", show=False, tooltip="Go to the previous span"),
    ]
    DEFAULT_CSS = sheet_css(
        "TimePicker",
        """
        .sheet { width: 60; padding: 0 1; }
        Input { border: none; height: 1; padding: 0; margin-bottom: 1; background: $panel; }
        Input:focus { border: none; }
        #meaning { height: auto; margin-top: 1; color: $text-muted; }
        #meaning.-wrong { color: $error; }
        """,
    )

    def __init__(self, now: Callable[[], datetime], zone: tzinfo) -> None:
        super().__init__()
        self._now = now
        self._zone = zone
        self._choices = (None, *Span)

    def compose(self) -> ComposeResult:
        """A line to type in, what it means, and the spans."""
        with Vertical(classes="sheet") as frame:
            frame.border_title = "Only runs of a time"
            frame.border_subtitle = "enter chooses · escape closes"
            yield LineInput(placeholder="since when, or from when to when?")
            yield OptionList(*(_ALWAYS if one is None else one.value for one in self._choices))
            yield Static(_EXAMPLES, id="meaning", markup=False)

    def on_mount(self) -> None:
        """Keys go to the line."""
        options = self.query_one(OptionList)
        options.can_focus = False
        options.highlighted = 1

    def action_move(self, step: int) -> None:
        """Go to another span."""
        options = self.query_one(OptionList)
        options.highlighted = ((options.highlighted or 0) + step) % len(self._choices)

    @on(Input.Changed)
    def _tell(self) -> None:
        """Say which stretch is meant, or why none is."""
        words, is_wrong = _EXAMPLES, False
        if typed := self.query_one(Input).value.strip():
            try:
                now, zone = self._now(), self._zone
                words = stretch_in_words(*parse_stretch(typed, now, zone), now, zone)
            except WhenError as error:
                words, is_wrong = str(error), True
        meaning = self.query_one("#meaning", Static)
        meaning.update(phrases.plain(words))
        meaning.set_class(is_wrong, "-wrong")

    @on(Input.Submitted)
    def _submit(self) -> None:
        typed = self.query_one(Input).value
        if not typed.strip():
            self.dismiss((self._choices[self.query_one(OptionList).highlighted or 0], None))
            return
        try:
            self.dismiss(parse_stretch(typed, self._now(), self._zone))
        except WhenError:
            self._tell()

    @on(OptionList.OptionSelected)
    def _choose_clicked(self, event: OptionList.OptionSelected) -> None:
        self.dismiss((self._choices[event.option_index], None))
