"""A view of an output of any length: it pulls what is new and draws only what is on the screen."""

from datetime import UTC, tzinfo
from functools import partial
from pathlib import Path
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.selection import Selection
from textual.strip import Strip
from textual.timer import Timer

from taskconsole.actions import bindings
from taskconsole.keymap.output import LOG
from taskconsole.widgets.output import copying
from taskconsole.widgets.output.arrivals import Arrivals
from taskconsole.widgets.output.finding import Finding
from taskconsole.widgets.output.levels import Threshold
from taskconsole.widgets.output.line_format import COMPONENT_CLASSES, LineFormat
from taskconsole.widgets.output.log_content import LogContent
from taskconsole.widgets.output.log_styles import LOG_CSS
from taskconsole.widgets.output.painter import Painter
from taskconsole.widgets.output.pulse import Liveliness, Pulse
from taskconsole.widgets.output.rows import Place
from taskconsole.widgets.output.search import Finder, Search
from taskconsole.widgets.output.tail_view import TailView
from taskconsole.widgets.output.tracebacks import Frames
from taskconsole.widgets.styles import component_style
from taskconsole.workers import replace_worker
from taskengine.errors import TaskError
from taskengine.output import Output, OutputBuffer

_SLICE_SECONDS = 0.006
_BETWEEN_SLICES = 0.004


class LogView(TailView, can_focus=True):
    """The log of one run. Follows the newest line until someone scrolls up.

    Times are shown in `zone`; frames of files below `root` stand out in tracebacks.
    """

    ALLOW_SELECT = True
    COMPONENT_CLASSES: ClassVar[set[str]] = COMPONENT_CLASSES
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(LOG)]
    DEFAULT_CSS = LOG_CSS

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
        """Something was put on the clipboard; `what` says it in words."""

        def __init__(self, what: str) -> None:
            super().__init__()
            self.what = what

    class NotCopied(Message):
        """Something could not be put on the clipboard; `why` says it in words."""

        def __init__(self, why: str) -> None:
            super().__init__()
            self.why = why

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
        self._next_slice: Timer | None = None
        self._finding = Finding(self, self.pull)
        self._pulse = Pulse(self, self.pull, lambda: self._is_current)
        self._arrivals = Arrivals(
            self, lambda: self._content.output, self._wanted, self._take_arrived
        )
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
        return self._content.current_hit

    def show(
        self,
        output: Output | None,
        liveliness: Liveliness = Liveliness.GROWING,
        finder: Finder | None = None,
    ) -> None:
        """Show another output, from its end; None shows nothing. `finder` searches in what of it
        is not in memory.
        """
        self.follow = True
        self._finding.finder = finder
        self._widest = 0
        self._open(output or OutputBuffer())
        self._anchor = None
        self._pulse.liveliness = liveliness if output else Liveliness.COMPLETE
        self._take_in()

    def go_on_with(self, output: Output, liveliness: Liveliness) -> None:
        """Show an output that begins with the lines of the one that is shown; the place stays."""
        self._content.output = output
        self._pulse.liveliness = liveliness
        self._take_in()

    def _take_in(self) -> None:
        self.pull()
        self.refresh()
        self._pulse.adjust()

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
        self._arrivals.forget()

    def _reopen(self) -> None:
        """Show the same lines in another way: the topmost line and the search stay."""
        if not self.is_attached:
            return
        before = self._content
        self._anchor = self._anchor or before.rows.anchor(self.scroll_offset.y)
        self._open(before.output)
        self._content.go_on_as(before)
        self._finding.go_on_for(self.search)
        self._take_in()
        self.post_message(self.Changed(self))

    # Pulling

    def on_mount(self) -> None:
        """Begin to pull."""
        self._pulse.adjust()

    def on_show(self) -> None:
        """Don't wait for the next pull: the view has just come into sight."""
        self._take_in()

    def on_hide(self) -> None:
        """Pull rarely."""
        self._pulse.adjust()

    @property
    def _can_be_seen(self) -> bool:
        """Whether there is room for it on the screen that the user sees.

        Textual's own `is_on_screen` may lay out the screen, and the views that this brings into
        sight are then never told so.
        """
        if not self.is_attached or not self.screen.is_current or not self.size:
            return False
        return all(node.display for node in self.ancestors_with_self)

    def on_focus(self) -> None:
        """Pull often."""
        self._pulse.adjust()

    def on_blur(self) -> None:
        """Pull less often."""
        self._pulse.adjust()

    def on_resize(self, _event: events.Resize) -> None:
        """Wrap anew where the width matters, and keep the place."""
        if self.wrap:
            self._reopen()
        else:
            self._place_at(self._content.rows.anchor(self.scroll_offset.y))

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
        is_held_up = self._content.is_complete or self._content.is_waiting
        if not is_held_up and self._next_slice is None:
            self._next_slice = self.set_timer(_BETWEEN_SLICES, self._pull_next_slice)
        self._arrivals.send()

    def _pull_next_slice(self) -> None:
        self._next_slice = None
        self.pull()

    @property
    def _is_current(self) -> bool:
        return self._content.is_current and self._virtual_width == self.virtual_size.width

    def _wanted(self) -> range | None:
        """The lines that are to come next: those on the screen before those that are only counted
        or searched through.
        """
        if not self._can_be_seen:
            return None
        return self._painter.missing or self._content.wanted

    def _take_arrived(self) -> None:
        self._painter.missing = range(0)  # what is missing still is found out as it is drawn
        self.pull()
        self.refresh()

    # Where things stand

    @property
    def _virtual_width(self) -> int:
        width = self.scrollable_content_region.width
        return width if self.wrap else max(self._widest, width)

    def _place_at(self, anchor: Place) -> None:
        """Make room for all rows, and scroll to the end or to where the anchor now stands."""
        rows = self._content.rows
        self.make_room(Size(self._virtual_width, rows.count))
        if self.follow:
            self.stand_at(rows.count)
        elif isinstance(anchor.line, int):
            self.stand_at(rows.row_of(anchor.line, anchor.section))

    def scrolled_by_user(self) -> None:
        """Forget the place that was to be kept."""
        self._anchor = None

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
        self._painter.missing = range(0)
        strips = super().render_lines(crop)
        if self._painter.missing:
            self._arrivals.send()
        return strips

    def render_line(self, y: int) -> Strip:
        """One row of the screen."""
        scroll_x, scroll_y = self.scroll_offset
        width, style = self.scrollable_content_region.width, self._base_style
        drawn = self._painter.draw(scroll_y + y)
        if drawn is None:
            return Strip.blank(width, style)
        if drawn.strip.cell_length > self._widest:
            self._widest = drawn.strip.cell_length
            self._pulse.adjust()  # the next pull makes room for it
        return drawn.cut(scroll_x, width, style, self._style_of("log--more"))

    # Search

    def start_search(self, query: str) -> None:
        """Look for a text, newest lines first; an empty one ends the search."""
        self._content.start_search(query, has_finder=self._finding.finder is not None)
        self._finding.go_on_for(self.search)
        self._painter.forget()
        self._take_in()
        self.post_message(self.Changed(self))

    def _go_to_first_hit(self) -> None:
        """Go to the newest hit as soon as there is one."""
        newest = self._content.newest_hit()
        if newest is not None and self.current_hit is None:
            self._go_to_line(newest)

    def action_go_to_hit(self, direction: int) -> None:
        """Go to the next hit below (1) or above (-1)."""
        if self.search is None:
            self.action_start_search()
            return
        top = self._content.rows.anchor(self.scroll_offset.y).line
        assert isinstance(top, int)
        found = self._content.next_hit(direction, top)
        if found is not None:
            self._go_to_line(found)

    def _go_to_line(self, line: int) -> None:
        self._content.current_hit = line
        self._painter.forget()
        self.follow = False
        row = self._content.rows.row_of(line)
        top, height = self.scroll_offset.y, self.size.height
        if not top <= row < top + height:
            self.stand_at(max(row - height // 3, 0))
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

    def action_copy(self) -> None:
        """Copy what is selected, else the line that was found, else the whole log."""
        wish = copying.wish(self._content, self.text_selection)
        replace_worker(self, partial(self._copy, self._content, wish), "copy")

    async def _copy(self, content: LogContent, wish: copying.Wish) -> None:
        try:
            excerpt = await copying.brought(content, wish)
        except TaskError as error:
            self.post_message(self.NotCopied(str(error)))
            return
        if excerpt.is_too_long:
            words = f"{wish.what} is too long for the clipboard; S saves the log to a file"
            self.post_message(self.NotCopied(words))
        else:
            self.app.copy_to_clipboard(excerpt.text)
            self.post_message(self.Copied(excerpt.size))

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text as it is shown. A selection counts in lines, not in rows."""
        return copying.at_hand(self._content, selection).text, "\n"
