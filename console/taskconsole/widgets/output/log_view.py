"""A view of an output of any length: it pulls what is new and draws only what is on the screen."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, tzinfo
from pathlib import Path
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from taskconsole.actions import bindings
from taskconsole.widgets.output.actions import LOG
from taskconsole.widgets.output.levels import Threshold
from taskconsole.widgets.output.line_format import COMPONENT_CLASSES, LineFormat
from taskconsole.widgets.output.log_content import LogContent
from taskconsole.widgets.output.log_styles import LOG_CSS
from taskconsole.widgets.output.painter import Painter
from taskconsole.widgets.output.rows import Place
from taskconsole.widgets.output.search import Search
from taskconsole.widgets.output.tracebacks import Frames
from taskconsole.widgets.styles import component_style
from taskengine.output import Output, OutputBuffer

_FOCUSED_RATE = 30
_UNFOCUSED_RATE = 10
_SLICE_SECONDS = 0.006
_BETWEEN_SLICES = 0.004
_LARGEST_COPY = 1_000_000
_MORE = "\u203a"


class LogView(ScrollView, can_focus=True):
    """The log of one run. Follows the newest line until someone scrolls up.

    Times are shown in `zone`; frames of files below `root` stand out in tracebacks.
    """

    ALLOW_SELECT = True
    COMPONENT_CLASSES: ClassVar[set[str]] = COMPONENT_CLASSES
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(LOG)]
    DEFAULT_CSS = LOG_CSS

    follow: reactive[bool] = reactive(True, repaint=False, init=False)
    wrap: reactive[bool] = reactive(False, init=False)
    timestamps: reactive[bool] = reactive(True, init=False)
    threshold: reactive[Threshold] = reactive(Threshold.ALL, init=False)

    class Changed(Message):
        """Its number of lines, its search, its threshold, or whether it follows, is another."""

        def __init__(self, view: "LogView") -> None:
            super().__init__()
            self.view = view

        @property
        def control(self) -> "LogView":
            """The view that changed."""
            return self.view

        def can_replace(self, message: Message) -> bool:
            """Only the last of several is worth looking at."""
            return isinstance(message, LogView.Changed) and message.view is self.view

    class SearchRequested(Message):
        """Someone wants to type what to search for."""

        def __init__(self, view: "LogView") -> None:
            super().__init__()
            self.view = view

    class Copied(Message):
        """Something was put on the clipboard, or was too long for it; `what` says it in words."""

        def __init__(self, what: str, *, too_long: bool = False) -> None:
            super().__init__()
            self.what = what
            self.too_long = too_long

    def __init__(
        self,
        *,
        zone: tzinfo = UTC,
        root: Path | None = None,
        id: str | None = None,  # noqa: A002  (Textual's own name for it)
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._zone = zone
        self._frames = Frames(root)
        self._base_style = Style.null()
        self._styles: dict[str, Style] = {}
        self._widest = 0
        self._anchor: Place | None = None
        self._is_placing = False
        self._pace: Timer | None = None
        self._next_slice: Timer | None = None
        self._open(OutputBuffer())

    # What is shown

    @property
    def line_count(self) -> int:
        """How many lines were written, dropped ones included."""
        return self._content.rows.extent.total

    @property
    def search(self) -> Search | None:
        """The search that goes on or is over, with its hits."""
        return self._content.search

    @property
    def current_hit(self) -> int | None:
        """The number of the line that the search stands on."""
        return self._painter.current_hit

    def show(self, output: Output | None) -> None:
        """Show another output, from its end; None shows nothing."""
        self.follow = True
        self._widest = 0
        self._open(output or OutputBuffer())
        self._anchor = None
        self.pull()
        self.refresh()

    def set_zone(self, zone: tzinfo) -> None:
        """Show times in another zone."""
        self._zone = zone
        self._reopen()

    def _open(self, output: Output) -> None:
        """Begin anew with an output, in the format that is set."""
        width = self.scrollable_content_region.width if self.wrap else None
        line_format = LineFormat(self._zone, self.timestamps, self._style_of, self._frames)
        self._content = LogContent(output, line_format, self.threshold, width)
        self._painter = Painter(self._content, width)

    def _reopen(self) -> None:
        """Show the same lines in another way: the topmost line and the search stay."""
        if not self.is_attached:
            return
        search, hit = self.search, self.current_hit
        self._anchor = self._anchor or self._content.rows.anchor(self.scroll_offset.y)
        self._open(self._content.output)
        if search:
            self._content.start_search(search.query)
            self._painter.current_hit = hit
        self.pull()
        self.refresh()
        self.post_message(self.Changed(self))

    # Pulling

    def on_mount(self) -> None:
        """Begin to pull."""
        self._set_pace()

    def on_show(self) -> None:
        """Don't wait for the next pull: the view has just come into sight."""
        self.pull()

    @property
    def _can_be_seen(self) -> bool:
        return self.is_attached and self.screen.is_current and self.is_on_screen

    def on_focus(self) -> None:
        """Pull often."""
        self._set_pace()

    def on_blur(self) -> None:
        """Pull less often."""
        self._set_pace()

    def on_resize(self, _event: events.Resize) -> None:
        """Wrap anew where the width matters, and keep the place."""
        if self.wrap:
            self._reopen()
        else:
            self._place_at(self._content.rows.anchor(self.scroll_offset.y))

    def _set_pace(self) -> None:
        if self._pace:
            self._pace.stop()
        rate = _FOCUSED_RATE if self.has_focus else _UNFOCUSED_RATE
        self._pace = self.set_interval(1 / rate, self.pull)

    def pull(self) -> None:
        """Take in what is new, as far as that can be done without making a key press wait."""
        if self._is_current or not self._can_be_seen:
            return
        rows = self._content.rows
        anchor = self._anchor or rows.anchor(self.scroll_offset.y)
        self._content.catch_up(_SLICE_SECONDS)
        self._anchor = None if rows.is_complete else anchor
        self._place_at(anchor)
        self._go_to_first_hit()
        self.refresh()
        self.post_message(self.Changed(self))
        if not self._content.is_complete and self._next_slice is None:
            self._next_slice = self.set_timer(_BETWEEN_SLICES, self._pull_next_slice)

    def _pull_next_slice(self) -> None:
        self._next_slice = None
        self.pull()

    @property
    def _is_current(self) -> bool:
        return self._content.is_current and self._virtual_width == self.virtual_size.width

    # Where things stand

    @property
    def _virtual_width(self) -> int:
        width = self.scrollable_content_region.width
        return width if self.wrap else max(self._widest, width)

    def _place_at(self, anchor: Place) -> None:
        """Make room for all rows, and scroll to the end or to where the anchor now stands."""
        rows = self._content.rows
        self._set_virtual_size(Size(self._virtual_width, rows.count))
        if self.follow:
            self._scroll_to_row(rows.count)
        elif isinstance(anchor.line, int):
            self._scroll_to_row(rows.row_of(anchor.line, anchor.section))

    def _set_virtual_size(self, size: Size) -> None:
        """Grow without a new layout of the whole screen, which is slow 30 times a second."""
        if size != self.virtual_size:
            self.set_reactive(Widget.virtual_size, size)
            self._scroll_update(size)

    def _scroll_to_row(self, row: int) -> None:
        with self._placing():
            self.scroll_to(y=min(row, self.max_scroll_y), animate=False)

    @contextmanager
    def _placing(self) -> Iterator[None]:
        """Scrolling that happens in here is not the user's."""
        self._is_placing = True
        try:
            yield
        finally:
            self._is_placing = False

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow the end if that is where the user scrolled to, else stay with the user."""
        super().watch_scroll_y(old_value, new_value)
        if not self._is_placing:
            self._anchor = None
            self.follow = new_value >= self.max_scroll_y

    def watch_follow(self) -> None:
        """Say so."""
        if self.is_attached:
            self.post_message(self.Changed(self))

    # Drawing

    def watch_wrap(self) -> None:
        """Draw all lines the other way."""
        self._widest = 0
        self.scroll_to(x=0, animate=False)
        self._reopen()

    def watch_timestamps(self) -> None:
        """Draw all lines the other way."""
        self._widest = 0
        self._reopen()

    def watch_threshold(self) -> None:
        """Show other lines."""
        self._reopen()

    def notify_style_update(self) -> None:
        """Draw in the styles of the new theme."""
        super().notify_style_update()
        self._styles.clear()
        self._painter.forget()

    def _style_of(self, component: str) -> Style:
        style = self._styles.get(component)
        if style is None:
            style = self._styles[component] = component_style(self, component)
        return style

    def selection_updated(self, selection: Selection | None) -> None:
        """Draw what is selected."""
        self._painter.selection = selection
        self._painter.selection_style = self.screen.get_component_rich_style("screen--selection")
        self._painter.forget()
        self.refresh()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows of a region; what is the same for all of them is looked up once."""
        self._base_style = self.rich_style
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One row of the screen."""
        scroll_x, scroll_y = self.scroll_offset
        width, style = self.scrollable_content_region.width, self._base_style
        drawn = self._painter.draw(scroll_y + y)
        if drawn is None:
            return Strip.blank(width, style)
        cells = drawn.strip.cell_length
        self._widest = max(self._widest, cells)
        strip = drawn.strip.crop_extend(scroll_x, scroll_x + width, style)
        if cells > scroll_x + width:
            more = Segment(_MORE, self._style_of("log--more"))
            strip = Strip([*strip.crop(0, width - 1), more], width)
        if scroll_x:
            strip = strip.apply_offsets(drawn.start + scroll_x, drawn.line)
        return strip.apply_style(style)

    # Search

    def start_search(self, query: str) -> None:
        """Look for a text, newest lines first; an empty one ends the search."""
        self._painter.current_hit = None
        self._painter.forget()
        if query:
            self._content.start_search(query)
        else:
            self._content.search = None
        self.pull()
        self.refresh()
        self.post_message(self.Changed(self))

    def _go_to_first_hit(self) -> None:
        """Go to the newest hit as soon as there is one."""
        if self.search and self.search.hits and self.current_hit is None:
            self._go_to_line(self.search.hits[-1])

    def action_go_to_hit(self, direction: int) -> None:
        """Go to the next hit below (1) or above (-1)."""
        if self.search is None:
            self.action_start_search()
            return
        place = self._content.rows.anchor(self.scroll_offset.y).line
        here = self.current_hit if self.current_hit is not None else place
        assert isinstance(here, int)
        found = self.search.next_hit(here) if direction > 0 else self.search.previous_hit(here)
        if found is not None:
            self._go_to_line(found)

    def _go_to_line(self, line: int) -> None:
        self._painter.current_hit = line
        self._painter.forget()
        self.follow = False
        row = self._content.rows.row_of(line)
        top, height = self.scroll_offset.y, self.size.height
        if not top <= row < top + height:
            self._scroll_to_row(max(row - height // 3, 0))
        self.refresh()
        self.post_message(self.Changed(self))

    def action_start_search(self) -> None:
        """Ask for what to search."""
        self.post_message(self.SearchRequested(self))

    # Actions

    def action_next_threshold(self) -> None:
        """Hide a level more, or show all again."""
        self.threshold = self.threshold.next()

    def action_toggle_wrap(self) -> None:
        """Wrap long lines, or leave them whole."""
        self.wrap = not self.wrap

    def action_toggle_timestamps(self) -> None:
        """Show times, or hide them."""
        self.timestamps = not self.timestamps

    def action_scroll_up(self) -> None:
        """Go up a row."""
        self.scroll_relative(y=-1, animate=False)

    def action_scroll_down(self) -> None:
        """Go down a row."""
        self.scroll_relative(y=1, animate=False)

    def action_scroll_left(self) -> None:
        """Go left."""
        self.scroll_relative(x=-8, animate=False)

    def action_scroll_right(self) -> None:
        """Go right."""
        self.scroll_relative(x=8, animate=False)

    def action_page_up(self) -> None:
        """Go up a page, at once."""
        self.scroll_relative(y=1 - self.size.height, animate=False)

    def action_page_down(self) -> None:
        """Go down a page, at once."""
        self.scroll_relative(y=self.size.height - 1, animate=False)

    def action_scroll_home(self) -> None:
        """Go to the first line."""
        self.scroll_to(x=0, y=0, animate=False)

    def action_scroll_end(self) -> None:
        """Go to the newest line and follow."""
        self.follow = True
        self._scroll_to_row(self._content.rows.count)

    def action_copy(self) -> None:
        """Copy what is selected, else the line that was found, else the whole log."""
        if self.text_selection:
            copied = self.get_selection(self.text_selection)
            self._copy(copied[0] if copied else "", "the selection")
        elif self.current_hit is not None:
            self._copy(self._shown_text(self.current_hit, self.current_hit + 1), "the line")
        else:
            self._copy(self._shown_text(0, self.line_count), "the log")

    def _copy(self, text: str, what: str) -> None:
        too_long = len(text) > _LARGEST_COPY
        if not too_long:
            self.app.copy_to_clipboard(text)
        self.post_message(self.Copied(what, too_long=too_long))

    def _shown_text(self, start: int, stop: int) -> str:
        """The lines as they are shown, as far as a clipboard can be expected to hold them."""
        parts: list[str] = []
        length = 0
        for _line, plain in self._content.shown_lines(start, stop):
            parts.append(plain)
            length += len(plain) + 1
            if length > _LARGEST_COPY + 1:
                break
        return "\n".join(parts)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text as it is shown. A selection counts in lines, not in rows."""
        first = selection.start.y if selection.start else 0
        last = selection.end.y if selection.end else self.line_count
        parts = []
        for line, plain in self._content.shown_lines(first, last + 1):
            start, end = selection.get_span(line) or (0, 0)
            parts.append(plain[start : None if end == -1 else end])
        return "\n".join(parts), "\n"
