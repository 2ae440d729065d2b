"""The pane about the chosen task: pulled from the engine, with the payload texts of all tasks."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.document._document import Location
from textual.widgets import TextArea

from taskconsole import notices
from taskconsole.commands import Commands
from taskconsole.messages import PlaceRequested, WatchRequested
from taskconsole.phrases import plain
from taskconsole.screens import row_words
from taskconsole.screens.payload_desk import PayloadDesk
from taskconsole.screens.runs_tab import TaskRuns
from taskconsole.screens.schedule_tab import TaskSchedule
from taskconsole.screens.source_tab import TaskSource
from taskconsole.statistics_words import in_a_line
from taskconsole.widgets.detail import TABS, DetailPanel, ProblemLine
from taskconsole.widgets.fire_list import FireList
from taskconsole.widgets.option_view import NOT_LOADED, OptionTab
from taskconsole.widgets.payload_check import PayloadFault
from taskconsole.widgets.payload_fields import located
from taskconsole.widgets.payload_tab import PayloadTab
from taskconsole.widgets.pending_list import PendingList
from taskconsole.widgets.run_list import RunList
from taskconsole.widgets.run_table.widget import RunTable
from taskconsole.widgets.schedule_view import ScheduleTab
from taskconsole.widgets.source_view import SourceTab
from taskconsole.widgets.tab_bar import TabBar
from taskconsole.widgets.task_list.rows import Row, RowKind
from taskconsole.workers import replace_worker
from taskengine.client.abilities import Ability
from taskengine.client.handle import Handle
from taskengine.client.views import TaskView
from taskengine.errors import FieldFault
from taskengine.events import Event
from taskengine.run import MissedFires, Payload


class DetailArea(Vertical):
    """Feeds the detail pane and answers its messages."""

    def __init__(self, handle: Handle, commands: Commands) -> None:
        super().__init__()
        self._handle = handle
        self._commands = commands
        self.payloads = PayloadDesk(handle)

    def compose(self) -> ComposeResult:
        """The pane fills the area."""
        yield DetailPanel()

    def on_mount(self) -> None:
        """Let each part of a task have its tab."""
        self.payloads.use(self._payload_tab)
        self._runs = TaskRuns(self._handle, self.query_one(RunList), self._shows_runs)
        schedule_tab, source_tab = self.query_one(ScheduleTab), self.query_one(SourceTab)
        self._schedule = TaskSchedule(self._handle, schedule_tab, self.run_worker)
        self._source = TaskSource(self._handle, self._commands, source_tab)

    @property
    def _panel(self) -> DetailPanel:
        return self.query_one(DetailPanel)

    @property
    def _payload_tab(self) -> PayloadTab:
        return self.query_one(PayloadTab)

    def show(self, row: Row) -> None:
        """Show what stands under the cursor."""
        view = self._handle.task(row.path) if row.kind is RowKind.TASK else None
        self.payloads.change_task(view.name if view else None)
        if view:
            self._show_task(view)
        else:
            self._panel.show_words(*row_words.about(self._handle, row))

    def welcome(self) -> None:
        """Show what a task is, to somebody who has none yet."""
        self.payloads.change_task(None)
        self._panel.show_words(*row_words.welcome(self._handle))

    def tick(self) -> None:
        """Let the times on an open tab go on, if it is seen."""
        is_timely = self._panel.tab in ("Runs", "Schedule")
        if is_timely and (view := self._view) and self._panel.is_on_screen:
            self._fill_tab(view)

    @property
    def _view(self) -> TaskView | None:
        task = self.payloads.task
        return self._handle.task(task) if task else None

    def _show_task(self, view: TaskView) -> None:
        self.payloads.show_schema(view)
        title = f"{view.name} ({view.title})" if view.title else view.name
        self._panel.show_task(title, view.description, self._problem_of(view))
        self._panel.show_past(partial(self._in_a_line, view.name))
        self._fill_tab(view)

    def _in_a_line(self, task: str, width: int) -> Content | None:
        outcomes = self._handle.task_status(task).outcomes
        return in_a_line(self._handle.statistics(task), outcomes, width)

    def _problem_of(self, view: TaskView) -> str:
        if view.problem is None:
            return "" if view.runnable else "▲ not implemented: there is no code to run"
        is_stale = view.runnable and not view.problem.kind.spares_code
        serves = " — the last good version still serves" if is_stale else ""
        return f"▲ {notices.describe(view.problem, self._root)}{serves}"

    # The payload

    def payload(self) -> Payload:
        """The payload in the editor. Raises PayloadFault."""
        return self._payload_tab.payload()

    @on(TextArea.Changed)
    def _note_typed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.payloads.note()

    @on(PayloadTab.CheckRequested)
    def _check(self, event: PayloadTab.CheckRequested) -> None:
        event.stop()
        replace_worker(self, partial(self.payloads.check, event.text), "check")

    @on(PayloadTab.RecallRequested)
    def _recall(self, event: PayloadTab.RecallRequested) -> None:
        event.stop()
        self.run_worker(self.payloads.recall(event.step))

    def refuse(self, found: Sequence[FieldFault]) -> None:
        """Show why the payload in the editor was refused, and go there."""
        faults = located(self._payload_tab.text, found)
        self._payload_tab.show_faults(faults, is_checked=True)
        self.edit_payload(faults[0])

    @property
    def text(self) -> str:
        """The text in the editor."""
        return self._payload_tab.text

    def edit_payload(self, fault: PayloadFault | None = None) -> None:
        """Let the user type, where the fault is if there is one."""
        self._panel.turn_to("Payload")
        # At once, so that what is typed right after it is not taken for keys of the list.
        self.screen.set_focus(self._payload_tab.editor)
        if fault:
            self._payload_tab.point_at(fault)
        else:
            self._payload_tab.go_between_braces()

    @property
    def typing_at(self) -> Location | None:
        """Where in the payload the user types; None if that is not what goes on."""
        editor = self._payload_tab.editor
        return editor.cursor_location if editor.has_focus else None

    def go_on_typing(self, at: Location) -> None:
        """Let the user type on at a place in the payload."""
        self.edit_payload()
        self._payload_tab.editor.move_cursor(at)

    # The other tabs

    @property
    def tab(self) -> str:
        """The label of the tab that is open, or would be if there was a task."""
        return self._panel.tab

    def open_tab(self, tab: str) -> None:
        """Show a tab, if there is one with this label."""
        if tab in TABS:
            self._panel.turn_to(tab)

    def turn(self, step: int) -> None:
        """Show another tab."""
        self._panel.turn(step)

    @on(TabBar.Turned)
    def _refresh_tab(self) -> None:
        if view := self._view:
            self._fill_tab(view)

    def _fill_tab(self, view: TaskView) -> None:
        match self._panel.tab:
            case "Runs":
                self._runs.show(view.name)
            case "Schedule":
                self._schedule.show(view)
            case "Options":
                refusal = self._handle.refusal(Ability.OPTIONS)
                words = plain(f"{refusal}.") if refusal else NOT_LOADED
                self.query_one(OptionTab).show(view.options, words)
            case "Source":
                replace_worker(self, partial(self._source.show, view.name), "source")
            case _:
                pass

    @on(FireList.Picked)
    def _watch_fired(self, event: FireList.Picked) -> None:
        self.post_message(WatchRequested(event.run_id))

    def go_to_pending(self) -> None:
        """Let the user act upon what was missed or is put off."""
        self._panel.turn_to("Schedule")
        if view := self._view:
            self._fill_tab(view)
        self._schedule.focus_pending()

    @on(PendingList.RunRequested)
    def _run_missed(self, event: PendingList.RunRequested) -> None:
        self.run_worker(self._watch_missed(event.missed))

    async def _watch_missed(self, missed: MissedFires) -> None:
        if run := await self._commands.run_missed(missed):
            self.post_message(WatchRequested(run.id))

    @on(PendingList.DropRequested)
    def _drop(self, event: PendingList.DropRequested) -> None:
        self.run_worker(self._commands.drop(event.pending))

    def take_events(self, batch: Sequence[Event]) -> None:
        """Follow the runs of the chosen task."""
        self._runs.take_events(batch)

    def _shows_runs(self) -> bool:
        return self._panel.tab == "Runs" and self._panel.is_on_screen

    @on(RunTable.Seen)
    def _see_runs(self, event: RunTable.Seen) -> None:
        event.stop()
        self._runs.see(event)

    @on(RunTable.Picked)
    def _watch_picked(self, event: RunTable.Picked) -> None:
        event.stop()
        self.post_message(WatchRequested(event.run_id))

    @on(ProblemLine.Clicked)
    def _open_problem(self) -> None:
        if (view := self._view) and view.problem:
            self.post_message(PlaceRequested(view.problem.path, view.problem.line))

    @property
    def _root(self) -> Path:
        return self._handle.status.root
