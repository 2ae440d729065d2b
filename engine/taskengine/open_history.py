"""An engine's history from its opening to its close, and what is wrong with it meanwhile."""

import asyncio
from pathlib import Path

from taskengine.clock import Clock
from taskengine.history.history import History
from taskengine.history.leftovers import Leftovers
from taskengine.history.memory import MemoryHistory
from taskengine.problem import Problem, ProblemKind
from taskengine.project.registry import Registry


def default_history(root: Path | None, clock: Clock) -> History:
    """The project's own history; one in memory where there is no project."""
    if root is None:
        return MemoryHistory()
    from taskengine.history.sqlite.project_history import ProjectHistory

    return ProjectHistory(root, clock=clock)


class OpenHistory:
    """Opens a history once and closes it once, whatever happens between. On the engine's loop."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._opening: asyncio.Future[Leftovers] | None = None
        self._registry: Registry | None = None
        self._early: dict[ProblemKind, Problem | None] = {}

    async def open(self) -> Leftovers:
        """What earlier engines left undone. Raises EngineAlreadyRunning, HistoryTooNew."""
        # In a task of its own: who is cancelled while he waits must still be able to close it.
        self._opening = asyncio.ensure_future(self._history.open(self._report))
        return await asyncio.shield(self._opening)

    async def close(self) -> None:
        """Close the history, if it was opened."""
        if self._opening is None:
            return
        await asyncio.wait({self._opening})
        if self._opening.exception() is None:
            await self._history.close()

    def tell(self, registry: Registry) -> None:
        """Make problems of what is wrong with the history, now and from now on."""
        self._registry = registry
        for kind, problem in self._early.items():
            self._report(kind, problem)

    def _report(self, kind: ProblemKind, problem: Problem | None) -> None:
        if self._registry is None:
            self._early[kind] = problem
        elif problem is None:
            self._registry.clear_problem(kind)
        else:
            self._registry.raise_problem(problem)
