"""The payload of the chosen task: its editor, and whether what stands there can be run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static, TextArea

from taskconsole.actions import bindings
from taskconsole.drafts import EMPTY
from taskconsole.keymap.payload import PAYLOAD
from taskconsole.phrases import plain
from taskconsole.widgets.completion_offer import Offer
from taskconsole.widgets.json_editor import JsonEditor
from taskconsole.widgets.payload_check import PayloadFault
from taskconsole.widgets.payload_fields import in_words, words_at
from taskconsole.widgets.payload_schema import PayloadSchema
from taskengine.run import JsonValue, Payload

_PAUSE = 0.25  # in typing, before a type is asked
_WAIT = 0.3  # for the answer, before it is told that it is waited for
_VALID = "✓ valid JSON"


class PayloadTab(Vertical):
    """Holds a text per moment; whose it is and what it was is known elsewhere."""

    BINDINGS = bindings(PAYLOAD)
    DEFAULT_CSS = """
    PayloadTab {
        JsonEditor { border: none; padding: 0; height: 1fr; background: $surface; }
        JsonEditor:focus { border: none; }
        #field { height: auto; max-height: 2; padding: 0 1; color: $text-muted; display: none; }
        &:focus-within #field.-told { display: block; }
        #validity { height: auto; max-height: 3; padding: 0 1; color: $success; }
        #validity.-faulty { color: $error; }
    }
    """

    @dataclass
    class RecallRequested(Message):
        """An earlier payload is wanted (1), or a later one (-1)."""

        step: int

    @dataclass
    class CheckRequested(Message):
        """It is to be found out whether this text is what the task's type wants."""

        text: str

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self._schema: PayloadSchema | None = None
        self._timer: Timer | None = None
        self._offer: Offer | None = None

    def compose(self) -> ComposeResult:
        """The editor, a line on the field at the cursor, and a line on the whole."""
        yield JsonEditor()
        yield Static("", id="field", markup=False)
        yield Static(_VALID, id="validity", markup=False)

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

    def put(self, text: str) -> None:
        """Put a text in the place of what stands in the editor; undoing brings that back."""
        editor = self.editor
        if text != editor.text:
            editor.history.checkpoint()
            editor.replace(text, (0, 0), editor.document.end, maintain_selection_offset=False)
            editor.history.checkpoint()
            editor.move_cursor((0, 0))

    def set_schema(self, schema: Mapping[str, JsonValue] | None) -> None:
        """Hold the text against the schema of a type from now on, or against none."""
        before = self._schema.root if self._schema else None
        if schema is before:
            return
        self._schema = None if schema is None else PayloadSchema(schema)
        self.show_faults(())
        self._describe_field()
        self._ask_soon()

    def show_faults(self, faults: Sequence[PayloadFault], *, is_checked: bool = False) -> None:
        """Tell what is wrong with the fields of the text; `is_checked` if its type was asked."""
        self._stop_waiting()
        self.editor.mark(faults[0] if faults else None)
        if faults:
            self._tell(f"✗ {in_words(faults)}", is_faulty=True)
        elif self.editor.fault is None:
            matches = f"✓ matches {self._schema.name}" if self._schema else _VALID
            self._tell(matches if is_checked else _VALID)

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

    def check_action(
        self,
        action: str,
        parameters: tuple[object, ...],  # noqa: ARG002 - Textual's signature
    ) -> bool | None:
        """Whether an action would do something now."""
        return action != "complete" or self._schema is not None

    def action_complete(self) -> None:
        """Put in what can stand at the cursor; asked again at once, what else can."""
        editor = self.editor
        if self._schema and (self._offer is None or not self._offer.stands_in(editor)):
            self._offer = Offer.at_cursor(editor, self._schema)
        words = self._offer.put_next(editor) if self._offer else ""
        self._tell_field(words or "nothing to complete here")

    @on(JsonEditor.Checked)
    def _tell_checked(self, event: JsonEditor.Checked) -> None:
        event.stop()
        self._tell(f"✗ {event.fault}" if event.fault else _VALID, is_faulty=bool(event.fault))

    @on(TextArea.Changed)
    def _ask_soon(self) -> None:
        """Have the type asked after a pause in typing."""
        self._stop_waiting()
        if self._schema:
            self._timer = self.set_timer(_PAUSE, self._ask)

    def _ask(self) -> None:
        if self._schema and self.editor.fault is None:
            self._timer = self.set_timer(_WAIT, self._tell_waiting)
            self.post_message(self.CheckRequested(self.text))

    def _tell_waiting(self) -> None:
        if self._schema:
            self._tell(f"{_VALID} · {self._schema.name} checks it …")

    def _stop_waiting(self) -> None:
        if self._timer:
            self._timer.stop()

    @on(TextArea.SelectionChanged)
    def _describe_field(self) -> None:
        editor, words = self.editor, ""
        if self._offer and self._offer.stands_in(editor):
            return  # what else fits there is told already
        if self._schema:
            before = editor.get_text_range((0, 0), editor.cursor_location)
            words = words_at(self._schema, editor.text, len(before))
        self._tell_field(words)

    def say(self, words: str) -> None:
        """Tell where the text comes from, until the cursor moves."""
        self.call_after_refresh(self._tell_field, words)  # after what moving the cursor tells

    def _tell_field(self, words: str) -> None:
        line = self.query_one("#field", Static)
        line.set_class(bool(words), "-told")
        line.update(plain(words))

    def _tell(self, words: str, *, is_faulty: bool = False) -> None:
        line = self.query_one("#validity", Static)
        line.set_class(is_faulty, "-faulty")
        line.update(plain(words))
