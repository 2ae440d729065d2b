"""A view of rows, one of which is under the cursor."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip


def tone_classes(tones: Iterable[str]) -> set[str]:
    """The component classes for some tones."""
    return {f"row--{tone}" for tone in tones}


class CursorView(ScrollView):
    """Draws the rows that are on the screen, each one line high behind a cell for the cursor's bar;
    moves the cursor and keeps it in sight.

    `TONES` are the names of the styles that rows are drawn in, `running` for the bar among them;
    each has its `tone_classes` in the CSS.
    """

    TONES: ClassVar[tuple[str, ...]] = ()
    COMPONENT_CLASSES: ClassVar[set[str]] = {"row--cursor"}
    DEFAULT_CSS = """
    CursorView {
        height: 1fr;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        & > .row--cursor { background: $block-cursor-blurred-background; }
        &:focus > .row--cursor { background: $block-cursor-background; }
        & > .row--text { color: $foreground; }
        & > .row--muted { color: $text-muted; }
        & > .row--running { color: $primary; text-style: bold; }
        & > .row--done { color: $success; }
        & > .row--failed { color: $error; text-style: bold; }
        & > .row--warning { color: $warning; }
    }
    """

    cursor = reactive(0, init=False, repaint=False)

    _tones: Mapping[str, Style] | None = None
    _base = Style.null()

    # What the rows are

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def row_segments(self, row: int, tones: Mapping[str, Style]) -> Iterable[Segment]:
        """What a row looks like behind the cursor's bar, in styles by the names of `TONES`."""
        raise NotImplementedError

    @property
    def seen(self) -> range:
        """The rows on the screen."""
        top = round(self.scroll_offset.y)
        return range(top, min(top + self.size.height, self.row_count))

    def row_at(self, y: int) -> int | None:
        """The row on a line of the screen, if there is one."""
        row = y + round(self.scroll_offset.y)
        return row if row < self.row_count else None

    def post_own(self, message: Message) -> None:
        """Post what only the view itself tells, whoever has changed it: Textual keeps a message
        that a parent has caused from going beyond that parent.
        """
        self.post_message(message.set_sender(self))

    # Drawing

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of a region; what is the same for all of them is looked up once."""
        self._base = self.rich_style
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        row, base = self.row_at(y), self._base
        if row is None:
            return Strip.blank(self.size.width, base)
        tones, bar = self._tone_styles(), Segment(" ")
        if row == self.cursor:
            base += self.get_component_rich_style("row--cursor", partial=True)
            bar = Segment("▌" if self.has_focus else "▏", tones["running"])
        strip = Strip([bar, *self.row_segments(row, tones)])
        return strip.adjust_cell_length(self.size.width).apply_style(base)

    def _tone_styles(self) -> Mapping[str, Style]:
        if self._tones is None:
            self._tones = {
                tone: self.get_component_rich_style(f"row--{tone}", partial=True)
                for tone in self.TONES
            }
        return self._tones

    def notify_style_update(self) -> None:
        """Forget styles that the theme may have changed."""
        super().notify_style_update()
        self._tones = None

    def on_focus(self) -> None:
        """The cursor looks different with the focus."""
        self.refresh_line(self.cursor)

    def on_blur(self) -> None:
        """The cursor looks different without the focus."""
        self.refresh_line(self.cursor)

    # The cursor

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor on a row."""
        return max(0, min(cursor, self.row_count - 1))

    def watch_cursor(self, old: int, new: int) -> None:
        """Draw both rows, and have the one under the cursor in sight."""
        self.refresh_line(old)
        self.refresh_line(new)
        self.keep_cursor_in_sight()

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

    def action_move_to_end(self, end: str) -> None:
        """Move the cursor to the `first` row, or to the `last` one."""
        self.cursor = self.row_count - 1 if end == "last" else 0
