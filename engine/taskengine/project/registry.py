"""The project's tasks while the engine lives: loaded on one thread, kept up to date, told of."""

import asyncio
import traceback
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

from taskengine.clock import Clock
from taskengine.errors import EngineNotRunning, TaskNotFound
from taskengine.events import CatalogChanged, Event, ProblemCleared, ProblemRaised
from taskengine.problem import Problem, ProblemKind
from taskengine.project.catalog import Catalog, CatalogEntry, Runnable
from taskengine.project.catalog_source import CatalogSoFar, CatalogSource
from taskengine.project.slow_import import Import, SlowImports
from taskengine.threads.pool import DaemonPool
from taskengine.wording import raised_in_words

# How often, in seconds, anybody hears of tasks that come in while they are loaded.
LOOK_INTERVAL = 0.05
Entries = Mapping[str, CatalogEntry]


class Registry:
    """Knows the present catalog. User modules are imported on the loader thread, one at a time.

    `emit` is told what changes, on the engine's loop; `take_up` is given every new catalog before
    anybody hears of the change and looks.
    """

    def __init__(
        self,
        project: CatalogSource,
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
        self._reloading = asyncio.Lock()
        self._coming: set[str] = set()
        self._given_up = ""
        self._waiting = 0
        self._will_look = False
        self._own_problems: Mapping[tuple[ProblemKind, object], Problem] = {}
        self._missed: frozenset[Path] = frozenset()
        self._slow_imports = SlowImports(clock, self.raise_problem)
        project.on_import = self._slow_imports.note
        self.catalog = Catalog()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the project, and with what the engine can do for it."""
        return (*self.catalog.problems, *dict.fromkeys(self._own_problems.values()))

    @property
    def importing(self) -> Import | None:
        """The import that goes on at this moment."""
        return self._slow_imports.current

    @property
    def is_import_awaited(self) -> bool:
        """Whether somebody waits for a task to be imported."""
        return self._waiting > 0

    async def scan(self) -> None:
        """Learn names and problems from the files' text, without running any of their code."""
        self._take(await self._loader.call(self._project.scan))

    async def load(self, first: str | None = None) -> None:
        """Import all tasks, `first` before the others. The catalog fills as they come in."""
        coming = frozenset(self._coming)
        self._take(await self._import(lambda: self._project.load(self._report_progress, first)))
        self._loaded.set()
        self._expect_no_more(coming)

    async def watch(self, stop: asyncio.Event) -> None:
        """Take up every change of the project's files until `stop` is set.

        Where files can't be watched, that is a problem, and the tasks stay as they are.
        """
        await self._loaded.wait()
        if (first := self._project.watch_set()) is None:
            return
        from taskengine.project.watch import watch_changes  # it is wanted when all tasks are there

        changes = watch_changes(lambda: self._project.watch_set() or first, stop)
        while (changed := await self._next_change(changes)) is not None:
            await self.reload(changed)

    async def _next_change(self, changes: AsyncIterator[set[Path]]) -> set[Path] | None:
        try:
            return await anext(changes, None)
        except (OSError, RuntimeError) as error:
            self.raise_problem(_watch_problem(error))
            return None

    async def reload(self, changed: AbstractSet[Path]) -> None:
        """Take up the changes of these files. If that fails, it is tried again with the next."""
        async with self._reloading:
            await self._reload(changed)

    async def take_up(self, added: str) -> None:
        """Take up a task that was added while the engine lives; its runs wait for that."""
        self._coming.add(added)
        await self._loaded.wait()
        async with self._reloading:
            if added in self._coming:  # else it was taken up together with others
                await self._reload(frozenset())

    async def _reload(self, changed: AbstractSet[Path]) -> None:
        missed, coming = self._missed | changed, frozenset(self._coming)
        try:
            catalog = await self._import(lambda: self._project.reload(missed))
        except Exception as error:  # noqa: BLE001 - the tasks as they were are better than none
            self._missed = missed
            self.raise_problem(_reload_problem(error))
            self._expect_no_more(coming)
            return
        self._missed = frozenset()
        self.clear_problem(ProblemKind.RELOAD)
        self._take(catalog)
        self._expect_no_more(coming)

    async def when_loaded(self, task: str) -> None:
        """Wait until a task is imported, if it is one that still has to be.

        Raises EngineNotRunning if that will never be, because of `give_up`.
        """
        while self._is_awaited(task):
            if self._given_up:
                raise EngineNotRunning(self._given_up)
            self._waiting += 1
            try:
                await self._taken.wait()
            finally:
                self._waiting -= 1

    def give_up(self, why: str) -> None:
        """Let nobody wait any longer for tasks to be imported; they are told why."""
        self._given_up = why
        self._taken.set()

    def _is_awaited(self, task: str) -> bool:
        if task in self._coming:
            return True
        entry = self.catalog.entries.get(task)
        return entry is not None and not (entry.loaded or self._loaded.is_set())

    def _expect_no_more(self, coming: AbstractSet[str]) -> None:
        self._coming -= coming
        self._wake()

    def _wake(self) -> None:
        """Let those who wait for tasks look again."""
        self._taken.set()
        self._taken = asyncio.Event()

    def expect(self, task: str) -> CatalogEntry:
        """The task's entry. Raises TaskNotFound."""
        entry = self.catalog.entries.get(task)
        if entry is None:
            raise TaskNotFound(task)
        return entry

    def runnable(self, task: str) -> Runnable:
        """The task's last good version. Raises TaskNotFound, TaskNotImplemented."""
        return self.expect(task).runnable

    async def _import(self, work: Callable[[], Catalog]) -> Catalog:
        """Do what imports on the loader thread, and flag it while it takes too long."""
        watching = asyncio.ensure_future(self._slow_imports.watch())
        try:
            return await self._loader.call(work)
        finally:
            watching.cancel()
            self.clear_problem(ProblemKind.SLOW_IMPORT)

    def raise_problem(self, problem: Problem, of: object = None) -> None:
        """Have this problem for the only one of its kind. Where several parts of the engine may
        have one of that kind, `of` is the part that has it.
        """
        key = problem.kind, of
        if self._own_problems.get(key) != problem:
            self.clear_problem(problem.kind, of)
            self._own_problems = {**self._own_problems, key: problem}
            self._emit(ProblemRaised(at=self._clock.now(), problem=problem))

    def clear_problem(self, kind: ProblemKind, of: object = None) -> None:
        """Have no problem of this kind any more, if there was one."""
        old, key = self._own_problems, (kind, of)
        self._own_problems = {each: one for each, one in old.items() if each != key}
        if key in old:
            self._emit(ProblemCleared(at=self._clock.now(), problem=old[key]))

    def _report_progress(self, so_far: CatalogSoFar) -> None:
        self._loop.call_soon_threadsafe(self._look_soon, so_far)

    def _look_soon(self, so_far: CatalogSoFar) -> None:
        self.clear_problem(ProblemKind.SLOW_IMPORT)
        if not self._will_look:
            self._will_look = True
            self._loop.call_later(LOOK_INTERVAL, self._look, so_far)

    def _look(self, so_far: CatalogSoFar) -> None:
        self._will_look = False
        if not (self._loaded.is_set() or self._given_up):
            self._take(so_far())

    def _take(self, catalog: Catalog) -> None:
        old, self.catalog = self.catalog, catalog
        self._wake()
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
        "changed": tuple(name for name in new if name in old and _differ(old[name], new[name])),
    }


def _differ(old: CatalogEntry, new: CatalogEntry) -> bool:
    return old is not new and old != new


def _without(problems: Sequence[Problem], others: Sequence[Problem]) -> list[Problem]:
    known = frozenset(others)
    return [problem for problem in problems if problem not in known]


def _reload_problem(error: Exception) -> Problem:
    return Problem(
        kind=ProblemKind.RELOAD,
        message=f"changes of files could not be taken up: {raised_in_words(error)}",
        hint="it is tried again with the next change",
        traceback="".join(traceback.format_exception(error)),
    )


def _watch_problem(error: Exception) -> Problem:
    return Problem(
        kind=ProblemKind.WATCH,
        message=f"changes of files are not picked up: {error}",
        hint="raise fs.inotify.max_user_watches, or restart after a change",
    )
