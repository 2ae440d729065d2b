"""Lets the user pick one of several runs."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from taskconsole.run_line import run_line
from taskengine.run import Run


class RunPicker(ModalScreen[int | None]):
    """Gives back the number of the run that was picked, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Close", tooltip="Close the list"),
    ]
    DEFAULT_CSS = """
    RunPicker {
        align: center middle;
        background: $background 70%;
        Vertical {
            width: 64;
            max-width: 95%;
            height: auto;
            max-height: 80%;
            padding: 0 1;
            border: round $border;
            border-title-color: $foreground;
            background: $surface;
        }
        OptionList {
            height: auto;
            max-height: 20;
            border: none;
            background: transparent;
            &:focus { border: none; background: transparent; }
        }
    }
    """

    def __init__(self, title: str, runs: Sequence[Run], now: datetime) -> None:
        super().__init__()
        self._title = title
        self._runs = runs
        self._now = now

    def compose(self) -> ComposeResult:
        """The runs, one a line."""
        with Vertical() as frame:
            frame.border_title = Content(self._title)
            yield OptionList(
                *(Option(run_line(run, self._now), id=str(run.id)) for run in self._runs)
            )

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Give back the run."""
        self.dismiss(int(event.option.id or 0))
