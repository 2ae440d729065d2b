"""Completions of a payload, put into the editor one after the other."""

from dataclasses import dataclass
from typing import Self

from textual.widgets import TextArea
from textual.widgets.text_area import Location

from taskconsole.widgets.payload_completion import Completion, complete
from taskconsole.widgets.payload_schema import PayloadSchema


@dataclass(slots=True)
class Offer:
    """What can stand at one place, and which of it does. `text` is the editor's since."""

    completion: Completion
    text: str
    end: int
    chosen: int = -1

    @classmethod
    def at_cursor(cls, editor: TextArea, schema: PayloadSchema) -> Self:
        """What can stand at the cursor."""
        position = len(editor.get_text_range((0, 0), editor.cursor_location))
        completion = complete(schema, editor.text, position)
        return cls(completion, editor.text, completion.end)

    def stands_in(self, editor: TextArea) -> bool:
        """Whether there is more to put in, and nothing was typed nor the cursor moved since."""
        is_there = editor.text == self.text and self.chosen >= 0
        has_more = len(self.completion.texts) > 1
        return is_there and has_more and editor.cursor_location == _location(self.text, self.end)

    def put_next(self, editor: TextArea) -> str:
        """Put in the next one; gives back in words what else there is, empty if nothing fits."""
        texts = self.completion.texts
        if not texts:
            return ""
        self.chosen = (self.chosen + 1) % len(texts)
        start = self.completion.start
        put, places = (
            texts[self.chosen],
            (_location(self.text, start), _location(self.text, self.end)),
        )
        editor.replace(put, *places, maintain_selection_offset=False)
        self.text, self.end = editor.text, start + len(put)
        return f"{self.chosen + 1} of {len(texts)}: {' · '.join(one.rstrip(': ') for one in texts)}"


def _location(text: str, index: int) -> Location:
    return text.count("\n", 0, index), index - text.rfind("\n", 0, index) - 1
