"""The titles above the columns of a table of runs."""

from textual.content import Content
from textual.widget import Widget

from taskconsole.widgets.run_table.columns import GAP, Columns
from taskconsole.widgets.run_table.paint import LEAD

_TITLES = ("State", "Run", "Task", "Trigger", "When", "Took", "Lines", "Error or payload")
_RIGHT = {"Run", "Took", "Lines"}


class RunTitles(Widget):
    """One line that stands over the columns."""

    DEFAULT_CSS = """
    RunTitles { height: 1; color: $text-muted; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._columns = Columns()

    def show_columns(self, columns: Columns) -> None:
        """Stand over these columns."""
        if columns != self._columns:
            self._columns = columns
            self.refresh()

    def render(self) -> Content:
        """The titles that have a column; numbers' stand over their ends."""
        shown = zip(_TITLES, self._columns.widths, strict=True)
        cells = [_cell(title, width) for title, width in shown if width]
        return Content(" " * LEAD + (" " * GAP).join(cells))


def _cell(title: str, width: int) -> str:
    title = title if len(title) <= width else title.partition(" ")[0]
    return f"{title[:width]:>{width}}" if title in _RIGHT else f"{title[:width]:<{width}}"
