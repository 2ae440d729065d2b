"""The schedules of the chosen task: what fires next, what was missed, what became of it."""

from collections.abc import Callable, Coroutine, Sequence
from zoneinfo import ZoneInfo

from taskconsole.screens.past_fires import Past, PastFires
from taskconsole.widgets.fire_list import FireList
from taskconsole.widgets.pending_list import Pending
from taskconsole.widgets.schedule_view import ScheduleTab
from taskengine.client.abilities import Ability
from taskengine.client.handle import Handle
from taskengine.client.views import TaskView

_FIRES = 10


class TaskSchedule:
    """Feeds the tab; `work` starts a worker."""

    def __init__(
        self,
        handle: Handle,
        tab: ScheduleTab,
        work: Callable[[Coroutine[None, None, None]], object],
    ) -> None:
        self._handle = handle
        self._tab = tab
        self._fires = tab.query_one(FireList)
        self._past_fires = PastFires(handle, self._show_past, work)
        self._of_task: str | None = None

    def show(self, view: TaskView) -> None:
        """Show how a task's schedules stand now."""
        self._of_task = view.name
        now, zone = self._handle.now(), self._zone
        engine = self._handle.status
        self._tab.show(
            view,
            self._handle.task_status(view.name),
            self._handle.next_fires(view.name, _FIRES),
            now,
            zone,
            scheduling=engine.scheduling,
            external=engine.external_schedule,
            advice=not self._handle.refusal(Ability.EXAMPLE),  # which is for tasks in Python
        )
        self._tab.show_pending(self._pending(view.name), now, zone)
        self._past_fires.want(view.name)

    def _pending(self, task: str) -> Sequence[Pending]:
        """What a task has missed, and its runs that are put off."""
        missed = [one for one in self._handle.missed_fires() if one.task == task]
        return (*missed, *(one for one in self._handle.delayed_runs() if one.task == task))

    def _show_past(self, past: Past) -> None:
        # A console that is left takes the list away before the worker that asks.
        if past.task == self._of_task and self._fires.is_attached:
            self._fires.show(past.fires, past.runs, self._handle.now(), self._zone)

    def focus_pending(self) -> None:
        """Let the user act upon what was missed or is put off."""
        self._tab.focus_pending()

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self._handle.status.timezone)
