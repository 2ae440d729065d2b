"""The payload editor: JSON in colours, checked as it is typed."""

import asyncio
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.message import Message
from textual.widgets import TextArea
from textual.widgets.text_area import Location

from taskconsole.widgets.json_tokens import JSON_CLASSES, JSON_CSS, json_tokens
from taskconsole.widgets.payload_check import PayloadFault, parse_payload
from taskconsole.widgets.styles import component_style
from taskconsole.workers import replace_worker
from taskengine.run import Payload

_INDENT = "  "
_LARGE_CHARS = 50_000
_LARGE_PAUSE = 0.3
_LONGEST_COLOURED_LINE = 5_000
_CLOSING = ("}", "]")


class JsonEditor(TextArea):
    """A text area for a JSON object. `fault` is what is wrong with the text, if anything.

    A fault that somebody else has found in the text is marked until the text changes.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = JSON_CLASSES | {"json--fault"}

    DEFAULT_CSS = f"""
    JsonEditor {{
        {JSON_CSS}
        & > .json--fault {{ color: $text; background: $error; text-style: bold underline; }}
    }}
    """

    class Checked(Message):
        """The text became valid or faulty, or its fault is another than before."""

        def __init__(self, editor: "JsonEditor", fault: PayloadFault | None) -> None:
            super().__init__()
            self.editor = editor
            self.fault = fault

        @property
        def control(self) -> "JsonEditor":
            """The editor that was checked."""
            return self.editor

    def __init__(
        self,
        text: str = "",
        *,
        id: str | None = None,  # noqa: A002  (Textual's own name for it)
        classes: str | None = None,
    ) -> None:
        self._is_large = len(text) > _LARGE_CHARS
        super().__init__(
            text,
            id=id,
            classes=classes,
            theme="css",
            soft_wrap=False,
            show_line_numbers=True,
            tab_behavior="focus",
        )
        self.indent_width = len(_INDENT)
        self.cursor_blink = False
        self.highlight_cursor_line = False  # it would be drawn over the colours of the line
        self.fault = _find_fault(text)
        self._marked: PayloadFault | None = None

    def mark(self, fault: PayloadFault | None) -> None:
        """Mark the place of a fault that is none of JSON; None takes the mark away."""
        if fault != self._marked:
            self._marked = fault
            self.notify_style_update()
            self.refresh()

    def payload(self) -> Payload:
        """The payload that the text stands for at this moment. Raises PayloadFault."""
        return parse_payload(self.text)

    def get_line(self, line_index: int) -> Text:
        """The line in colours, with the fault marked where it is in this line."""
        line = super().get_line(line_index)
        if len(line) <= _LONGEST_COLOURED_LINE:
            for component, start, end in json_tokens(line.plain):
                line.stylize(component_style(self, component), start, end)
        fault = self.fault or self._marked
        if fault and fault.line == line_index + 1:
            self._underline(line, fault.column - 1)
        return line

    def _underline(self, line: Text, column: int) -> None:
        """Mark one character, the line's last if the fault is at its end."""
        start = max(min(column, len(line) - 1), 0)
        line.stylize(component_style(self, "json--fault"), start, start + 1)

    @on(TextArea.Changed)
    def _check(self) -> None:
        """Check at once; a large text after a pause in typing, beside the screen's own work."""
        text = self.text
        self.mark(None)
        self._is_large = len(text) > _LARGE_CHARS
        if self._is_large:
            replace_worker(self, partial(self._check_later, text), "check")
        else:
            self._take(_find_fault(text))

    async def _check_later(self, text: str) -> None:
        await asyncio.sleep(_LARGE_PAUSE)
        fault = await asyncio.to_thread(_find_fault, text)
        if text == self.text:
            self._take(fault)

    def _take(self, fault: PayloadFault | None) -> None:
        if fault != self.fault:
            self.fault = fault
            self.notify_style_update()
            self.refresh()
            self.post_message(self.Checked(self, fault))

    def find_matching_bracket(self, bracket: str, search_from: Location) -> Location | None:
        """The other bracket of a pair; not looked for in a large text, where it takes seconds."""
        return None if self._is_large else super().find_matching_bracket(bracket, search_from)

    def on_key(self, event: events.Key) -> None:
        """Keep the indentation at `enter`, and take a step back for a closing bracket."""
        if self.read_only:
            return
        if event.key == "enter":
            self._break_line()
        elif event.character in _CLOSING and self._text_before_cursor().endswith(_INDENT):
            self._close_bracket(event.character)
        else:
            return
        event.stop()
        event.prevent_default()

    def _text_before_cursor(self) -> str:
        """What stands before the cursor in its line, if that is white space only."""
        row, column = self.selection.end
        before = self.document.get_line(row)[:column]
        return "" if before.strip() else before

    def _close_bracket(self, bracket: str) -> None:
        start, end = sorted(self.selection)
        row, column = start
        self._replace_via_keyboard(bracket, (row, max(column - len(_INDENT), 0)), end)

    def _break_line(self) -> None:
        """Go on in a new line at the same depth, or one deeper after an opening bracket."""
        start, end = sorted(self.selection)
        before = self.document.get_line(start[0])[: start[1]]
        after = self.document.get_line(end[0])[end[1] :].lstrip()
        indent = before[: len(before) - len(before.lstrip())]
        opens = before.rstrip().endswith(("{", "["))
        deeper = indent + _INDENT if opens else indent
        tail = f"\n{indent}" if opens and after.startswith(_CLOSING) else ""
        self._replace_via_keyboard(f"\n{deeper}{tail}", start, end)
        if tail:
            self.move_cursor((start[0] + 1, len(deeper)))


def _find_fault(text: str) -> PayloadFault | None:
    try:
        parse_payload(text)
    except PayloadFault as fault:
        return fault
    return None
