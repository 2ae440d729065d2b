"""The screen with the runs of all tasks: found, watched, compared, run again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.screen import Screen

from taskconsole import phrases, refusals
from taskconsole.actions import bindings
from taskconsole.engine_news import is_live
from taskconsole.keymap.runs import HISTORY
from taskconsole.messages import Told, ZoomRequested
from taskconsole.notices import Notice
from taskconsole.screens.kin import Kin
from taskconsole.screens.output_area import OutputArea
from taskconsole.screens.overview import Overview
from taskconsole.screens.runs_commands import PastRuns
from taskconsole.screens.runs_css import RUNS_CSS
from taskconsole.screens.runs_feed import RunFeed
from taskconsole.screens.runs_filters import RunFilters
from taskconsole.screens.sizes import (
    HEIGHTS,
    SPIN_SECONDS,
    TICK_SECONDS,
    WIDTHS,
    TooSmall,
    arrange,
)
from taskconsole.widgets.header import HeaderBar
from taskconsole.widgets.key_bar import KeyBar
from taskconsole.widgets.run_filter import Part, RunFilter
from taskconsole.widgets.run_filter_bar import RunFilterBar
from taskconsole.widgets.run_table.panel import RunPanel
from taskconsole.widgets.run_table.widget import RunTable
from taskengine.client.handle import Handle
from taskengine.events import Event, ProblemCleared, ProblemRaised
from taskengine.problem import ProblemKind
from taskengine.records import RunSummary
from taskengine.run import Run

if TYPE_CHECKING:
    from taskconsole.widgets.task_list.filter_input import FilterInput


class RunsScreen(Screen[None]):
    """All runs, newest first, above the one that is watched. It goes on while it is not seen."""

    BINDINGS = bindings(HISTORY)
    AUTO_FOCUS = "RunTable"
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    DEFAULT_CSS = RUNS_CSS

    @dataclass
    class Filtered(Message):
        """Other runs are listed than before."""

        wanted: RunFilter

    def __init__(self, handle: Handle, overview: Overview, wanted: RunFilter) -> None:
        super().__init__(classes="-runs")
        self._handle = handle
        self._overview = overview
        self._header = HeaderBar()
        self._past = PastRuns(self, handle, self._tell, self._watch)
        self._kin = Kin(self, handle, self._tell, lambda: self._shown, self._watch)
        self._filters = RunFilters(self, handle, wanted, self._change_filter)
        self._conditions: dict[str, Callable[[], bool]] = {
            **self._kin.conditions(),
            "rerun": self._can_rerun,
            "cancel_run": self._goes_on,
            "compare": lambda: self._pair is not None,
            "copy_run": lambda: self._target is not None,
            "filter_this_task": lambda: self._target is not None,
            "clear_filter": lambda: self._filters.is_set,
            "zoom": lambda: self.has_class("-watching"),
            "save_log": self._has_log,
            "page_log": self._has_log,
        }

    def compose(self) -> ComposeResult:
        """Header, table, the run that is watched, keys."""
        yield self._header
        yield RunPanel()
        with Vertical(id="below"):
            yield OutputArea(self._handle)
        yield KeyBar()
        yield TooSmall()

    def on_mount(self) -> None:
        """List the runs there are, and let time pass."""
        self._overview.feed_also(self._header)
        self._feed = RunFeed(self._handle, self._table, self._describe)
        self.set_interval(TICK_SECONDS, self._tick)
        if self.app.animation_level != "none":
            self.set_interval(SPIN_SECONDS, self._table.spin)
        self._feed.tick()
        self._look()

    def on_unmount(self) -> None:
        """Leave nothing behind."""
        self._overview.feed_no_more(self._header)

    # What is shown

    @property
    def _panel(self) -> RunPanel:
        return self.query_one(RunPanel)

    @property
    def _table(self) -> RunTable:
        return self._panel.table

    @property
    def _output(self) -> OutputArea:
        return self.query_one(OutputArea)

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self._handle.status.timezone)

    def take_events(self, batch: Sequence[Event]) -> None:
        """Follow runs as they begin and end."""
        self._feed.take_events(batch)
        self._output.take_events(batch)
        self._show_conditions()
        if any(_is_about_history(event) or is_live(event) for event in batch):
            self._look()
        self.refresh_bindings()

    def _tick(self) -> None:
        if self.is_current:
            self._feed.tick()
        self._show_conditions()
        self._output.follow_zone()

    def _show_conditions(self) -> None:
        found = [one for one in self._handle.problems() if one.kind is ProblemKind.HISTORY]
        trouble = found[0].message if found else self._feed.trouble
        self._panel.say_trouble(phrases.plain(f"▲ {trouble}") if trouble else "")

    def _change_filter(self) -> None:
        self.post_message(self.Filtered(self._filters.now_set))
        self._look()

    def _look(self) -> None:
        """List what is asked for, from the newest on."""
        self._feed.look_for(self._filters.now_set.query(self._handle.now(), self._zone))
        self.refresh_bindings()

    def _describe(self) -> None:
        chips = list(self._filters.now_set.chips(self._handle.now(), self._zone))
        self._panel.show_filter(chips, self._feed.search_words)
        self._show_conditions()
        searching = self._feed.is_at_work or bool(self._feed.trouble)
        self._panel.show_count(is_searching=searching, is_filtered=self._filters.is_set)
        self.refresh_bindings()

    @on(RunTable.Seen)
    def _see(self, event: RunTable.Seen) -> None:
        self._feed.see(is_end_wanted=event.is_end_wanted)

    @on(RunTable.Chosen)
    @on(RunTable.Marked)
    def _follow_table(self) -> None:
        self._describe()

    def _tell(self, notice: Notice) -> None:
        self.post_message(Told(notice))

    # What can be done now

    def check_action(
        self,
        action: str,
        parameters: tuple[object, ...],  # noqa: ARG002 - Textual's signature
    ) -> bool | None:
        """Whether an action would do something now; one that would not is not shown, and one
        that this engine can't do is grey.
        """
        condition = self._conditions.get(action)
        would_do = condition is None or (self.is_mounted and condition())
        return refusals.verdict(self._handle, action, would_do=would_do)

    def _can_rerun(self) -> bool:
        run = self._target
        view = self._handle.task(run.task) if run else None
        return view is not None and view.runnable

    def _goes_on(self) -> bool:
        run = self._target
        return run is not None and not run.state.is_final

    def _has_log(self) -> bool:
        return self.has_class("-watching") and self._output.pane.output is not None

    @property
    def _shown(self) -> Run | None:
        return self._output.watched if self.has_class("-watching") else None

    @property
    def _target(self) -> Run | RunSummary | None:
        """What a command is about: the watched run where that has the focus, else the chosen."""
        return self._output.watched if self._output.has_focus_within else self._table.chosen

    @property
    def _pair(self) -> tuple[int, int] | None:
        """The runs to compare, the older one first."""
        chosen = self._table.chosen
        ids = list(self._table.marked)
        if len(ids) == 1 and chosen and chosen.id not in ids:
            ids.append(chosen.id)
        return (min(ids), max(ids)) if len(ids) == 2 else None

    # Watching

    @on(RunTable.Picked)
    def _watch_picked(self, event: RunTable.Picked) -> None:
        self.action_show_run(event.run_id)

    def action_show_run(self, run_id: int) -> None:
        """Watch a run."""
        self._past.show(run_id)

    def _watch(self, run: Run) -> None:
        arrange(self, True, "-watching")
        self._output.watch_run(run)
        self.refresh_bindings()

    @on(ZoomRequested)
    def action_zoom(self) -> None:
        """Give the run that is shown the whole screen, or take it back."""
        is_zoomed = not self.has_class("-zoomed")
        arrange(self, is_zoomed, "-zoomed")
        (self._output.pane if is_zoomed else self._table).focus()
        self.refresh_bindings()

    def action_leave(self) -> None:
        """Undo one thing: the search, the zoom, the focus on a run, the run; then go back."""
        if self._feed.reached is not None:
            self._feed.stop()
        elif self.has_class("-zoomed"):
            self.action_zoom()
        elif not self._table.has_focus:
            self._table.focus()
        elif self.has_class("-watching"):
            arrange(self, False, "-watching")
            self.refresh_bindings()
        else:
            self.dismiss()

    # Commands

    def action_cancel_run(self) -> None:
        """Cancel the run."""
        if run := self._target:
            self._past.cancel(run.id)

    def action_rerun(self) -> None:
        """Run again with the payload of the run, and watch that."""
        if run := self._target:
            self._past.rerun(run.id)

    def action_show_parent(self) -> None:
        """Watch the run that started the watched one."""
        self._kin.show_parent()

    def action_show_child(self) -> None:
        """Watch a run that the watched one has started."""
        self._kin.show_child()

    def action_save_log(self) -> None:
        """Save the log of the watched run."""
        self._output.pane.action_save()

    def action_page_log(self) -> None:
        """Open the log of the watched run in the user's pager."""
        self._output.pane.action_page()

    def action_compare(self) -> None:
        """Compare two runs."""
        if self._pair is not None:
            self._past.compare(*self._pair)

    def action_copy_run(self) -> None:
        """Copy what is known of the run."""
        if run := self._target:
            self._past.copy(run.id, self._zone)

    # The filter

    @on(RunFilterBar.Clicked)
    def _change_part(self, event: RunFilterBar.Clicked) -> None:
        if event.takes_away:
            self._filters.take_away(event.part)
        else:
            self.action_filter_by(event.part)

    def action_filter_by(self, part: str) -> None:
        """Ask for a part of the filter."""
        if part == Part.TEXT:
            arrange(self, False, "-zoomed")
            self._panel.start_text(self._filters.now_set.text)
        else:
            self._filters.ask_for(Part(part))

    def action_filter_this_task(self) -> None:
        """List the runs of the task at hand only, or of all."""
        if run := self._target:
            self._filters.toggle_task(run.task)

    def on_filter_input_typed(self, event: "FilterInput.Typed") -> None:
        """Look for the words, soon."""
        self._filters.type_text(event.text)

    def on_filter_input_finished(self, event: "FilterInput.Finished") -> None:
        """Go back to the table, with the words or without them."""
        if event.clear:
            self._filters.take_away(Part.TEXT)
        self._panel.end_text()

    @on(RunFilterBar.Cleared)
    def action_clear_filter(self) -> None:
        """List all runs again."""
        self._filters.clear()


def _is_about_history(event: Event) -> bool:
    if not isinstance(event, ProblemRaised | ProblemCleared):
        return False
    return event.problem.kind is ProblemKind.HISTORY
