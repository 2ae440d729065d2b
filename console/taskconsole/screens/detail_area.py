"""The pane about the chosen task: pulled from the engine, with the payload texts of all tasks."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from taskconsole import notices
from taskconsole.commands import Commands
from taskconsole.drafts import EMPTY, Drafts, as_text, past_payloads
from taskconsole.messages import PlaceRequested, WatchRequested
from taskconsole.phrases import count, plain
from taskconsole.widgets.detail import DetailPanel, ProblemLine
from taskconsole.widgets.option_view import OptionTab
from taskconsole.widgets.payload_check import PayloadFault, parse_payload
from taskconsole.widgets.payload_fields import located
from taskconsole.widgets.payload_tab import PayloadTab
from taskconsole.widgets.pending_list import Pending, PendingList
from taskconsole.widgets.run_list import RunList
from taskconsole.widgets.schedule_view import ScheduleTab
from taskconsole.widgets.source_view import SourceTab
from taskconsole.widgets.tab_bar import TabBar
from taskconsole.widgets.task_list.rows import Row, RowKind
from taskengine.client.handle import Handle
from taskengine.client.views import TaskView
from taskengine.errors import FieldFault
from taskengine.payload.skeleton import skeleton
from taskengine.run import MissedFires, Payload

FIRES = 10
ENGINE_OUTPUT = """\
What is written by code that belongs to no run stands below: C libraries, \
file descriptors, modules while they are imported."""
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
        self._drafts = Drafts()
        self._chosen: str | None = None

    def compose(self) -> ComposeResult:
        """The pane fills the area."""
        yield DetailPanel()

    @property
    def _panel(self) -> DetailPanel:
        return self.query_one(DetailPanel)

    @property
    def _payload_tab(self) -> PayloadTab:
        return self.query_one(PayloadTab)

    def show(self, row: Row) -> None:
        """Show what stands under the cursor."""
        view = self._handle.task(row.path) if row.kind is RowKind.TASK else None
        self._change_task(view.name if view else None)
        if view:
            self._show_task(view)
        elif row.kind is RowKind.GROUP:
            start = row.path + ":"
            size = sum(task.name.startswith(start) for task in self._handle.tasks())
            self._panel.show_words(plain(row.path), f"A group of {count(size, 'task')}.")
        elif row.kind is RowKind.TASK:
            self._panel.show_words(plain(row.path), REMOVED)
        elif row.kind is RowKind.ENGINE_OUTPUT:
            self._panel.show_words("Engine output", ENGINE_OUTPUT)
        else:
            self._panel.show_words("", "")

    def welcome(self) -> None:
        """Show what a task is, to somebody who has none yet."""
        self._change_task(None)
        self._panel.show_words("Tasks", WELCOME)

    def tick(self) -> None:
        """Let the times on an open tab go on, if it is seen."""
        is_timely = self._panel.tab in ("Runs", "Schedule")
        if is_timely and (view := self._view) and self._panel.is_on_screen:
            self._fill_tab(view)

    @property
    def _view(self) -> TaskView | None:
        return self._handle.task(self._chosen) if self._chosen else None

    def _show_task(self, view: TaskView) -> None:
        self._show_schema(view)
        title = f"{view.name} ({view.title})" if view.title else view.name
        self._panel.show_task(title, view.description, self._problem_of(view))
        self._fill_tab(view)

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

    def _show_schema(self, view: TaskView) -> None:
        """Begin with what the task's type wants; what was typed stays."""
        self._drafts.keep(view.name, self._payload_tab.text)
        self._drafts.start_with(view.name, _beginning(view))
        self._payload_tab.show_text(self._drafts.text(view.name))
        self._payload_tab.set_schema(view.schema)

    @on(PayloadTab.CheckRequested)
    def _check(self, event: PayloadTab.CheckRequested) -> None:
        event.stop()
        if self._chosen:
            work = self._check_payload(self._chosen, event.text)
            self.run_worker(work, group="check", exclusive=True)

    async def _check_payload(self, task: str, text: str) -> None:
        with contextlib.suppress(PayloadFault):  # it is told already
            payload = await asyncio.to_thread(parse_payload, text)
            found = await self._handle.check_payload(task, payload)
            faults = await asyncio.to_thread(located, text, found)
            if (task, text) == (self._chosen, self._payload_tab.text):
                self._payload_tab.show_faults(faults, is_checked=True)

    def refuse(self, found: Sequence[FieldFault]) -> None:
        """Show why the payload in the editor was refused, and go there."""
        faults = located(self._payload_tab.text, found)
        self._payload_tab.show_faults(faults, is_checked=True)
        self.edit_payload(faults[0])

    def edit_payload(self, fault: PayloadFault | None = None) -> None:
        """Let the user type, where the fault is if there is one."""
        self._panel.turn_to("Payload")
        # At once, so that what is typed right after it is not taken for keys of the list.
        self.screen.set_focus(self._payload_tab.editor)
        if fault:
            self._payload_tab.point_at(fault)
        else:
            self._payload_tab.go_between_braces()

    def _change_task(self, task: str | None) -> None:
        if task == self._chosen:
            return
        if self._chosen:
            self._drafts.keep(self._chosen, self._payload_tab.text)
        self._chosen = task
        if task:
            self._payload_tab.show_text(self._drafts.text(task))

    @on(PayloadTab.RecallRequested)
    def _recall(self, event: PayloadTab.RecallRequested) -> None:
        if self._chosen:
            self._drafts.keep(self._chosen, self._payload_tab.text)
            past = past_payloads(self._handle.recent_runs(self._chosen))
            self._payload_tab.show_text(self._drafts.recall(self._chosen, event.step, past))

    # The other tabs

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
                runs = self._handle.recent_runs(view.name)
                self.query_one(RunList).show(runs, self._handle.now(), self._zone)
            case "Schedule":
                self._show_schedule(view)
            case "Options":
                self.query_one(OptionTab).show(view.options)
            case "Source":
                self.run_worker(self._show_source(view), group="source", exclusive=True)
            case _:
                pass

    def _show_schedule(self, view: TaskView) -> None:
        status = self._handle.task_status(view.name)
        fires = self._handle.next_fires(view.name, FIRES)
        tab = self.query_one(ScheduleTab)
        scheduling = self._handle.status.scheduling
        tab.show(view, status, fires, self._handle.now(), self._zone, scheduling=scheduling)
        tab.show_pending(self.pending(view.name), self._handle.now(), self._zone)

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
            self.post_message(WatchRequested(run))

    @on(PendingList.DropRequested)
    def _drop(self, event: PendingList.DropRequested) -> None:
        self.run_worker(self._commands.drop(event.pending))

    async def _show_source(self, view: TaskView) -> None:
        source = await self._commands.source(view.name)
        if source is None:
            self.query_one(SourceTab).say("Its source can't be read.")
            return
        path = plain(notices.relative(source.path, self._root))
        self.query_one(SourceTab).show(replace(source, text=plain(source.text)), path)

    @on(RunList.Picked)
    def _watch_picked(self, event: RunList.Picked) -> None:
        if run := self._handle.run(event.run_id):
            self.post_message(WatchRequested(run))

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


def _beginning(view: TaskView) -> str:
    """What the editor of a task begins with."""
    if view.schema is None:
        return EMPTY
    try:
        return as_text(skeleton(view.schema))
    except Exception:  # noqa: BLE001 - a schema may be of the user's own making, and of any shape
        return EMPTY
