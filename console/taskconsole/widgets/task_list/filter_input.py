"""The line that the filter is typed into. It is there only while there is a filter."""

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from taskconsole.widgets.line_input import LineInput


class FilterInput(LineInput):
    """The line to type the filter into."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "finish(True)", "Clear filter", tooltip="Take the filter away"),
        Binding("enter", "finish(False)", "To the list", tooltip="Keep the filter"),
        Binding("down", "finish(False)", show=False),
    ]

    DEFAULT_CSS = """
    FilterInput { background: $surface; &.-textual-compact { padding: 0 1; } }
    """

    @dataclass
    class Typed(Message):
        """The filter is another than before."""

        text: str

    @dataclass
    class Finished(Message):
        """The user is done with the filter, and wants all tasks again if `clear` is set."""

        clear: bool

    def __init__(self, value: str = "", *, placeholder: str = "letters of a name") -> None:
        super().__init__(value, placeholder=placeholder, select_on_focus=False, compact=True)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell what is typed."""
        event.stop()
        self.post_message(self.Typed(event.value))

    def action_finish(self, clear: bool) -> None:
        """Tell that the user is done. The next key is no part of the filter any more."""
        self.screen.set_focus(None)
        self.post_message(self.Finished(clear))
