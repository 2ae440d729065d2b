"""A project on disk as the engine sees it: scanned, loaded, and loaded again when it changes."""

import threading
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from types import TracebackType
from typing import Self

from taskengine.problem import Problem
from taskengine.project.added import AddedSource, AddedTasks, with_added
from taskengine.project.catalog import Catalog
from taskengine.project.catalog_builder import CatalogBuilder
from taskengine.project.catalog_source import CatalogSoFar
from taskengine.project.config import Config, read_config
from taskengine.project.definition import Definition
from taskengine.project.file_source import FileSource
from taskengine.project.import_problem import import_problem
from taskengine.project.last_good import LastGood
from taskengine.project.loader import ImportListener, Loader
from taskengine.project.plan import Plan, make_plan
from taskengine.project.source import TaskSource
from taskengine.project.syntax import SyntaxReader
from taskengine.project.watch_set import WatchSet


class Project:
    """The tasks of the project at `root`, and its faults. Nothing here raises for a fault.

    Only RuntimeError comes from `load` and `reload` while another project is open in this process
    whose tasks have the same package.

    All of it blocks and belongs on one thread at a time; `add`, `watch_set` and `leave` are for any
    thread.
    `on_import`, to be set before anything is loaded, is told on that thread which file's import
    begins, and None when it is over. `default_timezone` gives the zone for a project whose config
    names none. `close`, or leaving it as a context manager, takes its modules out of this process.
    """

    def __init__(self, root: Path, *, default_timezone: Callable[[], str]) -> None:
        self._root = root.resolve()
        self._default_timezone = default_timezone
        self._reader = SyntaxReader()
        self._added = AddedTasks()
        self._config = Config()
        self._config_problems: tuple[Problem, ...] = ()
        self._plan = Plan()
        self._scanned: Mapping[str, Definition] = {}
        self._definitions: dict[str, Definition] = {}
        self._loader: Loader | None = None
        self._leaving = threading.Event()
        self.on_import: ImportListener = lambda _: None
        self._watch_set = self._make_watch_set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def leave(self) -> None:
        """Import no further task, and let another project with the same package wait until this
        one is closed, as it will be when its thread is free.
        """
        self._leaving.set()

    def close(self) -> None:
        """Leave nothing of the project in `sys.modules`, `sys.path` and `sys.meta_path`."""
        if self._loader is not None:
            self._loader.close()
        self._loader = None

    def add(self, source: AddedSource) -> None:
        """Have a task of the program's in all later catalogs, before a file of the same name.

        Raises ValueError if another one was added under that name.
        """
        self._added.add(source)

    def watch_set(self) -> WatchSet:
        """What to watch for changes, as of the last `scan`, `load` or `reload`."""
        return self._watch_set

    def scan(self) -> Catalog:
        """Learn of all tasks from the files' text. None of the project's code runs."""
        self._scan()
        return self._builder().build()

    def _scan(self) -> None:
        self._look()
        self._definitions = {**self._scanned, **self._plan.faulty}
        self._watch_set = self._make_watch_set()

    def look(self) -> Catalog:
        """Learn of all tasks what lists show: their names, descriptions and schedules.

        Only those are imported whose text does not tell that much.
        """
        self._scan()
        for name, source in self._plan.sources.items():
            known = self._definitions[name]
            if not (known.is_told or known.loaded):
                self._definitions[name] = self._loaded(source, self._opened_loader())
        return self._builder().build()

    def load(
        self, progress: Callable[[CatalogSoFar], None] | None = None, first: str | None = None
    ) -> Catalog:
        """Import all tasks, `first` before the others, unless `leave` is called meanwhile. After
        each, `progress` is told on this thread, and given the catalog.

        That is made when somebody asks for it, on any thread: making it for every task would take
        a time that grows with their square.
        """
        self._scan()
        loader = self._opened_loader()
        builder = self._builder()
        for name in sorted(self._plan.sources, key=lambda one: one != first):
            if self._leaving.is_set():
                break
            self._definitions[name] = self._loaded(self._plan.sources[name], loader)
            builder.put(self._definitions[name])
            if progress:
                progress(builder.build)
        self._watch_set = self._make_watch_set()
        return builder.build()

    def reload(self, changed: AbstractSet[Path]) -> Catalog:
        """Take up what is different on disk; import again what changed and what depends on it.

        What differs is told by the files' text. `changed` are files that were saved: one whose
        import failed gets another chance even with the same text. A task whose new version is
        broken keeps the code of the old one.
        """
        last_good = LastGood(self._plan.sources, self._scanned, self._definitions)
        self._look()
        loader = self._opened_loader()
        modules = self._modules(loader)
        stale = loader.stale(changed, modules)
        with loader.replacing(stale, modules.keys()):
            found = {
                name: self._reloaded(source, loader, stale, last_good)
                for name, source in self._plan.sources.items()
            }
        gone = {name for name, one in found.items() if one.problem and self._is_gone(name)}
        self._definitions = {name: one for name, one in found.items() if name not in gone}
        for name, faulty in self._plan.faulty.items():
            self._definitions[name] = last_good.or_old(faulty)
        self._watch_set = self._make_watch_set()
        return self._builder().build()

    def _reloaded(
        self, source: TaskSource, loader: Loader, stale: AbstractSet[str], last_good: LastGood
    ) -> Definition:
        if source.module(loader) not in stale:
            standing = last_good.standing(source, self._scanned[source.name])
            if standing is not None:
                return standing
        return last_good.or_old(self._loaded(source, loader))

    def _is_gone(self, name: str) -> bool:
        """Whether the task's file went away since the tasks folder was looked through."""
        source = self._plan.sources[name]
        return isinstance(source, FileSource) and not source.path.exists()

    def _loaded(self, source: TaskSource, loader: Loader) -> Definition:
        try:
            return source.load(loader, self._reader)
        except BaseException as error:  # noqa: BLE001 - what is looked at is user code, too
            path = source.path or self._config.path or self._root
            problem = import_problem(error, loader.is_inside, path)
            return self._scanned[source.name].with_problem(problem)

    def _look(self) -> None:
        """Read everything that tells of tasks without running code."""
        self._config, self._config_problems = read_config(self._root, self._config)
        self._plan = with_added(make_plan(self._root, self._config), self._added.sources)
        sources = self._plan.sources.items()
        self._scanned = {name: source.scan(self._reader) for name, source in sources}

    def _opened_loader(self) -> Loader:
        """The loader for the present tasks folder; RuntimeError if another project has it."""
        tasks_dir = self._config.tasks_dir
        if self._loader is not None and self._loader.tasks_dir == tasks_dir:
            return self._loader
        self.close()
        is_leaving = self._leaving.is_set
        loader = Loader(self._root, tasks_dir, self._reader, self.on_import, is_leaving)
        loader.open()
        self._loader = loader
        return loader

    def _modules(self, loader: Loader) -> dict[str, Path]:
        """The files that are imported by their path, by module."""
        sources = self._plan.sources.values()
        return {source.module(loader): source.path for source in sources if source.path}

    def _builder(self) -> CatalogBuilder:
        return CatalogBuilder(
            self._root,
            self._config,
            self._config.timezone or self._default_timezone(),
            (*self._config_problems, *self._plan.problems),
            self._definitions.values(),
        )

    def _make_watch_set(self) -> WatchSet:
        of_modules = self._loader.folders if self._loader else frozenset()
        of_sources = {source.path.parent for source in self._plan.sources.values() if source.path}
        return WatchSet(
            tasks_dir=self._root / self._config.tasks_dir,
            folders=frozenset({self._root}) | of_modules | of_sources,
        )
