"""The runs of the chosen task: which task's are listed, and kept up to date while they are seen."""

from collections.abc import Callable, Sequence

from taskconsole.engine_news import is_live
from taskconsole.screens.runs_feed import RunFeed
from taskconsole.widgets.run_list import RunList
from taskconsole.widgets.run_table.widget import RunTable
from taskengine.client.handle import Handle
from taskengine.events import Event, RunEvent
from taskengine.records import RunQuery


class TaskRuns:
    """Feeds the list of a task's runs; `is_seen` says whether its tab is open."""

    def __init__(self, handle: Handle, listed: RunList, is_seen: Callable[[], bool]) -> None:
        self._feed = RunFeed(handle, listed.table, lambda: None)
        self._is_seen = is_seen
        self._is_behind = False

    def show(self, task: str) -> None:
        """List a task's runs, as of now."""
        if task != self._feed.query.task or self._is_behind:
            self._is_behind = False
            self._feed.look_for(RunQuery(task=task))
        self._feed.tick()

    def see(self, event: RunTable.Seen) -> None:
        """The list shows other rows."""
        if self._feed.query.task is not None:
            self._feed.see(is_end_wanted=event.is_end_wanted)

    def take_events(self, batch: Sequence[Event]) -> None:
        """Follow the task's runs; while they are out of sight, only remember that there was one."""
        task = self._feed.query.task
        mine = [one for one in batch if isinstance(one, RunEvent) and one.run.task == task]
        if mine and self._is_seen():
            self._feed.take_events(mine)
        elif mine or any(map(is_live, batch)):  # nobody tells what an engine did while it was away
            self._is_behind = True
