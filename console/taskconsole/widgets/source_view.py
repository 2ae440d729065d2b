"""The code of the chosen task: where it stands, and its text in colours."""

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from taskengine.client.views import SourceView


class SourceTab(VerticalScroll):
    """Shows the source that it is given; the line where the task begins is marked."""

    DEFAULT_CSS = """
    SourceTab {
        padding: 0 1;
        scrollbar-size-vertical: 1;
        overflow-x: auto;
        #place { color: $text-muted; width: 1fr; }
        #code { width: auto; }
    }
    """

    def compose(self) -> ComposeResult:
        """The place above the text."""
        yield Static("", id="place", markup=False)
        yield Static("", id="code")

    def show(self, source: SourceView, path: str) -> None:
        """Show a file, scrolled to the task in it; `path` is how to call the file."""
        self.query_one("#place", Static).update(f"{path}:{source.line}")
        self.query_one("#code", Static).update(_numbered(source))
        top = max(source.line - 2, 0)
        self.call_after_refresh(self.scroll_to, y=top, animate=False)

    def say(self, text: str) -> None:
        """Show a sentence instead of a source."""
        self.query_one("#place", Static).update(text)
        self.query_one("#code", Static).update("")


def _numbered(source: SourceView) -> Content:
    from textual.highlight import highlight

    lines = highlight(source.text, language="python").split("\n", allow_blank=True)
    return Content("\n").join(_with_numbers(lines, source.line))


def _with_numbers(lines: list[Content], marked: int) -> Iterator[Content]:
    width = len(str(len(lines)))
    for number, line in enumerate(lines, start=1):
        sign, style = ("▌", "$primary") if number == marked else (" ", "$text-muted")
        yield Content.assemble((f"{sign}{number:>{width}}  ", style), line)
