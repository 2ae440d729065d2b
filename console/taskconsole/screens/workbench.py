"""The two panes that follow the list: the chosen task's details, and a run's output."""

from collections.abc import Sequence

from textual.widget import Widget

from taskconsole.commands import Commands
from taskconsole.screens.detail_area import DetailArea
from taskconsole.screens.output_area import OutputArea
from taskconsole.widgets.payload_check import PayloadFault
from taskconsole.widgets.task_list.rows import Row, RowKind
from taskengine.client.handle import Handle
from taskengine.events import Event
from taskengine.run import Payload


class Workbench:
    """Holds both panes and tells them what the list and the engine tell."""

    def __init__(self, handle: Handle, commands: Commands) -> None:
        self._handle = handle
        self.detail = DetailArea(handle, commands)
        self.output = OutputArea(handle)

    async def mount_in(self, right: Widget, below: Widget) -> None:
        """Put the panes into their places."""
        await right.mount(self.detail)
        await below.mount(self.output)

    def show(self, row: Row) -> None:
        """Show what stands under the cursor, or a few words of help if there are no tasks."""
        if not self._handle.tasks() and row.kind is not RowKind.TASK:
            self.detail.welcome()
            return
        self.detail.show(row)
        self.output.show(row)

    def take_events(self, batch: Sequence[Event], chosen: Row, *, is_about_chosen: bool) -> None:
        """Show what has happened."""
        self.output.take_events(batch)
        self.output.follow_zone()
        self.detail.take_events(batch)
        if is_about_chosen:
            self.show(chosen)

    def tick(self) -> None:
        """Let what is told of times go on."""
        self.output.follow_zone()
        self.detail.tick()

    def edit_payload(self, row: Row) -> None:
        """Let the user type the payload of what is chosen."""
        self.show(row)
        self.detail.edit_payload()

    def payload(self, row: Row) -> Payload | None:
        """The payload typed for what is chosen; None if it has a fault, where the cursor is then.

        The list's message that another row is chosen may still be under way, so the editor goes
        over to the row first: no task ever gets the payload of another.
        """
        self.show(row)
        try:
            return self.detail.payload()
        except PayloadFault as fault:
            self.detail.edit_payload(fault)
            return None
