"""What the user's commands on the main screen are about: the chosen row, and the watched run."""

from collections.abc import Callable

from taskconsole import marks
from taskconsole.widgets.task_list.rows import Row, RowKind
from taskengine.client.handle import Handle
from taskengine.client.views import TaskView
from taskengine.run import Run


class Choice:
    """Answers from the handle; `row` and `watched` say where the user is."""

    def __init__(
        self, handle: Handle, row: Callable[[], Row], watched: Callable[[], Run | None]
    ) -> None:
        self._handle = handle
        self._row = row
        self._watched = watched

    @property
    def watched(self) -> Run | None:
        """The run that is watched."""
        return self._watched()

    def conditions(self) -> dict[str, Callable[[], bool]]:
        """For the actions that are about tasks and runs, whether they would do something now."""
        return {
            "run_later": self.can_run,
            "edit_payload": lambda: self.task is not None,
            "cancel_run": lambda: self.going_run is not None,
            "rerun": self.can_rerun,
            "show_pending": self.has_pending,
            "pause": lambda: self.is_scheduled(paused=False),
            "resume": lambda: self.is_scheduled(paused=True),
            "open_source": self.can_open,
            "create_example": lambda: not self._handle.tasks(),
            "filter": lambda: bool(self._handle.tasks()),
            "turn_tab": lambda: self.task is not None,
        }

    @property
    def task(self) -> TaskView | None:
        """The task under the cursor, if a task is."""
        row = self._row()
        return self._handle.task(row.path) if row.kind is RowKind.TASK else None

    @property
    def going_run(self) -> Run | None:
        """The run that a cancel is meant for: the watched one, or else the chosen task's."""
        watched = self._watched()
        if watched and not watched.state.is_final:
            return watched
        active = self._handle.task_status(self._row().path).active
        return marks.leading(active) if active else None

    def can_run(self) -> bool:
        """Whether the chosen task has code."""
        task = self.task
        return task is not None and task.runnable

    def can_rerun(self) -> bool:
        """Whether the watched run's task has code."""
        watched = self._watched()
        task = self._handle.task(watched.task) if watched else None
        return task is not None and task.runnable

    def can_open(self) -> bool:
        """Whether the chosen task stands in a file."""
        task = self.task
        return task is not None and task.path is not None

    def has_pending(self) -> bool:
        """Whether the chosen task has missed fires, or has runs that are put off."""
        name = self._row().path
        missed = any(one.task == name for one in self._handle.missed_fires())
        return missed or any(one.task == name for one in self._handle.delayed_runs())

    def is_scheduled(self, *, paused: bool) -> bool:
        """Whether the chosen task has schedules that are paused, or that are not."""
        task = self.task
        if task is None or not task.schedules:
            return False
        return self._handle.task_status(task.name).paused is paused
