"""The framed list: filter line, column titles, the table, and what stands there without tasks."""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from taskconsole.formatting import format_count
from taskconsole.phrases import plain
from taskconsole.widgets.framed import Framed
from taskconsole.widgets.task_list.entry import SortOrder, TaskEntry
from taskconsole.widgets.task_list.titles import ColumnTitles
from taskconsole.widgets.task_list.widget import TaskList

if TYPE_CHECKING:  # imported when the user wants to filter
    from taskconsole.widgets.task_list.filter_input import FilterInput


class TaskPanel(Framed):
    """All about the list. Its messages are the list's."""

    DEFAULT_CSS = """
    TaskPanel {
        #no-tasks { display: none; padding: 1 2; height: auto; }
        #example { display: none; padding: 0 2; height: auto; }
        &.-empty #no-tasks { display: block; }
        &.-empty #example { display: block; }
        &.-empty TaskList { display: none; }
        &.-empty ColumnTitles { display: none; }
        #no-hits { display: none; padding: 1 2; height: auto; }
        &.-no-hits #no-hits { display: block; }
        &.-no-hits ColumnTitles { display: none; }
    }
    """

    def __init__(self) -> None:
        """Begin without tasks."""
        super().__init__(classes="-empty")
        self.border_title = "Tasks"

    def compose(self) -> ComposeResult:
        """Stack the parts."""
        yield ColumnTitles()
        yield Static("", id="no-hits")
        yield TaskList()
        yield Static("Looking for tasks …", id="no-tasks")
        yield Static("", id="example")

    @property
    def table(self) -> TaskList:
        """The table inside."""
        return self.query_one(TaskList)

    def show_tasks(self, entries: Iterable[TaskEntry], now: datetime, zone: tzinfo) -> None:
        """Show these tasks and no others."""
        self.table.show_tasks(entries, now, zone)
        self.set_class(self.table.listing.is_empty, "-empty")
        if self.screen.focused is None:
            self.call_after_refresh(self.table.focus)  # which can't have it while it is hidden

    def say_no_tasks(self, text: str, example: str) -> None:
        """Put a text and an example, in Textual's markup, where the tasks would be."""
        self.query_one("#no-tasks", Static).update(text)
        self.query_one("#example", Static).update(example)

    def start_filter(self) -> None:
        """Let the user type a filter, or go on typing it."""
        from taskconsole.widgets.task_list.filter_input import FilterInput

        if not self.query(FilterInput):
            self.mount(FilterInput(self.table.listing.query), before=0)
        self.query_one(FilterInput).focus()

    def begin_with(self, *, order: SortOrder, query: str, folded: Iterable[str], home: str) -> None:
        """List the tasks in this way, the cursor on `home`, as soon as there are any."""
        self.table.begin_with(order=order, query=query, folded=folded, home=home)
        if self.is_filtered:
            from taskconsole.widgets.task_list.filter_input import FilterInput

            self.mount(FilterInput(query), before=0)

    def on_filter_input_typed(self, event: "FilterInput.Typed") -> None:
        """List what matches."""
        if event.text.strip() != self.table.listing.query:
            self.table.filter_by(event.text)

    def on_filter_input_finished(self, event: "FilterInput.Finished") -> None:
        """Go back to the list, with the filter or without it."""
        if event.clear or not self.is_filtered:
            self.clear_filter()
        self.table.focus()

    @property
    def is_filtered(self) -> bool:
        """Whether some tasks are left out."""
        return bool(self.table.listing.query)

    def clear_filter(self) -> None:
        """List all tasks again."""
        self.query("FilterInput").remove()
        if self.is_filtered:
            self.table.filter_by("")

    def sort_by(self, order: SortOrder) -> None:
        """Change the order of the rows; what is filtered stays with the best match first."""
        if not self.is_filtered:
            self.table.sort_by(order)

    @on(TaskList.Listed)
    def _tell_count(self, event: TaskList.Listed) -> None:
        total = format_count(event.total)
        shown = total if event.listed == event.total else f"{format_count(event.listed)}/{total}"
        self.border_title = f"Tasks ({shown})"
        self.border_subtitle = _order_words(event.order) if event.listed else ""
        self._show_titles()
        self._tell_hits(is_hit=event.listed > 0)

    def _tell_hits(self, *, is_hit: bool) -> None:
        """Say that nothing matches; the list, though blank, stays there to have the focus."""
        query = self.table.listing.query
        self.set_class(bool(query) and not is_hit, "-no-hits")
        words = Content.assemble(
            f"No task matches “{plain(query)}”\n", ("escape clears", "$text-muted")
        )
        self.query_one("#no-hits", Static).update(words)

    @on(ColumnTitles.SortRequested)
    def _sort_by_title(self, event: ColumnTitles.SortRequested) -> None:
        self.sort_by(event.order)

    @on(TaskList.ColumnsChanged)
    def _show_titles(self) -> None:
        table = self.table
        self.query_one(ColumnTitles).show_columns(table.columns, table.listing.shown_order)


def _order_words(order: SortOrder | None) -> str:
    if order is None:
        return "best match first"
    return "" if order is SortOrder.NAME else f"sorted by {order.value}"
