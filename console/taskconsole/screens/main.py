"""The main screen: the tasks, the chosen one, and the output of a run."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input

from taskconsole import refusals, tuning
from taskconsole.actions import bindings
from taskconsole.commands import Commands
from taskconsole.console_state import ConsoleState
from taskconsole.end_notices import is_news, unwatched
from taskconsole.keymap.main import MAIN
from taskconsole.messages import (
    PlaceRequested,
    Told,
    ViewChanged,
    WatchRequested,
    ZoomRequested,
)
from taskconsole.notices import Notice
from taskconsole.screens.choice import Choice
from taskconsole.screens.ended_runs import EndedRuns
from taskconsole.screens.found_runs import FoundRuns
from taskconsole.screens.kin import Kin
from taskconsole.screens.main_css import MAIN_CSS
from taskconsole.screens.overview import Overview, touched
from taskconsole.screens.preset_commands import PresetCommands
from taskconsole.screens.run_commands import RunCommands
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
from taskconsole.widgets.tab_bar import TabBar
from taskconsole.widgets.task_list.panel import TaskPanel
from taskconsole.widgets.task_list.rows import Row
from taskconsole.widgets.task_list.widget import TaskList
from taskengine.client.handle import Handle
from taskengine.errors import FieldFault
from taskengine.events import EngineState, Event
from taskengine.run import Payload, Run

if TYPE_CHECKING:  # imported after the list is on the screen
    from taskconsole.screens.workbench import Workbench

PAINT_SECONDS = 0.05  # more than a frame: the list is on the screen before the rest is imported


class MainScreen(Screen[None]):
    """What the console opens with. It shows a handle's engine and sends it the user's commands.

    First the list is painted; then the panes beside it, the workbench, are made.
    """

    BINDINGS = bindings(MAIN)
    AUTO_FOCUS = "TaskList"
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    DEFAULT_CSS = MAIN_CSS

    class Complete(Message):
        """All its parts are there: whatever can be done here can be done from now on."""

    def __init__(self, handle: Handle, on_mounted: Callable[[], None] = lambda: None) -> None:
        """`on_mounted` is called before the first picture, when there is something to paint on."""
        super().__init__()
        self._handle = handle
        self._on_mounted = on_mounted
        self._commands = Commands(handle, self._tell)
        self.workbench: Workbench | None = None
        self._choice = Choice(handle, lambda: self._table.chosen, lambda: self._watched)
        self._runs = RunCommands(self, handle, self._commands, self._choice, desk=self)
        self._found = FoundRuns(self, handle, self._tell)
        self._kin = Kin(self, handle, self._tell, lambda: self._watched, self.show_run)
        self._presets = PresetCommands(self, handle, desk=self)
        self.ended = EndedRuns(self, self._tell)
        self._left = ConsoleState()
        self._conditions: dict[str, Callable[[], bool]] = {
            **self._choice.conditions(),
            **self._kin.conditions(),
            "run_task": lambda: self._choice.can_run() and not isinstance(self.focused, Input),
            "leave": self._is_away,
            "sort": self._can_sort,
            "zoom": lambda: True,
            "save_log": self._has_log,
            "page_log": self._has_log,
            "save_preset": self._has_editor,
            "pick_preset": lambda: (
                self._has_editor() and bool(self._presets.of(self._chosen_row.path))
            ),
        }

    def compose(self) -> ComposeResult:
        """Header, list, room for what comes later, keys."""
        yield HeaderBar()
        with Horizontal(id="upper"):
            yield TaskPanel()
            yield Vertical(id="right")
        yield Vertical(id="below")
        yield KeyBar()
        yield TooSmall()

    def on_mount(self) -> None:
        """Paint what is known already, and let time pass."""
        self.overview = Overview(self._handle, self.query_one(HeaderBar), self.query_one(TaskPanel))
        self.overview.show_status()
        self._spinner = self.set_interval(SPIN_SECONDS, self._table.spin, pause=True)
        self._on_mounted()

    def show_all(self) -> None:
        """The engine is there: show everything as it stands now, first of all the list."""
        self.overview.show_all()
        self.call_after_refresh(self.set_timer, PAINT_SECONDS, self._fill)

    async def _fill(self) -> None:
        from taskconsole.screens.workbench import Workbench

        workbench = Workbench(self._handle, self._commands)
        await workbench.mount_in(self.query_one("#right"), self.query_one("#below"))
        self.workbench = workbench
        workbench.detail.open_tab(self._left.tab)
        workbench.show(self._chosen_row)
        if self.has_class("-zoomed"):
            workbench.output.pane.focus()
        self.set_interval(TICK_SECONDS, self._tick)
        self._after_change()
        tuning.resume_collection()
        if self._handle.status.state is EngineState.STARTING:
            self.run_worker(self._handle.load())
        self.post_message(self.Complete())

    # How it was left

    def restore(self, state: ConsoleState) -> None:
        """Come back as it was left. Called before the tasks are shown."""
        self._left = state
        self.query_one(TaskPanel).begin_with(
            order=state.order, query=state.query, folded=state.folded, home=state.chosen
        )
        self.set_class(state.zoomed, "-zoomed")

    @property
    def state(self) -> ConsoleState | None:
        """How it would be left now, apart from its theme; None unless it is all there."""
        if self.workbench is None or not self.app.is_running:  # leaving takes it apart
            return None
        listing = self._table.listing
        return ConsoleState(
            chosen=self._chosen_row.path,
            order=listing.order,
            folded=tuple(sorted(listing.folded)),
            query=listing.query,
            tab=self.workbench.detail.tab,
            zoomed=self.has_class("-zoomed"),
        )

    @on(TaskList.Listed)
    @on(TaskList.Chosen)
    @on(TabBar.Turned)
    def _note_view(self) -> None:
        self.post_message(ViewChanged())

    @on(TaskList.Listed)
    def _show_keys(self) -> None:
        self.refresh_bindings()  # some are for a filtered list only, or for a whole one

    def _tick(self) -> None:
        self.overview.tick()
        if self.workbench:
            self.workbench.tick()

    def take_events(self, batch: Sequence[Event]) -> None:
        """Show what has happened."""
        self.overview.take_events(batch)
        if self.workbench is None:
            return
        chosen = self._chosen_row
        self.workbench.take_events(batch, chosen, is_about_chosen=chosen.path in touched(batch))
        watched = self._watched
        self.ended.add(unwatched(batch, watched.id if watched else None, self._is_news))
        self._after_change()

    def _after_change(self) -> None:
        goes_on = bool(self._handle.active_runs()) and self.app.animation_level != "none"
        (self._spinner.resume if goes_on else self._spinner.pause)()
        self.refresh_bindings()

    def _is_news(self, run: Run) -> bool:
        return is_news(run, self._handle.task_status(run.task).outcomes)

    def _tell(self, notice: Notice) -> None:
        self.post_message(Told(notice))

    # What is chosen

    @property
    def _table(self) -> TaskList:
        return self.query_one(TaskList)

    @property
    def _chosen_row(self) -> Row:
        return self._table.chosen

    @property
    def _watched(self) -> Run | None:
        return self.workbench.output.watched if self.workbench else None

    @on(TaskList.Chosen)
    def _show_chosen(self, event: TaskList.Chosen) -> None:
        if self.workbench:
            self.workbench.show(event.row)
            self.refresh_bindings()

    def choose(self, task: str) -> None:
        """Put the cursor on a task, whatever was filtered or folded."""
        self.query_one(TaskPanel).clear_filter()
        self._table.choose(task)
        self._table.focus()

    # What the user can do

    def check_action(
        self,
        action: str,
        parameters: tuple[object, ...],  # noqa: ARG002 - Textual's signature
    ) -> bool | None:
        """Whether an action would do something now; one that would not is not shown, and one
        that this engine can't do is grey.
        """
        condition = self._conditions.get(action)
        would_do = condition is None or (self.workbench is not None and condition())
        return refusals.verdict(self._handle, action, would_do=would_do)

    def _has_log(self) -> bool:
        return self.workbench is not None and self.workbench.output.pane.output is not None

    def _has_editor(self) -> bool:
        return self._choice.task is not None and not isinstance(self.focused, Input)

    def _can_sort(self) -> bool:
        return bool(self._handle.tasks()) and not self.query_one(TaskPanel).is_filtered

    def _is_away(self) -> bool:
        panel = self.query_one(TaskPanel)
        return self.has_class("-zoomed") or not self._table.has_focus or panel.is_filtered

    def run_task(self, name: str) -> None:
        """Choose a task and run it; if it is gone meanwhile, no other is run in its place."""
        self.choose(name)
        if self.workbench and self._chosen_row.path == name and self._choice.can_run():
            self.action_run_task()

    def action_run_task(self) -> None:
        """Run the chosen task with the payload in its editor, or point at the fault in it."""
        self._runs.run(self._chosen_row.path)

    def action_run_later(self) -> None:
        """Ask when the chosen task is to run, with the payload that its editor holds now."""
        self._runs.run_later(self._chosen_row.path)

    def typed_payload(self, task: str) -> Payload | None:
        """What the editor holds for a task; None if that has a fault, which is shown then."""
        assert self.workbench
        assert self._chosen_row.path == task
        payload = self.workbench.payload(self._chosen_row)
        if payload is None:
            self._show_detail()
        return payload

    def typed_text(self) -> str:
        """The text in the editor."""
        assert self.workbench
        return self.workbench.detail.text

    def insert_payload(self, task: str, text: str, words: str) -> None:
        """Put a text into the editor, with a word on it, if the task is still the chosen one."""
        if self.workbench and self._chosen_row.path == task:
            self.workbench.show(self._chosen_row)
            self.workbench.detail.payloads.insert(text, words)

    def action_save_preset(self) -> None:
        """Keep what is typed by a name."""
        self._presets.save(self._chosen_row.path)

    def action_pick_preset(self) -> None:
        """Put a preset into the editor, run it, or delete it."""
        self._presets.pick(self._chosen_row.path)

    def use_preset(self, task: str, name: str) -> None:
        """Choose a task and run it with a preset."""
        self.choose(task)
        self._presets.use(task, name, runs=True)

    def show_faults(self, task: str, faults: Sequence[FieldFault]) -> None:
        """Show what the engine has refused, if the task is still the chosen one."""
        if self.workbench and self._chosen_row.path == task:
            self._show_detail()
            self.workbench.detail.refuse(faults)

    def show_run(self, run: Run | None) -> None:
        """Show a run, if there is one."""
        if run and self.workbench:
            self.workbench.output.watch_run(run)
            self.refresh_bindings()

    def action_show_pending(self) -> None:
        """Go to what was missed, and to what is put off."""
        assert self.workbench
        arrange(self, False, "-zoomed")
        self._show_detail()
        self.workbench.detail.go_to_pending()

    @on(WatchRequested)
    def _watch_requested(self, event: WatchRequested) -> None:
        self.action_show_run(event.run_id)

    def action_cancel_run(self) -> None:
        """Cancel the watched run, or else the chosen task's."""
        self._runs.cancel()

    def action_rerun(self) -> None:
        """Run again with the payload of the watched run."""
        self._runs.rerun()

    def action_show_run(self, run_id: int) -> None:
        """Watch a run."""
        self._found.then(run_id, self.show_run)

    def action_show_parent(self) -> None:
        """Watch the run that started the watched one."""
        self._kin.show_parent()

    def action_show_child(self) -> None:
        """Watch the run that the watched one has started; if there are several, ask which."""
        self._kin.show_child()

    def action_save_log(self) -> None:
        """Save the log that is shown."""
        assert self.workbench
        self.workbench.output.pane.action_save()

    def action_page_log(self) -> None:
        """Open the log that is shown in the user's pager."""
        assert self.workbench
        self.workbench.output.pane.action_page()

    def action_pause(self) -> None:
        """Let the chosen task's schedules fire no more."""
        self.run_worker(self._commands.pause(self._chosen_row.path))

    def action_resume(self) -> None:
        """Let them fire again."""
        self.run_worker(self._commands.resume(self._chosen_row.path))

    def action_create_example(self) -> None:
        """Write a first task."""
        self.run_worker(self._commands.create_example())

    def action_edit_payload(self) -> None:
        """Go to the payload's editor."""
        assert self.workbench
        arrange(self, False, "-zoomed")
        self._show_detail()
        self.workbench.edit_payload(self._chosen_row)

    def _show_detail(self) -> None:
        """Let the details be seen; on a narrow screen the list goes, and takes no keys there."""
        if self.has_class("-narrow") and self.query_one(TaskPanel).has_focus_within:
            self.set_focus(None)
        arrange(self, True, "-detail")

    def action_turn_tab(self, step: int) -> None:
        """Show another tab of the task."""
        assert self.workbench
        self._show_detail()
        self.workbench.detail.turn(step)

    def action_leave(self) -> None:
        """Undo one thing: the zoom, the focus away from the list, the filter."""
        if self.has_class("-zoomed"):
            self.action_zoom()
        elif not self._table.has_focus:
            arrange(self, False, "-detail")
            self._table.focus()
        else:
            self.query_one(TaskPanel).clear_filter()

    def action_filter(self) -> None:
        """Let the user type a filter."""
        arrange(self, False, "-zoomed", "-detail")
        self.query_one(TaskPanel).start_filter()

    def action_sort(self) -> None:
        """Go on to the next order."""
        self.query_one(TaskPanel).sort_by(self._table.listing.order.following)

    def action_open_source(self) -> None:
        """Open the chosen task in the user's editor."""
        if task := self._choice.task:
            self.post_message(PlaceRequested(task.path, task.line))

    @on(ZoomRequested)
    def action_zoom(self) -> None:
        """Give the output the whole screen, or take it back."""
        assert self.workbench
        is_zoomed = not self.has_class("-zoomed")
        arrange(self, is_zoomed, "-zoomed")
        (self.workbench.output.pane if is_zoomed else self._table).focus()
        self.refresh_bindings()
        self._note_view()
