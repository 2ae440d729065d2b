"""The runs of the chosen task, all of them; one can be picked to be watched."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from taskconsole.widgets.run_table.widget import RunTable


class RunList(Vertical):
    """A table of one task's runs, or a word that there are none."""

    DEFAULT_CSS = """
    RunList {
        #never-ran { display: none; padding: 1 1; color: $text-muted; height: auto; }
        &.-empty #never-ran { display: block; }
    }
    """

    def compose(self) -> ComposeResult:
        """The table, below what stands there without runs."""
        yield Static("It never ran, as far as it is known here: r runs it.", id="never-ran")
        yield RunTable(of_one_task=True)

    @property
    def table(self) -> RunTable:
        """The table inside."""
        return self.query_one(RunTable)

    @on(RunTable.Chosen)
    def _tell_none(self) -> None:
        pages = self.table.pages
        self.set_class(pages.is_complete and pages.count == 0, "-empty")
