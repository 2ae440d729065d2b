"""Which tasks' schedules are paused, and why: kept with the project, by the task's name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from taskengine.clock import Clock
from taskengine.events import Event, SchedulePaused, ScheduleResumed
from taskengine.history.state import ProjectState
from taskengine.records import StateKind


class Pauses:
    """Those of earlier engines hold on, for tasks too that are not there at present.

    A pause counts at once; the coroutines return when it is kept. Belongs to the engine's loop;
    `reason` and `holds` answer from any thread.
    """

    def __init__(self, state: ProjectState, clock: Clock, emit: Callable[[Event], None]) -> None:
        self._state = state
        self._clock = clock
        self._emit = emit
        self._reasons: Mapping[str, str] = MappingProxyType(dict(state.all(StateKind.PAUSE)))

    def reason(self, task: str) -> str | None:
        """Why a task's schedules are paused; None if they are not."""
        return self._reasons.get(task)

    def holds(self, task: str) -> bool:
        """Whether a task's schedules are paused."""
        return task in self._reasons

    async def begin(self, task: str, reason: str) -> None:
        """Pause a task's schedules."""
        self._reasons = MappingProxyType({**self._reasons, task: reason})
        self._emit(SchedulePaused(at=self._clock.now(), task=task, reason=reason))
        await self._state.keep(StateKind.PAUSE, task, reason)

    async def end(self, task: str) -> None:
        """Let a task's schedules go on, if they are paused."""
        if task not in self._reasons:
            return
        others = {name: reason for name, reason in self._reasons.items() if name != task}
        self._reasons = MappingProxyType(others)
        self._emit(ScheduleResumed(at=self._clock.now(), task=task))
        await self._state.keep(StateKind.PAUSE, task, None)
