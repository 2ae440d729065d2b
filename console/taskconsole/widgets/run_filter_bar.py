"""The line above the runs: what they are filtered by, as chips, and how far a search has come."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from taskconsole.phrases import fit
from taskconsole.widgets.run_filter import Part
from taskconsole.widgets.run_table.paint import cells

_LONGEST = 40
_GAP = "  "


class RunFilterBar(Widget):
    """Chips that a click changes, and their signs that take them away.

    Without any it says what can be filtered by; every word can be clicked on.
    """

    DEFAULT_CSS = """
    RunFilterBar { height: 1; padding: 0 1; color: $text-muted; }
    """

    @dataclass
    class Clicked(Message):
        """A part of the filter is to be changed, or to be taken away."""

        part: Part
        takes_away: bool = False

    class Cleared(Message):
        """All runs are to be listed again."""

    def __init__(self) -> None:
        super().__init__()
        self._chips: Sequence[tuple[Part, str]] = ()
        self._words = ""
        self._places: list[tuple[range, Message]] = []

    def show(self, chips: Sequence[tuple[Part, str]], words: str) -> None:
        """Show what is filtered, and `words` on the right."""
        if (chips, words) != (self._chips, self._words):
            self._chips, self._words = chips, words
            self.refresh()

    def render(self) -> Content:
        """Chips and words, as far as there is room."""
        self._places = []
        parts: list[Content] = []
        column = 0
        if self._chips:
            for part, text in self._chips:
                column = self._place_chip(part, text, column, parts)
            parts.append(Content.styled("all runs", "underline"))
            self._places.append((range(column, column + len("all runs")), self.Cleared()))
            column += len("all runs")
        else:
            column = self._place_parts(parts)
        blank = self.size.width - column - cells(self._words)
        if blank >= len(_GAP):
            parts += [Content(" " * blank), Content.styled(self._words, "$accent")]
        return Content.assemble(*parts)

    def _place_chip(self, part: Part, text: str, column: int, parts: list[Content]) -> int:
        label = f" {part.value}: {fit(text, min(cells(text), _LONGEST))} "
        sign = "✕ "
        parts += [
            Content.styled(label, "$foreground on $panel"),
            Content.styled(sign, "bold $accent on $panel"),
            Content(_GAP),
        ]
        end = column + cells(label)
        self._places.append((range(column, end), self.Clicked(part)))
        self._places.append((range(end, end + len(sign)), self.Clicked(part, takes_away=True)))
        return end + len(sign) + len(_GAP)

    def _place_parts(self, parts: list[Content]) -> int:
        parts.append(Content("all runs · only some: "))
        column = len("all runs · only some: ")
        for part in Part:
            parts += [Content.styled(part.value, "underline"), Content(_GAP)]
            self._places.append((range(column, column + len(part.value)), self.Clicked(part)))
            column += len(part.value) + len(_GAP)
        return column

    def on_click(self, event: events.Click) -> None:
        """Do what stands under the pointer."""
        column = event.x - self.gutter.left
        for place, message in self._places:
            if column in place:
                self.post_message(message)
                return
