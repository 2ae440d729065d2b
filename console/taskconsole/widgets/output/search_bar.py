"""The line in which one types what to search for in a log."""

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from taskconsole.widgets.line_input import LineInput
from taskconsole.widgets.output.log_view import LogView


class SearchBar(LineInput):
    """Searches the log that is seen as one types; `enter` keeps the search, `escape` ends it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "give_up", "End search", id="search.end", tooltip="End the search"),
        Binding("enter", "keep", "To the log", id="search.keep", tooltip="Keep the search"),
        Binding(
            "down",
            "step(1)",
            "Next hit",
            id="search.next",
            tooltip="Go to the next hit of the search",
        ),
        Binding(
            "up",
            "step(-1)",
            "Previous hit",
            id="search.previous",
            tooltip="Go to the previous hit of the search",
        ),
    ]
    DEFAULT_CSS = """
    SearchBar {
        height: 1;
        border: none;
        padding: 0 1;
        background: $panel;
        display: none;
        &:focus { border: none; }
        &.-open { display: block; }
    }
    """

    class Left(Message):
        """It has gone out of sight, with the search or without it."""

    def __init__(self, log: Callable[[], LogView | None]) -> None:
        super().__init__(placeholder="search, newest first", id="search")
        self._log = log

    def open(self) -> None:
        """Let a search be typed, at once: what comes right after the slash is no key of the log."""
        self.add_class("-open")
        self.screen.set_focus(self)

    def end_search(self) -> None:
        """Go out of sight with the search."""
        self.remove_class("-open")
        self.value = ""

    @on(Input.Changed)
    def _search(self, event: Input.Changed) -> None:
        event.stop()
        if log := self._log():
            log.start_search(event.value)

    def action_keep(self) -> None:
        """Go back to the log with the search."""
        self.remove_class("-open")
        self.post_message(self.Left())

    def action_step(self, direction: int) -> None:
        """Go to the next hit (1) or the previous one (-1) while typing."""
        if log := self._log():
            log.action_go_to_hit(direction)

    def action_give_up(self) -> None:
        """End the search."""
        self.end_search()
        self.post_message(self.Left())
