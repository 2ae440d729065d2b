"""The runs that are not over, by number and by task."""

from collections.abc import Iterable

from taskengine.run import Run
from taskengine.runs.live import LiveRun


class ActiveRuns:
    """Belongs to the engine's loop; `runs` and `runs_of` answer from any thread."""

    def __init__(self) -> None:
        self._by_id: dict[int, LiveRun] = {}
        self._by_task: dict[str, dict[int, LiveRun]] = {}

    def add(self, live: LiveRun) -> None:
        """Take up a run that was accepted."""
        self._by_id[live.run.id] = live
        self._by_task.setdefault(live.run.task, {})[live.run.id] = live

    def drop(self, live: LiveRun) -> None:
        """Forget a run that is over."""
        self._by_id.pop(live.run.id, None)
        same_task = self._by_task.get(live.run.task, {})
        same_task.pop(live.run.id, None)
        if not same_task:
            self._by_task.pop(live.run.task, None)

    def get(self, run_id: int | None) -> LiveRun | None:
        """A run by its number, if it is not over."""
        return None if run_id is None else self._by_id.get(run_id)

    def all(self) -> list[LiveRun]:
        """All of them, oldest first."""
        return list(self._by_id.values())

    def runs(self) -> tuple[Run, ...]:
        """All of them as values, oldest first; but one whose end is just being kept is over."""
        return _going_on(self.all())

    def runs_of(self, task: str) -> tuple[Run, ...]:
        """Those of one task, oldest first."""
        return _going_on(list(self._by_task.get(task, {}).values()))

    def is_needed(self, live: LiveRun) -> bool:
        """Whether another run started this one or waits for it."""
        return live.waiters > 0 or self.get(live.run.parent_id) is not None


def _going_on(lives: Iterable[LiveRun]) -> tuple[Run, ...]:
    runs = (live.run for live in lives)
    return tuple(run for run in runs if not run.state.is_final)
