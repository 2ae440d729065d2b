"""The framed table: filter line, column titles, rows, and what stands there without any."""

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from taskconsole.formatting import format_count
from taskconsole.widgets.framed import Framed
from taskconsole.widgets.run_filter import Part
from taskconsole.widgets.run_filter_bar import RunFilterBar
from taskconsole.widgets.run_table.titles import RunTitles
from taskconsole.widgets.run_table.widget import RunTable
from taskconsole.widgets.told_line import ToldLine

_NONE_YET = """\
No runs yet.

[$text-muted]What a task does when it fires, or when you run it, is listed here: press 1, choose a \
task and press r.[/]"""
_NONE_SUCH = "No run is like that.\n[$text-muted]backspace lists all[/]"


class RunPanel(Framed):
    """All about the table. Its messages are the table's."""

    DEFAULT_CSS = """
    RunPanel {
        #trouble { max-height: 3; padding: 0 1; color: $error; }
        #no-runs { display: none; padding: 1 2; height: auto; }
        &.-empty #no-runs { display: block; }
        &.-empty RunTitles { display: none; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._count = ("", "")
        self._none = ""

    def compose(self) -> ComposeResult:
        """Stack the parts."""
        yield RunFilterBar()
        yield ToldLine("trouble")
        yield RunTitles()
        yield Static("", id="no-runs")
        yield RunTable()

    def on_mount(self) -> None:
        """Begin without runs."""
        self.border_title = "Runs"

    @property
    def table(self) -> RunTable:
        """The table inside."""
        return self.query_one(RunTable)

    def show_filter(self, chips: Sequence[tuple[Part, str]], words: str) -> None:
        """Show what is filtered, and how far a search has come."""
        self.query_one(RunFilterBar).show(chips, words)

    def say_trouble(self, words: str) -> None:
        """Say why something may be missing; nothing takes the words away."""
        self.query_one("#trouble", ToldLine).tell(words)

    def show_count(self, *, is_searching: bool, is_filtered: bool) -> None:
        """Tell how many rows there are, and say so if there are none."""
        pages = self.table.pages
        more = "" if pages.is_complete else "+"
        count = f"Runs ({format_count(pages.count)}{more})" if pages.count else "Runs"
        place = f"row {format_count(self.table.cursor + 1)}" if self.table.cursor else ""
        if (count, place) != self._count:  # to set them is to draw the whole panel anew
            self._count = (count, place)
            self.border_title, self.border_subtitle = count, place
        self.set_class(pages.count == 0, "-empty")
        if pages.count == 0:
            self._say_none(_words_of_none(is_searching=is_searching, is_filtered=is_filtered))

    def _say_none(self, words: str) -> None:
        if words != self._none:
            self._none = words
            self.query_one("#no-runs", Static).update(words)

    def start_text(self, text: str) -> None:
        """Let the user type words, or go on typing them."""
        from taskconsole.widgets.task_list.filter_input import FilterInput

        if not self.query(FilterInput):
            typed = FilterInput(placeholder="words in payload, result or error", value=text)
            self.mount(typed, before=0)
        self.query_one(FilterInput).focus()

    def end_text(self) -> None:
        """Take the line away, and go back to the table."""
        self.query("FilterInput").remove()
        self.table.focus()

    @on(RunTable.ColumnsChanged)
    def _show_titles(self) -> None:
        self.query_one(RunTitles).show_columns(self.table.columns)


def _words_of_none(*, is_searching: bool, is_filtered: bool) -> str:
    if is_searching:
        return "looking …"
    return _NONE_SUCH if is_filtered else _NONE_YET
