"""The pane about the chosen task: pulled from the engine, with the payload texts of all tasks."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import TextArea

from taskconsole import notices
from taskconsole.commands import Commands
from taskconsole.messages import PlaceRequested, WatchRequested
from taskconsole.phrases import count, plain
from taskconsole.screens.past_fires import Past, PastFires
from taskconsole.screens.payload_desk import PayloadDesk
from taskconsole.screens.runs_tab import TaskRuns
from taskconsole.statistics_words import in_a_line
from taskconsole.widgets.detail import TABS, DetailPanel, ProblemLine
from taskconsole.widgets.fire_list import FireList
from taskconsole.widgets.option_view import NOT_LOADED, OptionTab
from taskconsole.widgets.payload_check import PayloadFault
from taskconsole.widgets.payload_fields import located
from taskconsole.widgets.payload_tab import PayloadTab
from taskconsole.widgets.pending_list import Pending, PendingList
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

FIRES = 10
ENGINE_OUTPUT = """\
What is written by code that belongs to no run stands below: C libraries, \
file descriptors, modules while they are imported."""
ENGINE_NOTES = "When it came and went stands below."
REMOVED = """\
Its file is gone. The run that it has left can still be watched and cancelled; a new one \
takes the file."""
WELCOME = """\
A file in the tasks folder is a task, called like the file: db/migrate.py is db:migrate.

event.payload is the JSON object it is run with, typed in this pane. What it prints and logs \
appears below, then its result.

@task(schedule="*/5 * * * *") lets it fire by itself.

Save the file: it is in the list at once, and what is wrong with it too."""


class DetailArea(Vertical):
    """Feeds the detail pane and answers its messages."""

    def __init__(self, handle: Handle, commands: Commands) -> None:
        super().__init__()
        self._handle = handle
        self._commands = commands
        self.payloads = PayloadDesk(handle)
        self._past_fires = PastFires(handle, self._show_past, self.run_worker)

    def compose(self) -> ComposeResult:
        """The pane fills the area."""
        yield DetailPanel()

    def on_mount(self) -> None:
        """Let payloads and runs have their tabs."""
        self.payloads.use(self._payload_tab)
        self._runs = TaskRuns(self._handle, self.query_one(RunList), self._shows_runs)

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
        elif row.kind is RowKind.GROUP:
            start = row.path + ":"
            size = sum(task.name.startswith(start) for task in self._handle.tasks())
            self._panel.show_words(plain(row.path), f"A group of {count(size, 'task')}.")
        elif row.kind is RowKind.TASK:
            self._panel.show_words(plain(row.path), REMOVED)
        elif row.kind is RowKind.ENGINE_OUTPUT:
            refusal = self._handle.refusal(Ability.OUTPUT)
            words = plain(f"{refusal}. {ENGINE_NOTES}") if refusal else ENGINE_OUTPUT
            self._panel.show_words("Engine output", words)
        else:
            self._panel.show_words("", "")

    def welcome(self) -> None:
        """Show what a task is, to somebody who has none yet."""
        self.payloads.change_task(None)
        refusal = self._handle.refusal(Ability.EXAMPLE)
        self._panel.show_words("Tasks", plain(f"{refusal}.") if refusal else WELCOME)

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
                self._show_schedule(view)
            case "Options":
                refusal = self._handle.refusal(Ability.OPTIONS)
                words = plain(f"{refusal}.") if refusal else NOT_LOADED
                self.query_one(OptionTab).show(view.options, words)
            case "Source":
                replace_worker(self, partial(self._show_source, view), "source")
            case _:
                pass

    def _show_schedule(self, view: TaskView) -> None:
        status = self._handle.task_status(view.name)
        fires = self._handle.next_fires(view.name, FIRES)
        tab = self.query_one(ScheduleTab)
        engine = self._handle.status
        tab.show(
            view,
            status,
            fires,
            self._handle.now(),
            self._zone,
            scheduling=engine.scheduling,
            external=engine.external_schedule,
            advice=not self._handle.refusal(Ability.EXAMPLE),  # which is for tasks in Python
        )
        tab.show_pending(self.pending(view.name), self._handle.now(), self._zone)
        self._past_fires.want(view.name)

    def _show_past(self, past: Past) -> None:
        if past.task == self.payloads.task:
            listed = self.query_one(FireList)
            listed.show(past.fires, past.runs, self._handle.now(), self._zone)

    @on(FireList.Picked)
    def _watch_fired(self, event: FireList.Picked) -> None:
        self.post_message(WatchRequested(event.run_id))

    def pending(self, task: str) -> Sequence[Pending]:
        """What a task has missed, and its runs that are put off."""
        missed = [one for one in self._handle.missed_fires() if one.task == task]
        return (*missed, *(one for one in self._handle.delayed_runs() if one.task == task))

    def go_to_pending(self) -> None:
        """Let the user act upon what was missed or is put off."""
        self._panel.turn_to("Schedule")
        if view := self._view:
            self._fill_tab(view)
        self.query_one(ScheduleTab).focus_pending()

    @on(PendingList.RunRequested)
    def _run_missed(self, event: PendingList.RunRequested) -> None:
        self.run_worker(self._watch_missed(event.missed))

    async def _watch_missed(self, missed: MissedFires) -> None:
        if run := await self._commands.run_missed(missed):
            self.post_message(WatchRequested(run.id))

    @on(PendingList.DropRequested)
    def _drop(self, event: PendingList.DropRequested) -> None:
        self.run_worker(self._commands.drop(event.pending))

    async def _show_source(self, view: TaskView) -> None:
        if refusal := self._handle.refusal(Ability.SOURCE):
            self.query_one(SourceTab).say(plain(f"{refusal}."))
            return
        source = await self._commands.source(view.name)
        if source is None:
            self.query_one(SourceTab).say("Its source can't be read.")
            return
        path = plain(notices.relative(source.path, self._root))
        self.query_one(SourceTab).show(replace(source, text=plain(source.text)), path)

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

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self._handle.status.timezone)
