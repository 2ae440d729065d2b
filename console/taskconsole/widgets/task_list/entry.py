"""One task as the list shows it, and the orders that tasks can stand in."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from taskconsole import marks
from taskconsole.widgets.task_list.natural import Natural, natural
from taskengine.client.views import ScheduleView, TaskStatus, TaskView

_LATEST = datetime.max.replace(tzinfo=UTC)


class SortOrder(StrEnum):
    """How the list is sorted. Only by name is it a tree; the others are flat."""

    NAME = "name"
    NEXT_FIRE = "next fire"
    LAST_RUN = "last run"

    @property
    def following(self) -> "SortOrder":
        """The order that the sort key changes to."""
        orders = list(SortOrder)
        return orders[(orders.index(self) + 1) % len(orders)]


@dataclass(frozen=True, slots=True)
class TaskEntry:
    """What is known of a task, and how it stands. One that is `removed` has no file any more;
    `once` is when the next of its runs that are put off begins; `next_schedule` is the one of
    several schedules that fires next.
    """

    view: TaskView
    status: TaskStatus
    removed: bool = False
    once: datetime | None = None
    next_schedule: ScheduleView | None = None

    @classmethod
    def of_removed(cls, name: str, status: TaskStatus) -> "TaskEntry":
        """A task that is gone, of which a run is left to be looked at."""
        return cls(TaskView(name=name, runnable=False), status, removed=True)

    @property
    def name(self) -> str:
        """What the task is called."""
        return self.view.name

    @property
    def mark(self) -> marks.Mark:
        """How the task stands."""
        if self.removed and self.status.last and not self.status.active:
            return marks.of_run(self.status.last)
        return marks.of_task(self.view, self.status)

    @property
    def next_fire(self) -> datetime | None:
        """The next fire that will happen, also of a run put off; a pause holds schedules."""
        scheduled = None if self.status.paused else self.status.next_fire
        return min((one for one in (scheduled, self.once) if one), default=None)

    def sort_key(self, order: SortOrder) -> tuple[datetime | float, Natural, str]:
        """What puts this task into its place in an order that is not by name."""
        if order is SortOrder.NEXT_FIRE:
            return self.next_fire or _LATEST, natural(self.name), self.name
        last = self.status.active[-1] if self.status.active else self.status.last
        latest_first = -last.queued_at.timestamp() if last else 0.0
        return latest_first, natural(self.name), self.name
