"""The project's tasks while the engine lives: loaded on one thread, kept up to date, told of."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from taskengine.clock import Clock
from taskengine.errors import TaskNotFound, TaskNotImplemented
from taskengine.events import CatalogChanged, Event, ProblemCleared, ProblemRaised
from taskengine.problem import Problem, ProblemKind
from taskengine.project.catalog import Catalog, CatalogEntry
from taskengine.project.project import Project
from taskengine.project.watch import watch_changes
from taskengine.task import TaskFunction
from taskengine.threads.pool import DaemonPool

SLOW_IMPORT = timedelta(seconds=10)
Entries = Mapping[str, CatalogEntry]


class Registry:
    """Knows the present catalog. User modules are imported on the loader thread, one at a time.

    `emit` is told what changes, on the engine's loop; `take_up` is given every new catalog before
    anybody hears of the change and looks.
    """

    def __init__(
        self,
        project: Project,
        loader: DaemonPool,
        clock: Clock,
        emit: Callable[[Event], None],
        take_up: Callable[[Catalog], None],
    ) -> None:
        self._project = project
        self._loader = loader
        self._clock = clock
        self._emit = emit
        self._take_up = take_up
        self._loop = asyncio.get_running_loop()
        self._loaded = asyncio.Event()
        self._taken = asyncio.Event()
        self._own_problem: Problem | None = None
        self.catalog = Catalog()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the project, and with what the engine can do for it."""
        own = (self._own_problem,) if self._own_problem else ()
        return (*self.catalog.problems, *own)

    async def scan(self) -> None:
        """Learn names and problems from the files' text, without running any of their code."""
        self._take(await self._loader.call(self._project.scan))

    async def load(self) -> None:
        """Import all tasks. The catalog fills as they come in."""
        self._take(await self._import(lambda: self._project.load(self._report_progress)))
        self._loaded.set()

    async def watch(self, stop: asyncio.Event) -> None:
        """Take up every change of the project's files until `stop` is set.

        Where files can't be watched, that is a problem, and the tasks stay as they are.
        """
        await self._loaded.wait()
        try:
            async for changed in watch_changes(self._project.watch_set, stop):
                await self.reload(changed)
        except (OSError, RuntimeError) as error:
            self._set_own_problem(_watch_problem(error))

    async def reload(self, changed: set[Path]) -> None:
        """Take up the changes of these files."""
        self._take(await self._import(lambda: self._project.reload(changed)))

    async def when_loaded(self, task: str) -> None:
        """Wait until a task is imported, if it is one that still has to be."""
        while not self._loaded.is_set() and self._is_awaited(task):
            await self._taken.wait()

    def _is_awaited(self, task: str) -> bool:
        entry = self.catalog.entries.get(task)
        return entry is not None and not entry.loaded

    def expect(self, task: str) -> CatalogEntry:
        """The task's entry. Raises TaskNotFound."""
        entry = self.catalog.entries.get(task)
        if entry is None:
            raise TaskNotFound(task)
        return entry

    def function(self, task: str) -> TaskFunction:
        """The task's code, its last good version. Raises TaskNotFound, TaskNotImplemented."""
        function = self.expect(task).function
        if function is None:
            raise TaskNotImplemented(task)
        return function

    async def _import(self, work: Callable[[], Catalog]) -> Catalog:
        """Do what imports on the loader thread, and flag it while it takes too long."""
        flag = asyncio.ensure_future(self._flag_slow_import(self._clock.now() + SLOW_IMPORT))
        try:
            return await self._loader.call(work)
        finally:
            flag.cancel()
            if self._own_problem and self._own_problem.kind is ProblemKind.SLOW_IMPORT:
                self._set_own_problem(None)

    async def _flag_slow_import(self, deadline: datetime) -> None:
        await self._clock.sleep_until(deadline)
        if path := self._project.importing:
            self._set_own_problem(_slow_import_problem(path))

    def _set_own_problem(self, problem: Problem | None) -> None:
        old, self._own_problem = self._own_problem, problem
        if old:
            self._emit(ProblemCleared(at=self._clock.now(), problem=old))
        if problem:
            self._emit(ProblemRaised(at=self._clock.now(), problem=problem))

    def _report_progress(self, catalog: Catalog) -> None:
        self._loop.call_soon_threadsafe(self._take_unless_loaded, catalog)

    def _take_unless_loaded(self, catalog: Catalog) -> None:
        if not self._loaded.is_set():
            self._take(catalog)

    def _take(self, catalog: Catalog) -> None:
        old, self.catalog = self.catalog, catalog
        self._taken.set()
        self._taken = asyncio.Event()
        self._take_up(catalog)
        now = self._clock.now()
        change = _change(old.entries, catalog.entries)
        if any(change.values()):
            self._emit(CatalogChanged(at=now, **change))
        for problem in _without(old.problems, catalog.problems):
            self._emit(ProblemCleared(at=now, problem=problem))
        for problem in _without(catalog.problems, old.problems):
            self._emit(ProblemRaised(at=now, problem=problem))


def _change(old: Entries, new: Entries) -> dict[str, tuple[str, ...]]:
    return {
        "added": tuple(name for name in new if name not in old),
        "removed": tuple(name for name in old if name not in new),
        "changed": tuple(name for name in new if name in old and new[name] != old[name]),
    }


def _without(problems: Sequence[Problem], others: Sequence[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem not in others]


def _slow_import_problem(path: Path) -> Problem:
    return Problem(
        kind=ProblemKind.SLOW_IMPORT,
        message=f"importing takes more than {SLOW_IMPORT.seconds} seconds",
        path=path,
        hint="move slow work from the module into the task's function",
    )


def _watch_problem(error: Exception) -> Problem:
    return Problem(
        kind=ProblemKind.WATCH,
        message=f"changes of files are not picked up: {error}",
        hint="raise fs.inotify.max_user_watches, or restart after a change",
    )
