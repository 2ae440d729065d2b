"""The options of the chosen task as they count, and where each was written."""

import re
from collections.abc import Iterator, Sequence
from textwrap import wrap

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from taskconsole.phrases import plain
from taskengine.client.views import OptionView

DEFAULT_SOURCE = "default"
NOT_LOADED = "Its code is not loaded yet."
_GLUED = re.compile(r"(?<=\d) (?=[A-Za-z]{1,3}\b)")  # a number and its unit
_GAP = 2
_NARROWEST = 10


class OptionTab(VerticalScroll):
    """Shows the options that it is given; what nobody wrote is muted."""

    DEFAULT_CSS = """
    OptionTab { padding: 0 1; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    """

    def compose(self) -> ComposeResult:
        """One text that scrolls."""
        yield Static(id="options")

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self._options: Sequence[OptionView] = ()
        self._otherwise = NOT_LOADED

    def show(self, options: Sequence[OptionView], otherwise: str = NOT_LOADED) -> None:
        """Show a task's options in their order; where there are none, say so `otherwise`."""
        self._options = options
        self._otherwise = otherwise
        self._write()

    def on_resize(self) -> None:
        """Break the lines anew."""
        self._write()

    def _write(self) -> None:
        lines = list(_lines(self._options, self.scrollable_content_region.width))
        words = lines or [Content(self._otherwise)]
        self.query_one("#options", Static).update(Content("\n").join(words))


def _lines(options: Sequence[OptionView], width: int) -> Iterator[Content]:
    indent = max((len(option.name) for option in options), default=0) + _GAP
    room = max(width - indent, _NARROWEST)
    for option in options:
        is_default = option.source == DEFAULT_SOURCE
        name = (f"{option.name:<{indent}}", "$text-muted" if is_default else "bold $secondary")
        values = _broken(plain(option.value), room)
        source = "" if is_default else plain(option.source)
        left = min(indent, max(width - cell_len(source), 0))
        yield Content.assemble(name, ("".join(values[:1]), "$text-muted" if is_default else ""))
        yield from (Content(f"{'':{indent}}{line}") for line in values[1:])
        sources = wrap(source, max(width - left, _NARROWEST))
        yield from (Content.styled(f"{'':{left}}{line}", "$text-muted") for line in sources)


def _broken(text: str, room: int) -> list[str]:
    """Lines that keep each number and its unit together."""
    glued = _GLUED.sub("\N{NO-BREAK SPACE}", text)
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in wrap(glued, room)]
