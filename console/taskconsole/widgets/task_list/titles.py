"""The titles above the list's columns. A click on one sorts by it."""

from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from taskconsole.widgets.task_list.columns import GAP, Columns
from taskconsole.widgets.task_list.entry import SortOrder
from taskconsole.widgets.task_list.paint import LEAD

_TITLES = (
    ("name", "Task", SortOrder.NAME),
    ("schedule", "Schedule", None),
    ("next", "Next fire", SortOrder.NEXT_FIRE),
    ("last", "Last run", SortOrder.LAST_RUN),
    ("spark", "Recent", None),
)


class ColumnTitles(Widget):
    """One line that stands over the columns of the list; the order's column is marked."""

    DEFAULT_CSS = """
    ColumnTitles { height: 1; color: $text-muted; }
    """

    @dataclass
    class SortRequested(Message):
        """A title was clicked."""

        order: SortOrder

    def __init__(self) -> None:
        super().__init__()
        self._columns = Columns(0)
        self._order: SortOrder | None = SortOrder.NAME

    def show_columns(self, columns: Columns, order: SortOrder | None) -> None:
        """Stand over these columns; the one that the rows are sorted by is marked."""
        if (columns, order) != (self._columns, self._order):
            self._columns, self._order = columns, order
            self.refresh()

    def render(self) -> Content:
        """The titles that have a column."""
        parts = [Content(" " * (LEAD - GAP))]
        for column, title, order in _TITLES:
            if width := getattr(self._columns, column):
                mark = "▾" if order and order is self._order else ""
                style = "bold" if mark else ""
                text = Content.styled((title + mark)[:width], style)
                parts.append(Content(" " * GAP) + text.pad_right(width - len(text)))
        return Content.assemble(*parts)

    def on_click(self, event: events.Click) -> None:
        """Ask for the order of the column under the pointer."""
        end = LEAD - GAP
        for column, _, order in _TITLES:
            width = getattr(self._columns, column)
            end += width + GAP if width else 0
            if width and event.x < end:
                if order is not None:
                    self.post_message(self.SortRequested(order))
                return
