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
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Input, Static

from taskconsole.actions import bindings
from taskconsole.formatting import format_count
from taskconsole.widgets.json_tree import JsonTree
from taskconsole.widgets.output import run_words
from taskconsole.widgets.output.actions import PANE
from taskconsole.widgets.output.log_view import LogView
from taskconsole.widgets.output.search_bar import SearchBar
from taskconsole.widgets.output.text_output import output_of
from taskengine.output import Output
from taskengine.run import Run

_TICK = 0.2
_TABS = ("logs", "result", "payload")
_NOTHING_WATCHED = """\
Nothing to show yet.

Choose a task and run it: what it prints appears here as it comes, then its result."""
_NO_RESULT_YET = "No result yet: the run goes on."
_NO_RESULT = "This run ended without a result."


def _system_now() -> datetime:
    return datetime.now(UTC)


class OutputPane(Widget):
    """Shows one run, or the output that belongs to none.

    `is_stale` is True while the words around a log that grows are behind it, a moment at most.
    `now` is the engine's clock, for durations; times of lines are shown in `zone`; frames of
    files below `root` stand out in tracebacks.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(PANE)]
    DEFAULT_CSS = """
    OutputPane {
        height: 1fr;
        border: round $border-blurred;
        border-title-align: left;
        border-subtitle-align: right;
        &:focus-within { border: round $border; }
        #progress, #outcome { height: auto; max-height: 3; padding: 0 1; display: none; }
        #outcome { background: $panel; }
        #progress.-told, #outcome.-told { display: block; }
        #pages { height: 1fr; }
        #empty, #waiting { padding: 1 2; color: $text-muted; height: 1fr; }
        LogView { padding: 0 0 0 1; height: 1fr; }
        JsonTree { padding: 0 1; height: 1fr; }
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
        id: str | None = None,  # noqa: A002  (Textual's own name for it)
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.run: Run | None = None
        self.output: Output | None = None
        self._now = now
        self.is_stale = False
        self._told_words: list[str] = []
        self._log = LogView(zone=zone, root=root, id="logs")
        self._traceback = LogView(zone=zone, root=root, id="traceback")
        self._result = JsonTree(id="result")
        self._payload = JsonTree(id="payload")

    def compose(self) -> ComposeResult:
        """All pages, of which one is seen."""
        yield Static(id="progress", markup=False)
        with ContentSwitcher(id="pages", initial="empty"):
            yield Static(_NOTHING_WATCHED, id="empty", markup=False)
            yield Static(_NO_RESULT_YET, id="waiting", markup=False)
            yield self._log
            yield self._traceback
            yield self._result
            yield self._payload
        yield Static(id="outcome", markup=False)
        yield SearchBar(placeholder="search, newest first", id="search")

    def on_mount(self) -> None:
        """Keep the duration going."""
        self._traceback.timestamps = False
        self.set_interval(_TICK, self._tick)
        self._describe()

    # What is shown

    def show_run(self, run: Run, output: Output | None) -> None:
        """Watch a run, from the end of its log; None if its output is not kept any more."""
        self.run, self.output = run, output
        self._close_search()
        self._log.show(output)
        self._payload.show(run.payload)
        self.tab = "logs"
        self._show_result(run)
        if output is None:
            self.tab = "result"
        self._show_page()

    def update_run(self, run: Run) -> None:
        """Show how the watched run stands now; another run's state is none of our business."""
        if self.run is None or run.id != self.run.id:
            return
        has_ended = run.state.is_final and not self.run.state.is_final
        self.run = run
        if has_ended:
            self._show_result(run)
            if self.tab == "logs" and not _has_text(self.output):
                self.tab = "result"
            self._show_page()
        self._describe()

    def show_engine_output(self, output: Output) -> None:
        """Show what was written by code that belongs to no run."""
        self.run, self.output = None, output
        self._close_search()
        self._log.show(output)
        self.tab = "logs"
        self._show_page()

    def clear(self) -> None:
        """Show nothing, and say how that changes."""
        self.run = self.output = None
        self._close_search()
        self._log.show(None)
        self._show_page()

    def set_zone(self, zone: tzinfo) -> None:
        """Show times in another zone."""
        self._log.set_zone(zone)

    def _show_result(self, run: Run) -> None:
        if run.error is not None:
            heading = f"{run.error.type}: {run.error.message}"
            self._traceback.show(output_of(run.error.traceback or heading))
        elif run.state.is_final:
            self._result.show(run.result)

    # Pages

    def watch_tab(self) -> None:
        """Turn to the page."""
        self._show_page()

    def _show_page(self) -> None:
        if not self.is_mounted:
            return
        had_focus = self.has_focus_within
        page = self._page()
        self.query_one("#pages", ContentSwitcher).current = page
        if had_focus and not self._search_bar.has_focus:
            self.focus()
        self._describe()

    def _page(self) -> str:
        if self.output is None and self.run is None:
            return "empty"
        if self.run is None or self.tab != "result":
            return self.tab if self.run else "logs"
        if self.run.error is not None:
            return "traceback"
        return "result" if self.run.state.is_final else "waiting"

    @property
    def shown_log(self) -> LogView | None:
        """The log on the page that is seen: the run's own, or a traceback."""
        views = {"logs": self._log, "traceback": self._traceback}
        return views.get(self._page())

    def focus(self, scroll_visible: bool = True) -> "OutputPane":
        """Focus the page that is seen, if there is something to do on it."""
        page = self.query_one(f"#{self._page()}")
        if page.can_focus:
            page.focus(scroll_visible)
        return self

    # Words around the pages

    def _tick(self) -> None:
        """Let the duration of a run go on, and tell what the log says of itself."""
        is_going_on = self.run is not None and not self.run.state.is_final
        if is_going_on or self.is_stale:
            self._describe()

    @on(LogView.Changed)
    def _describe_soon(self, event: LogView.Changed) -> None:
        """Tell at once what someone did; the number of lines of a flood can wait a little."""
        self.is_stale = True
        if event.view is self._log and _view_words(event.view) != self._told_words:
            self._describe()

    def _describe(self) -> None:
        if not self.is_mounted:
            return
        self.is_stale = False
        self._told_words = _view_words(self._log)
        now = self._now()
        self.border_title = self._title(now)
        self.border_subtitle = self._subtitle()
        self._tell("progress", run_words.progress(self.run, now) if self.run else None)
        self._tell("outcome", run_words.outcome(self.run, now) if self.run else None)

    def _title(self, now: datetime) -> Content:
        if self.run is not None:
            return run_words.title(self.run, now)
        return Content("Engine output" if self.output else "Output")

    def _tell(self, name: str, words: Content | None) -> None:
        line = self.query_one(f"#{name}", Static)
        line.set_class(words is not None, "-told")
        if words is not None:
            line.update(words)

    def _subtitle(self) -> Content:
        parts = [self._tabs()] if self.run else []
        log = self.shown_log
        if log is not None:
            words = _log_words(log) if log is self._log else [_search_words(log)]
            parts += [Content(word) for word in words if word]
        return Content(" ─ ").join(parts)

    def _tabs(self) -> Content:
        labels = [
            Content.from_markup(f"[@click=show_tab('{name}')]{name.title()}[/]").stylize(
                "bold reverse" if name == self.tab else ""
            )
            for name in _TABS
        ]
        return Content("  ").join(labels)

    # Search

    @property
    def _search_bar(self) -> SearchBar:
        return self.query_one(SearchBar)

    @on(LogView.SearchRequested)
    def _open_search(self) -> None:
        self._search_bar.add_class("-open")
        # At once, so that what is typed right after the slash is not taken for keys of the log.
        self.screen.set_focus(self._search_bar)

    @on(Input.Changed, "#search")
    def _search(self, event: Input.Changed) -> None:
        if self.shown_log:
            self.shown_log.start_search(event.value)

    @on(SearchBar.Stepped)
    def _step(self, event: SearchBar.Stepped) -> None:
        if self.shown_log:
            self.shown_log.action_go_to_hit(event.direction)

    @on(Input.Submitted, "#search")
    def _keep_search(self) -> None:
        self._search_bar.remove_class("-open")
        self.focus()

    @on(SearchBar.GaveUp)
    def _end_search(self) -> None:
        self._close_search()
        self.focus()

    def _close_search(self) -> None:
        if self.is_mounted:
            self._search_bar.remove_class("-open")
            self._search_bar.value = ""

    # Actions

    def action_show_tab(self, name: str) -> None:
        """Turn to a tab by its name."""
        self.tab = name

    def action_turn_tab(self, step: int) -> None:
        """Turn to a neighbouring tab."""
        if self.run:
            self.tab = _TABS[(_TABS.index(self.tab) + step) % len(_TABS)]

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


def _log_words(log: LogView) -> list[str]:
    lines = f"{format_count(log.line_count)} {'line' if log.line_count == 1 else 'lines'}"
    return [*_view_words(log), lines]


def _view_words(log: LogView) -> list[str]:
    """How the log is looked at, apart from how long it is."""
    return [_search_words(log), log.threshold.label, "follow" if log.follow else ""]


def _search_words(log: LogView) -> str:
    search = log.search
    if search is None:
        return ""
    count = format_count(len(search.hits)) + ("" if search.is_complete else "…")
    position = search.position(log.current_hit) if log.current_hit is not None else 0
    return f"hit {format_count(position)} of {count}" if position else f"{count} hits"
