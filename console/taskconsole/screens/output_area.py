"""The pane with a run's output: which run it shows, and when it goes over to another by itself."""

import asyncio
import contextlib
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from taskconsole import marks
from taskconsole.engine_news import is_live
from taskconsole.messages import Told, ZoomRequested
from taskconsole.notices import Notice
from taskconsole.widgets.json_tree import JsonTree
from taskconsole.widgets.output.kin_words import kin_of
from taskconsole.widgets.output.log_view import LogView
from taskconsole.widgets.output.pane import OutputPane
from taskconsole.widgets.output.search import Finder
from taskconsole.widgets.task_list.rows import Row, RowKind
from taskconsole.workers import replace_worker
from taskengine.client.handle import Handle
from taskengine.errors import TaskError
from taskengine.events import Event, RunEvent, RunQueued, RunStarted
from taskengine.options import Isolation
from taskengine.run import Run

_CALM_SECONDS = 0.1


class OutputArea(Vertical):
    """Feeds the output pane."""

    def __init__(self, handle: Handle) -> None:
        super().__init__()
        self._handle = handle
        self._of_task: str | None = None
        self._run: Run | None = None

    def compose(self) -> ComposeResult:
        """The pane fills the area."""
        status = self._handle.status
        self._zone = ZoneInfo(status.timezone)
        yield OutputPane(
            now=self._handle.now, zone=self._zone, root=status.root, run_of=self._handle.run
        )

    @property
    def pane(self) -> OutputPane:
        """The pane itself."""
        return self.query_one(OutputPane)

    @property
    def watched(self) -> Run | None:
        """The run that is watched, as it stands now; one that is over stays as it is."""
        if self._run is not None and not self._run.state.is_final:
            self._run = self._handle.run(self._run.id) or self._run
        return self._run

    def show(self, row: Row) -> None:
        """Go over to what stands under the cursor: the task's going run, or its latest one.

        A group has no output; the pane stays as it is.
        """
        if row.kind is RowKind.ENGINE_OUTPUT:
            self._of_task = self._run = None
            self.pane.show_engine_output(self._handle.engine_output)
        elif row.kind is RowKind.TASK and row.path != self._of_task:
            self._of_task = row.path
            self._show_latest(row.path)

    def _show_latest(self, task: str) -> None:
        status = self._handle.task_status(task)
        if run := marks.leading(status.active) if status.active else status.last:
            self.watch_run(run)
        else:
            self._run = None
            self.pane.clear()

    def watch_run(self, run: Run) -> None:
        """Show a run's output from now on; the run may have gone on since it was asked for."""
        if not run.state.is_final:
            run = self._handle.run(run.id) or run
        self._run = run
        self.pane.isolated = self._is_isolated(run.task)
        self.pane.show_run(run, self._handle.output(run.id), self._finder(run.id))
        self._complete_soon()

    # What is known of the watched run may lack a large payload or result, and its kin.

    def _complete_soon(self) -> None:
        replace_worker(self, self._complete, "complete")

    async def _complete(self) -> None:
        await asyncio.sleep(_CALM_SECONDS)  # it may be one of many that the cursor passes by
        if self._run is None:
            return
        with contextlib.suppress(TaskError):  # it is asked again when the engine is back
            await self._find_rest(self._run)
            if self._run is not None:  # unless it was left meanwhile
                await self._find_kin(self._run)

    async def _find_rest(self, known: Run) -> None:
        found = await self._handle.find_run(known.id)
        has_more = found is not None and await asyncio.to_thread(_has_more, found, known)
        if found and has_more and self._run and self._run.id == found.id:
            self._run = found
            self.pane.complete_run(found)

    async def _find_kin(self, run: Run) -> None:
        for one in kin_of(run):
            if self._handle.run(one) is None:
                await self._handle.find_run(one)
        self.pane.describe()

    def _finder(self, run_id: int) -> Finder:
        search = self._handle.search_output
        return lambda text, start: search(run_id, text, start=start, backwards=True)

    def _is_isolated(self, task: str) -> bool:
        view = self._handle.task(task)
        options = view.options if view else ()
        return any((one.name, one.value) == ("isolation", Isolation.PROCESS) for one in options)

    def follow_zone(self) -> None:
        """Tell times in the project's zone, which a change of its config may have changed."""
        zone = ZoneInfo(self._handle.status.timezone)
        if zone != self._zone:
            self._zone = zone
            self.pane.set_zone(zone)

    def take_events(self, batch: Sequence[Event]) -> None:
        """Follow the watched run; go over to a new run of the chosen task unless one goes on."""
        newest = {event.run.id: event.run for event in batch if isinstance(event, RunEvent)}
        began = [event.run for event in batch if isinstance(event, RunQueued | RunStarted)]
        mine = [run for run in began if run.task == self._of_task]
        if self._run is not None and self._run.id in newest:
            self._run = newest[self._run.id]
            self.pane.update_run(self._run)
            if self._run.state.is_final:
                self._complete_soon()
        elif any(map(is_live, batch)):
            self._complete_soon()
        if mine and not self._is_watching_a_going_run():
            self.watch_run(mine[-1])

    def _is_watching_a_going_run(self) -> bool:
        watched = self.watched
        return watched is not None and not watched.state.is_final

    @on(OutputPane.ZoomRequested)
    def _ask_for_zoom(self) -> None:
        self.post_message(ZoomRequested())

    @on(LogView.Copied)
    def _tell_copied(self, message: LogView.Copied) -> None:
        self.post_message(Told(Notice(f"Copied {message.what}")))

    @on(LogView.NotCopied)
    def _tell_not_copied(self, message: LogView.NotCopied) -> None:
        self.post_message(Told(Notice(message.why, "Not copied", "warning")))

    @on(JsonTree.Copied)
    def _tell_copied_value(self, message: JsonTree.Copied) -> None:
        if message.too_long:
            words = "It is too long for the clipboard; unfold it to copy a part of it"
            self.post_message(Told(Notice(words, "Not copied", "warning")))
        else:
            self.post_message(Told(Notice(f"Copied {message.what}")))


def _has_more(found: Run, known: Run) -> bool:
    """Whether something was left out of what is known, unless the run has gone on since it was
    found. It may take a while, for payloads and results may be large.
    """
    if known.state.is_final and not found.state.is_final:
        return False
    return (found.payload, found.result) != (known.payload, known.result)
