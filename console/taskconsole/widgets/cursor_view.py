"""A view of rows, one of which is under the cursor."""

from textual.reactive import reactive
from textual.scroll_view import ScrollView


class CursorView(ScrollView):
    """Moves the cursor over rows that are one line high each, and keeps it in sight.

    What is drawn anew when it moves is the affair of those that know their rows.
    """

    cursor = reactive(0, init=False, repaint=False)

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor on a row."""
        return max(0, min(cursor, self.row_count - 1))

    def keep_cursor_in_sight(self) -> None:
        """Scroll as far as it takes to see the row under the cursor."""
        top, height = round(self.scroll_offset.y), self.size.height
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, immediate=True)
        elif height and self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, immediate=True)

    def action_move(self, rows_down: int) -> None:
        """Move the cursor."""
        self.cursor += rows_down

    def action_move_page(self, pages: int) -> None:
        """Move the cursor by screens."""
        self.cursor += pages * max(self.size.height - 1, 1)
