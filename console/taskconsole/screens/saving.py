"""Shown on leaving while a log is being saved: the console closes as soon as that is done."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from taskconsole.run_files import RunFiles
from taskconsole.saving import being_saved, save_lines
from taskconsole.screens.sheet import sheet_css
from taskconsole.widgets.options import Options

LOOK_EVERY = 0.1  # seconds


class SavingScreen(ModalScreen[bool]):
    """Gives back True when the console may close: at the latest when nothing is saved any more."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,X", "leave", "Quit without it"),
        Binding("escape,s", "stay", "Stay"),
    ]
    DEFAULT_CSS = sheet_css(
        "SavingScreen",
        """
        #saves { margin: 0 0 1 0; }
        OptionList { margin-top: 1; }
        """,
    )

    def __init__(self, files: RunFiles, *, can_stay: bool) -> None:
        """`can_stay` is False where the user has given an answer by which the console ends."""
        super().__init__()
        self._files = files
        self._can_stay = can_stay

    def compose(self) -> ComposeResult:
        """What is saved, how far it is, and the ways besides waiting."""
        ways = [Option("q  Quit without it", id="LEAVE")]
        if self._can_stay:
            ways.append(Option("s  Stay", id="STAY"))
        with Vertical(classes="sheet -urgent"):
            yield Static(id="saves")
            yield Static("The console closes when that is done.", id="state")
            yield Options(*ways)

    def on_mount(self) -> None:
        """Show how far it is, and keep that true."""
        self._files.user_leaves = True
        self._show()
        self.set_interval(LOOK_EVERY, self._follow)

    def _follow(self) -> None:
        if self._files.saves:
            self._show()
        elif self.is_current:  # not closed already
            self.dismiss(True)

    def _show(self) -> None:
        saves = self._files.saves
        self.query_one(Vertical).border_title = being_saved(saves)
        self.query_one("#saves", Static).update(save_lines(saves))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """The user has chosen from the list."""
        if event.option.id == "STAY":
            self.action_stay()
        else:
            self.action_leave()

    def action_leave(self) -> None:
        """Wait no longer."""
        self.dismiss(True)

    def action_stay(self) -> None:
        """Go on; so does what is saved."""
        if self._can_stay:
            self._files.user_leaves = False
            self.dismiss(False)
