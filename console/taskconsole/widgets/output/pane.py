"""The output pane: the run that is watched, with its log, its result and its payload."""

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget

from taskconsole.actions import bindings
from taskconsole.keymap.output import PANE
from taskconsole.widgets.output import pane_words, run_words
from taskconsole.widgets.output.kin_words import RunOf, kin
from taskconsole.widgets.output.log_view import LogView
from taskconsole.widgets.output.pages import TABS, Pages
from taskconsole.widgets.output.progress_words import progress
from taskconsole.widgets.output.search import Finder
from taskconsole.widgets.output.search_bar import SearchBar
from taskconsole.widgets.output.traceback_output import is_whole, with_traceback
from taskconsole.widgets.told_line import ToldLine
from taskengine.output import Output
from taskengine.run import Run

_TICK = 0.2
_PARTS = 5  # that are composed
_CORNERS = 4  # cells of the frame that a title leaves free


def _system_now() -> datetime:
    return datetime.now(UTC)


def _knows_no_other(_run_id: int) -> Run | None:
    return None


class OutputPane(Widget):
    """Shows one run, or the output that belongs to none.

    `is_stale` is True while the words around a log that grows are behind it, a moment at most.
    `now` is the engine's clock, for durations; times of lines are shown in `zone`; frames of
    files below `root` stand out in tracebacks; `run_of` tells how other runs stand. `isolated` is
    True while the watched run has a process of its own.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(PANE)]
    DEFAULT_CSS = """
    OutputPane {
        height: 1fr;
        border: round $border-blurred;
        border-title-align: left;
        border-subtitle-align: right;
        &:focus-within { border: round $border; }
        ToldLine { max-height: 3; padding: 0 1; }
        #kin { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
        #outcome { background: $panel; }
    }
    """

    tab: reactive[str] = reactive("logs", init=False)

    class ZoomRequested(Message):
        """The pane should get the whole screen, or give it back."""

    class SaveRequested(Message):
        """The output should be saved to a file; `run` is None for output that belongs to none."""

        def __init__(self, run: Run | None, output: Output) -> None:
            super().__init__()
            self.run = run
            self.output = output

    class PagerRequested(SaveRequested):
        """The output should be opened in the user's pager."""

    def __init__(
        self,
        *,
        zone: tzinfo = UTC,
        now: Callable[[], datetime] = _system_now,
        root: Path | None = None,
        run_of: RunOf = _knows_no_other,
        id: str | None = None,  # noqa: A002  (Textual's own name for it)
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.run: Run | None = None
        self.output: Output | None = None
        self._now = now
        self._root = root
        self._run_of = run_of
        self._zone = zone
        self.isolated = False
        self.is_stale = False
        self._is_whole = True
        self._has_ended = False
        self._told_words: list[str] = []
        self._pages = Pages(zone=zone, root=root, id="pages")
        self._ticker: Timer | None = None

    def compose(self) -> ComposeResult:
        """The page that is seen, between what can be said of the run in a line."""
        yield ToldLine("kin")
        yield ToldLine("progress")
        yield self._pages
        yield ToldLine("outcome")
        yield SearchBar(lambda: self.shown_log)

    def on_mount(self) -> None:
        """Show what was there to be shown before."""
        self._ticker = self.set_interval(_TICK, self.describe, pause=True)
        self._show_page()

    def on_resize(self) -> None:
        """Tell of the run in as many words as there is room for now."""
        self.describe()

    # What is shown

    def show_run(self, run: Run, output: Output | None, finder: Finder | None = None) -> None:
        """Watch a run, from the end of its log; None if its output is not kept any more. `finder`
        searches in what of it is not in memory.
        """
        self.run, self.output = run, self._read(run, output)
        self._has_ended = False
        self._close_search()
        self._pages.show_run(run, self.output, finder)
        self.tab = "logs" if output else "result"
        self._show_page()

    def update_run(self, run: Run) -> None:
        """Show how the watched run stands now; another run's state is none of our business."""
        if self.run is None or run.id != self.run.id:
            return
        has_ended = run.state.is_final and not self.run.state.is_final
        self.run = run
        if has_ended:
            self._has_ended = True
            self._show_end(run)
        self.describe()

    def complete_run(self, run: Run) -> None:
        """Show the payload and the result of the watched run, which were not all there before."""
        if self.run is not None and run.id == self.run.id:
            self.update_run(run)
            self._pages.complete(run)

    def _show_end(self, run: Run) -> None:
        self.output = self._read(run, self.output)
        self._pages.show_end(run, self.output)
        is_empty = self._is_whole and not _has_text(self.output)
        if self._has_ended and self.tab == "logs" and is_empty:
            self.tab = "result"
        self._show_page()

    def _read(self, run: Run, output: Output | None) -> Output | None:
        self._is_whole = output is None or is_whole(output)
        return with_traceback(run, output, self._root) if output and self._is_whole else output

    @property
    def _has_come_to_its_end(self) -> bool:
        """Whether all that a run has written, which is over, has come to be known by now."""
        is_over = self.run is not None and self.run.state.is_final
        return is_over and not self._is_whole and self.output is not None and is_whole(self.output)

    def show_engine_output(self, output: Output) -> None:
        """Show what was written by code that belongs to no run."""
        self._show_output(output)

    def clear(self) -> None:
        """Show nothing, and say how that changes."""
        self._show_output(None)

    def _show_output(self, output: Output | None) -> None:
        self.run, self.output = None, output
        self._is_whole = True
        self._close_search()
        self._pages.run_log.show(output)
        self.tab = "logs"
        self._show_page()

    def set_zone(self, zone: tzinfo) -> None:
        """Show times in another zone."""
        self._zone = zone
        self._pages.run_log.set_zone(zone)

    # Pages

    def watch_tab(self) -> None:
        """Turn to the page."""
        self._show_page()

    def _show_page(self) -> None:
        if not self._is_composed:
            return
        had_focus = self.has_focus_within
        self._pages.turn_to(self.tab, self.run, self.output)
        if had_focus and not self._search_bar.has_focus:
            self.focus()
        self.describe()

    @property
    def _is_composed(self) -> bool:
        """Whether there are pages to turn and lines to write on: from `on_mount` on, until they are
        taken away one by one.
        """
        return len(self.children) == _PARTS

    @property
    def shown_log(self) -> LogView | None:
        """The log on the page that is seen: the run's own, or a traceback."""
        return self._pages.shown_log

    def focus(self, scroll_visible: bool = True) -> "OutputPane":
        """Focus the page that is seen, if there is something to do on it."""
        page = self._pages.visible_content
        if page and page.can_focus:
            page.focus(scroll_visible)
        return self

    # Words around the pages

    @on(LogView.Changed)
    def _describe_soon(self, event: LogView.Changed) -> None:
        """Tell at once what someone did; the number of lines of a flood can wait a little."""
        self.is_stale = True
        if event.view is self._pages.run_log and pane_words.of_view(event.view) != self._told_words:
            self.describe()
        self._keep_time()

    def describe(self) -> None:
        """Say anew all that is said of the run around its pages."""
        if not self._is_composed:
            return
        if self.run and self._has_come_to_its_end:
            self._show_end(self.run)
            return
        self.is_stale = False
        self._told_words = pane_words.of_view(self._pages.run_log)
        now = self._now()
        room = self.size.width - _CORNERS
        self.border_title = pane_words.title(self.run, self.output, now, room)
        self.border_subtitle = self._subtitle()
        self._tell_lines(self.run, now)
        self._keep_time()

    def _tell_lines(self, run: Run | None, now: datetime) -> None:
        self._tell("kin", kin(run, self._run_of, self._zone) if run else None)
        self._tell("progress", progress(run, now) if run else None)
        words = run_words.outcome(run, now, isolated=self.isolated) if run else None
        self._tell("outcome", words)

    def _keep_time(self) -> None:
        """Describe again and again while a run goes on, and once more for what is left to tell."""
        run = self.run
        is_going_on = run is not None and not (run.state.is_final and self._is_whole)
        if self._ticker and (is_going_on or self.is_stale):
            self._ticker.resume()
        elif self._ticker:
            self._ticker.pause()

    def _tell(self, name: str, words: Content | None) -> None:
        self.query_one(f"#{name}", ToldLine).tell(words)

    def _subtitle(self) -> Content:
        parts = [pane_words.tabs(TABS, self.tab)] if self.run else []
        log = self.shown_log
        if log is not None:
            is_own = log is self._pages.run_log
            words = pane_words.of_log(log) if is_own else [pane_words.of_search(log)]
            parts += [Content(word) for word in words if word]
        return Content(" ─ ").join(parts)

    # Search

    @property
    def _search_bar(self) -> SearchBar:
        return self.query_one(SearchBar)

    @on(LogView.SearchRequested)
    def _open_search(self) -> None:
        self._search_bar.open()

    @on(SearchBar.Left)
    def _go_back_to_page(self) -> None:
        self.focus()

    def _close_search(self) -> None:
        if self._is_composed:
            self._search_bar.end_search()

    # Actions

    def check_action(
        self,
        action: str,
        parameters: tuple[object, ...],  # noqa: ARG002 - Textual's signature
    ) -> bool | None:
        """Whether an action would do something now: without a log there is nothing to save."""
        return self.output is not None if action in ("save", "page") else True

    def action_show_tab(self, name: str) -> None:
        """Turn to a tab by its name."""
        self.tab = name

    def action_turn_tab(self, step: int) -> None:
        """Turn to a neighbouring tab."""
        if self.run:
            self.tab = TABS[(TABS.index(self.tab) + step) % len(TABS)]

    def action_zoom(self) -> None:
        """Ask for the whole screen."""
        self.post_message(self.ZoomRequested())

    def action_save(self) -> None:
        """Ask for the log to be saved."""
        if self.output is not None:
            self.post_message(self.SaveRequested(self.run, self.output))

    def action_page(self) -> None:
        """Ask for the log to be opened in a pager."""
        if self.output is not None:
            self.post_message(self.PagerRequested(self.run, self.output))


def _has_text(output: Output | None) -> bool:
    return output is not None and (output.extent.total > 0 or bool(output.partial))
