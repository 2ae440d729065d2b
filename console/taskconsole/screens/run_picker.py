"""Lets the user pick one of several runs."""

from collections.abc import Callable, Sequence
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
from taskconsole.screens.sheet import sheet_css
from taskconsole.widgets.options import Options
from taskengine.run import Run


class RunPicker(ModalScreen[int | None]):
    """Gives back the number of the run that was picked, or None. `runs` are asked for again and
    again, for they go on meanwhile.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Close", tooltip="Close the list"),
    ]
    DEFAULT_CSS = sheet_css(
        "RunPicker", ".sheet { padding: 0 1; max-height: 80%; } OptionList { max-height: 20; }"
    )

    def __init__(
        self, title: str, runs: Callable[[], Sequence[Run]], now: Callable[[], datetime]
    ) -> None:
        super().__init__()
        self._title = title
        self._runs = runs
        self._now = now
        self._ids: list[int] = []

    def compose(self) -> ComposeResult:
        """The runs, one a line."""
        with Vertical(classes="sheet") as frame:
            frame.border_title = Content(self._title)
            frame.border_subtitle = "enter shows it · escape closes"
            yield Options()

    def on_mount(self) -> None:
        """Show how the runs stand, and keep it true."""
        self._show()
        self.set_interval(1.0, self._show)

    def _show(self) -> None:
        listed, now, runs = self.query_one(OptionList), self._now(), self._runs()
        before = None if listed.highlighted is None else self._ids[listed.highlighted]
        self._ids = [run.id for run in runs]
        listed.set_options(Option(run_line(run, now), id=str(run.id)) for run in runs)
        if runs:
            listed.highlighted = self._ids.index(before) if before in self._ids else 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Give back the run."""
        self.dismiss(int(event.option.id or 0))
