"""The line in which one types what to search for in a log."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input


class SearchBar(Input):
    """Tells what is typed as it is typed; `enter` keeps the search, `escape` ends it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "give_up", "End search", id="search.end", tooltip="End the search"),
        Binding("up", "step(-1)", "Previous hit", show=False, id="search.previous"),
        Binding("down", "step(1)", "Next hit", show=False, id="search.next"),
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

    class GaveUp(Message):
        """The search is to end."""

    class Stepped(Message):
        """Go to the next hit (1) or the previous one (-1) while typing."""

        def __init__(self, direction: int) -> None:
            super().__init__()
            self.direction = direction

    def action_give_up(self) -> None:
        """End the search."""
        self.post_message(self.GaveUp())

    def action_step(self, direction: int) -> None:
        """Go to a neighbouring hit."""
        self.post_message(self.Stepped(direction))
