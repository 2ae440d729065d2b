"""Imports the project's modules, and imports them again when their files changed."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TypeAlias

from taskengine.problem import Problem
from taskengine.project.finder import ProjectFinder, forget_folders
from taskengine.project.import_graph import absolute_imports, dependents
from taskengine.project.import_problem import import_problem
from taskengine.project.source_loader import ModuleSource
from taskengine.project.syntax import SyntaxReader

ImportListener: TypeAlias = Callable[[Path | None], None]


class Loader:
    """The project's modules in this process, from `open` until `close`. For one thread.

    `tasks_dir` is relative to the root. `on_import` is told the file whose import begins, and None
    when it is over. `is_leaving` tells, from any thread, whether `close` is only waiting its turn.
    """

    def __init__(
        self,
        root: Path,
        tasks_dir: str,
        reader: SyntaxReader,
        on_import: ImportListener,
        is_leaving: Callable[[], bool] = lambda: False,
    ) -> None:
        self.tasks_dir = tasks_dir
        self._finder = ProjectFinder(root, tasks_dir, is_leaving)
        self._reader = reader
        self._evicted: dict[str, ModuleType] = {}
        self._on_import = on_import

    def open(self) -> None:
        """Take the project into Python's import system; a foreign `tasks` package steps aside.

        Raises RuntimeError if another open project has the same package. One that is leaving is
        waited for.
        """
        try:
            self._finder.install()
        except BaseException:
            self._finder.uninstall()
            self._finder.leave()  # or no project of the process could be opened any more
            raise
        self._evicted = _take_out(name for name in list(sys.modules) if self._is_in_tasks(name))

    def close(self) -> None:
        """Leave nothing of the project in `sys.modules`, `sys.path` and `sys.meta_path`."""
        self._finder.uninstall()
        try:
            _take_out(name for name, one in list(sys.modules.items()) if self._is_ours(name, one))
            sys.modules.update(self._evicted)
            forget_folders()
        finally:
            self._finder.leave()

    def module_name(self, path: Path) -> str:
        """The name of the module that a file of the project is."""
        return self._finder.name_module(path)

    def is_inside(self, path: Path) -> bool:
        """Whether a file is the project's own."""
        return self._finder.is_inside(path)

    @property
    def folders(self) -> frozenset[Path]:
        """The folders of all modules that were imported, or tried, or that may come to mend one."""
        sources = self._present()
        found = {source.path.parent for source in sources.values()}
        failed = [name for name, source in sources.items() if source.failed]
        imports = self._imports({}) if failed else {}
        missed = {imported for name in failed for imported in imports[name]}
        return frozenset(found.union(*map(self._finder.folders_towards, missed)))

    def load(self, module: str, path: Path) -> ModuleType | Problem:
        """Import a module; whatever it raises is a problem. `path` is its file, or who named it."""
        self._on_import(path)
        try:
            return import_module(module)
        except BaseException as error:  # noqa: BLE001 - a user's module may raise anything at all
            return import_problem(error, self.is_inside, path)
        finally:
            self._on_import(None)

    def stale(self, changed: AbstractSet[Path], tasks: Mapping[str, Path]) -> set[str]:
        """The modules whose text is not what was imported, and all that depend on them.

        Of modules that failed those too that `changed` gives another chance: their own file was
        saved again, or what they lacked is there now. `tasks` are the task files by module.
        """
        sources = self._present()
        imports = self._imports(tasks)
        packages = {name for name, source in sources.items() if source.is_package}
        packages |= self._finder.new_packages()
        outdated = {name for name, source in sources.items() if source.is_outdated()}
        failed = {name for name, source in sources.items() if source.failed}
        new = {name for path in changed for name in self._finder.new_names(path)}
        found = {one for names in imports.values() for one in names if _is_in_any(one, new)}
        again = {name for name in failed if sources[name].path in changed}
        again |= dependents(found, imports, packages) & failed
        return dependents(outdated | again | self._finder.new_packages(), imports, packages)

    @contextmanager
    def replacing(self, stale: AbstractSet[str], tasks: AbstractSet[str]) -> Iterator[None]:
        """Let what is imported inside be new where it is stale.

        Afterwards the old modules are back in the place of those that failed, that were not
        reached because others failed, and of `tasks`; what nothing imports any more is gone.
        """
        forget_folders()
        sources = self._finder.sources
        old_sources = {name: sources.pop(name) for name in stale & set(sources)}
        old = _take_out(name for name in stale if name in old_sources or self._is_own(name))
        try:
            yield
        finally:
            self._settle(old, old_sources, stale, tasks)

    def _settle(
        self,
        old: Mapping[str, ModuleType],
        old_sources: Mapping[str, ModuleSource],
        stale: AbstractSet[str],
        tasks: AbstractSet[str],
    ) -> None:
        sources = self._finder.sources
        any_failed = any(sources[name].failed for name in stale & set(sources))
        for name, module in old.items():
            source = old_sources.get(name)
            if name in sys.modules:
                _hand_over_parts(module, sys.modules[name])
            elif source and source.path.exists() and (any_failed or name in tasks):
                _put_back(name, module)
                sources.setdefault(name, replace(source, passed_over=True))

    def _imports(self, tasks: Mapping[str, Path]) -> dict[str, frozenset[str]]:
        """What every module imports; task files count even if nothing came of importing them."""
        sources = self._present().items()
        found = {name: self._reader.read(path) for name, path in tasks.items()}
        found |= {name: self._reader.parse(source.path, source.text) for name, source in sources}
        packages = {name for name, source in sources if source.is_package}
        return {
            name: absolute_imports(syntax, name, is_package=name in packages)
            for name, syntax in found.items()
        }

    def _present(self) -> dict[str, ModuleSource]:
        """The modules imported so far: a run on another thread may import one more at any time."""
        return dict(self._finder.sources)

    def _is_in_tasks(self, name: str) -> bool:
        return _is_in_any(name, {self._finder.tasks_package})

    def _is_own(self, name: str) -> bool:
        return self._finder.is_own(name)

    def _is_ours(self, name: str, module: ModuleType) -> bool:
        """Whether a module came from the project, be it only as a folder without code."""
        folders = [] if getattr(module, "__file__", None) else getattr(module, "__path__", [])
        is_folder = bool(folders) and all(self.is_inside(Path(folder)) for folder in folders)
        return is_folder or self._is_own(name)


def _is_in_any(name: str, packages: AbstractSet[str]) -> bool:
    """Whether a module is one of the packages or below one."""
    return name in packages or any(name.startswith(f"{package}.") for package in packages)


def _take_out(names: Iterable[str]) -> dict[str, ModuleType]:
    """Remove modules from `sys.modules`, and from the packages that know them as attributes."""
    taken = {}
    for name in list(names):
        module = sys.modules.pop(name, None)
        if module is None:
            continue
        taken[name] = module
        parent, _, part = name.rpartition(".")
        package = sys.modules.get(parent)
        if package is not None and vars(package).get(part) is module:
            delattr(package, part)
    return taken


def _put_back(name: str, module: ModuleType) -> None:
    sys.modules[name] = module
    parent, _, part = name.rpartition(".")
    if parent in sys.modules:
        setattr(sys.modules[parent], part, module)


def _hand_over_parts(old: ModuleType, new: ModuleType) -> None:
    """Let a new package know the modules below it that stayed: no import will tell it of them."""
    for part, module in list(vars(old).items()):
        name = f"{old.__name__}.{part}"
        if isinstance(module, ModuleType) and sys.modules.get(name) is module:
            vars(new).setdefault(part, module)
