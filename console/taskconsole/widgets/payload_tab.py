"""The payload of the chosen task: its editor, and whether what stands there can be run."""

from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from taskconsole.actions import bindings
from taskconsole.drafts import EMPTY
from taskconsole.keymap import PAYLOAD
from taskconsole.widgets.json_editor import JsonEditor
from taskconsole.widgets.payload_check import PayloadFault
from taskengine.run import Payload


class PayloadTab(Vertical):
    """Holds a text per moment; whose it is and what it was is known elsewhere."""

    BINDINGS = bindings(PAYLOAD)
    DEFAULT_CSS = """
    PayloadTab {
        JsonEditor { border: none; padding: 0; height: 1fr; background: $surface; }
        JsonEditor:focus { border: none; }
        #validity { height: auto; max-height: 3; padding: 0 1; color: $success; }
        #validity.-faulty { color: $error; }
    }
    """

    @dataclass
    class RecallRequested(Message):
        """An earlier payload is wanted (1), or a later one (-1)."""

        step: int

    def compose(self) -> ComposeResult:
        """The editor, and a line on what is in it."""
        yield JsonEditor()
        yield Static("✓ valid JSON", id="validity", markup=False)

    @property
    def editor(self) -> JsonEditor:
        """The editor itself."""
        return self.query_one(JsonEditor)

    @property
    def text(self) -> str:
        """What is typed at this moment."""
        return self.editor.text

    def payload(self) -> Payload:
        """The payload that is typed. Raises PayloadFault."""
        return self.editor.payload()

    def show_text(self, text: str) -> None:
        """Put a text into the editor."""
        if text != self.editor.text:
            self.editor.load_text(text)

    def go_between_braces(self) -> None:
        """Put the cursor where something can be typed, if nothing has been."""
        if self.editor.text == EMPTY and self.editor.cursor_location == (0, 0):
            self.editor.move_cursor((0, 1))

    def point_at(self, fault: PayloadFault) -> None:
        """Put the cursor where the fault is."""
        self.editor.move_cursor((fault.line - 1, fault.column - 1))

    def action_recall(self, step: int) -> None:
        """Ask for another of the task's payloads."""
        self.post_message(self.RecallRequested(step))

    @on(JsonEditor.Checked)
    def _tell(self, event: JsonEditor.Checked) -> None:
        event.stop()
        fault = event.fault
        line = self.query_one("#validity", Static)
        line.set_class(fault is not None, "-faulty")
        line.update(f"✗ {fault}" if fault else "✓ valid JSON")
