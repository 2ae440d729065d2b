"""Asked on leaving while runs go on: wait for them, cancel them, or stay.

Once the user leaves, no schedule fires any more: a new run would have to be waited for too.
"""

import contextlib
from collections.abc import Sequence
from enum import Enum
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from taskconsole.commands import Commands
from taskconsole.messages import Told
from taskconsole.notices import Notice
from taskconsole.run_line import going_on, run_lines
from taskconsole.screens.sheet import sheet_css
from taskconsole.widgets.options import Options
from taskengine.client.handle import Handle
from taskengine.errors import TaskError
from taskengine.events import Event


class Answer(Enum):
    """What is to be done about the runs."""

    UNDECIDED = "Leaving ends the engine in this console, and what it runs."
    WAIT = "Waiting for the end …"
    CANCEL = "Cancelled; waiting for the end … Press X again to leave at once."


class QuitScreen(ModalScreen[bool]):
    """Gives back True when the console may close: at the latest when nothing goes on any more."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "answer('WAIT')", "Wait"),
        Binding("X", "answer('CANCEL')", "Cancel"),
        Binding("escape,s", "stay", "Stay"),
    ]
    DEFAULT_CSS = sheet_css(
        "QuitScreen",
        """
        #runs { margin: 0 0 1 0; }
        OptionList { margin-top: 1; }
        """,
    )

    def __init__(self, handle: Handle) -> None:
        super().__init__()
        self._handle = handle
        self._commands = Commands(handle, self._tell)
        self._was_scheduling = handle.status.scheduling
        self._answer = Answer.UNDECIDED

    def compose(self) -> ComposeResult:
        """What goes on, and the three ways."""
        with Vertical(classes="sheet -urgent"):
            yield Static(id="runs")
            yield Static(id="state")
            yield Options(
                Option("w  Wait for the end, then quit", id="WAIT"),
                Option("X  Cancel what goes on and quit", id="CANCEL"),
                Option("s  Stay", id="STAY"),
            )

    def on_mount(self) -> None:
        """Show what goes on, and keep its durations true."""
        self._show()
        self.set_interval(1.0, self._follow)

    def take_events(self, batch: Sequence[Event]) -> None:  # noqa: ARG002 - all it asks is in the handle
        """Show what goes on since, or close."""
        self._follow()

    def _follow(self) -> None:
        if self._handle.active_runs():
            self._show()
        elif self.is_current:  # not closed already
            self.dismiss(True)

    def _show(self) -> None:
        runs = self._handle.active_runs()
        self.query_one(Vertical).border_title = going_on(runs)
        self.query_one("#runs", Static).update(run_lines(runs, self._handle.now()))
        self.query_one("#state", Static).update(self._answer.value)

    def _tell(self, notice: Notice) -> None:
        self.post_message(Told(notice))

    async def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """The user has chosen from the list."""
        if event.option.id == "STAY":
            await self.action_stay()
        else:
            await self.action_answer(event.option.id or "")

    async def action_answer(self, name: str) -> None:
        """Do it, and close when nothing goes on any more; cancel twice to close regardless."""
        insists = self._answer is Answer.CANCEL and name == Answer.CANCEL.name
        self._answer = Answer[name]
        if insists:
            self.dismiss(True)
            return
        await self._commands.set_scheduling(on=False)
        if self._answer is Answer.CANCEL:
            await self._cancel_all()
        self._follow()

    async def _cancel_all(self) -> None:
        # The latest first: what waits for its turn must not have it because another one ends.
        for run in reversed(self._handle.active_runs()):
            with contextlib.suppress(TaskError):  # the engine has died: so has the run
                await self._handle.cancel_run(run.id)

    async def action_stay(self) -> None:
        """Go on as if nothing had been asked."""
        if self._was_scheduling and self._answer is not Answer.UNDECIDED:
            await self._commands.set_scheduling(on=True)
        self.dismiss(False)
