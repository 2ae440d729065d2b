"""How the project's own modules are found: in its folders first, by their paths where need be."""

import importlib
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from taskengine.project.discovery import entries_in, is_environment
from taskengine.project.source_loader import ModuleSource, SourceLoader

T = TypeVar("T")
_OUTSIDE = frozenset({"site-packages", "dist-packages", "node_modules"})
_TRIES = 10
_LEFT_WITHIN = 30.0  # seconds; an import that goes on takes its time
_installed: "list[ProjectFinder]" = []  # all of this process, until nothing of theirs is left


class ProjectFinder:
    """Finds modules in the project's root and its `src/`, the tasks folder before all others.

    `sources` are the modules imported so far, by name; `packages` are those on the way from the
    root to the tasks, with their depths. `is_leaving` tells whether it is uninstalled as soon as
    an import that goes on has ended; `has_left` is set when nothing of the project is left.
    """

    def __init__(
        self, root: Path, tasks_dir: str, is_leaving: Callable[[], bool] = lambda: False
    ) -> None:
        self.root = root
        self.is_leaving = is_leaving
        self.has_left = threading.Event()
        self.paths = [root, root / "src"]
        self._on_path: list[str] = []
        self._tasks_dir = root / tasks_dir
        self._base = self._base_of(self._tasks_dir)
        self._files: dict[str, Path] = {}
        self._dotted_folders: dict[str, Path] = {}
        self._namespaces: dict[str, Path] = {}
        self.sources: dict[str, ModuleSource] = {}
        parts = self._tasks_dir.relative_to(self._base).parts
        self.packages = {".".join(parts[: n + 1]): n for n in range(len(parts))}
        self.tasks_package = ".".join(parts)

    def _base_of(self, path: Path) -> Path:
        return next(base for base in reversed(self.paths) if path.is_relative_to(base))

    def name_module(self, path: Path) -> str:
        """The name under which a file of the project is imported; the file is found by it."""
        base = self._base_of(path)
        parts = list(path.relative_to(base).parts)
        if parts[-1] == "__init__.py" and len(parts) > 1:
            del parts[-1]
        elif not (path.with_suffix("") / "__init__.py").exists():
            parts[-1] = parts[-1].removesuffix(".py")
        parts = [part.replace(".", "%2E") for part in parts]
        for depth, folder in enumerate(reversed(path.relative_to(base).parents[:-1]), start=1):
            if "." in folder.name:
                self._dotted_folders[".".join(parts[:depth])] = base / folder
        name = ".".join(parts)
        self._files[name] = path
        return name

    def new_names(self, path: Path) -> set[str]:
        """The dotted names under which a file, or what is in a folder, could be imported anew."""
        names = self._names_of(path)
        if path.is_dir():
            names = names.union(*(self._names_of(path / one.name) for one in entries_in(path)))
        return {name for name in names if not self.is_own(name)}

    def _names_of(self, path: Path) -> set[str]:
        parts = [path.relative_to(base).parts for base in self.paths if path.is_relative_to(base)]
        dotted = {".".join(each).removesuffix(".py").removesuffix(".__init__") for each in parts}
        return dotted - {""}

    def folders_towards(self, name: str) -> set[Path]:
        """The folders that come nearest to a module that may not be there."""
        return {folder for base in self.paths if (folder := _descend(base, name)) != base}

    def is_own(self, name: str) -> bool:
        """Whether a module of this name is imported through this finder."""
        return name in self.sources or name in self._namespaces

    def new_packages(self) -> set[str]:
        """The folders imported as packages without code that have got an `__init__.py` since."""
        return {
            name
            for name, folder in list(self._namespaces.items())
            if name in sys.modules and (folder / "__init__.py").exists()
        }

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """What Python's import system asks of a finder."""
        file = self._files.get(fullname)
        if file is not None and file.exists():
            return self._file_spec(fullname, file)
        if fullname in self._dotted_folders:
            return self._dotted_spec(fullname, self._dotted_folders[fullname])
        spec = PathFinder.find_spec(fullname, self._entries(fullname, path), target)
        if spec is None:
            return None
        if isinstance(spec.loader, SourceFileLoader) and spec.origin:
            locations = spec.submodule_search_locations
            return self._source_spec(fullname, Path(spec.origin), locations)
        return self._namespace_spec(fullname, spec)

    def _entries(self, name: str, path: Sequence[str] | None) -> list[str]:
        """Where to look: a package of the tasks folder's path is looked for nowhere else."""
        depth = self.packages.get(name)
        if depth is not None:
            parts = self._tasks_dir.relative_to(self._base).parts
            return [str(self._base.joinpath(*parts[:depth]))]
        if path is None:
            return [str(entry) for entry in self.paths]
        return [entry for entry in path if self.is_inside(Path(entry))]

    def is_inside(self, path: Path) -> bool:
        """Whether a file or folder is the project's own, and not of an environment inside it."""
        if not path.is_relative_to(self.root):
            return False
        if not _OUTSIDE.isdisjoint(path.relative_to(self.root).parts):
            return False
        folders = [one for one in (path, *path.parents) if self.root in one.parents]
        return not any(is_environment(folder) for folder in folders)

    def _file_spec(self, name: str, path: Path) -> ModuleSpec | None:
        """A file asked for by its path; `db.py` acts as the package for what is in `db/`, too."""
        if path.name == "__init__.py":
            return self._source_spec(name, path, [str(path.parent)])
        return self._source_spec(name, path, None, folder=path.with_suffix(""))

    def _source_spec(
        self, name: str, path: Path, locations: Sequence[str] | None, folder: Path | None = None
    ) -> ModuleSpec | None:
        loader = SourceLoader(name, path, folder, self._note)
        search = None if locations is None else list(locations)
        return spec_from_file_location(name, path, loader=loader, submodule_search_locations=search)

    def _namespace_spec(self, name: str, found: ModuleSpec) -> ModuleSpec | None:
        """A folder without `__init__.py` is a package if it leads to tasks or holds some.

        Elsewhere Python's own rule stands: an installed package wins over such a folder.
        """
        is_ours = name in self.packages or name.startswith(f"{self.tasks_package}.")
        if not is_ours or not found.submodule_search_locations:
            return None
        return self._folder_spec(name, Path(next(iter(found.submodule_search_locations))))

    def _dotted_spec(self, name: str, folder: Path) -> ModuleSpec | None:
        """A folder with a dot in its name, which Python by itself finds under no module's name."""
        code = folder / "__init__.py"
        if code.exists():
            return self._source_spec(name, code, [str(folder)])
        return self._folder_spec(name, folder)

    def _folder_spec(self, name: str, folder: Path) -> ModuleSpec:
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
        self._namespaces[name] = folder
        return spec

    def _note(self, name: str, source: ModuleSource) -> None:
        self.sources[name] = source

    def install(self) -> None:
        """Become part of Python's import system. The root goes first on `sys.path`.

        Raises RuntimeError if another project's tasks have the same package: a process knows but
        one module of a name. A project that is leaving is waited for.
        """
        self._wait_for_leaving()
        _installed.append(self)
        # Looked for only now, so that of two threads that do this at once both see the other.
        if rival := self._rival():
            message = (
                f"the project {rival.root} is open in this process, and its tasks are in the same"
            )
            raise RuntimeError(f"{message} package, `{self.tasks_package}`")
        at = sys.meta_path.index(PathFinder) if PathFinder in sys.meta_path else 0
        sys.meta_path.insert(at, self)
        self._on_path = [str(path) for path in self.paths if path.is_dir()]
        sys.path[:0] = self._on_path
        forget_folders()

    def _wait_for_leaving(self) -> None:
        until = time.monotonic() + _LEFT_WITHIN
        while (rival := self._rival()) and rival.is_leaving():
            if not rival.has_left.wait(max(until - time.monotonic(), 0.0)):
                return

    def _rival(self) -> "ProjectFinder | None":
        """That of a project whose tasks folder has a package on its path with this one."""
        others = (one for one in tuple(_installed) if one is not self)
        return next((one for one in others if one.packages.keys() & self.packages), None)

    def uninstall(self) -> None:
        """Find nothing any more, as far as the project's code has not seen to that itself."""
        _discard(sys.meta_path, self)
        for path in self._on_path:
            _discard(sys.path, path)

    def leave(self) -> None:
        """Be in no other project's way: nothing of this one is left."""
        _discard(_installed, self)
        self.has_left.set()


def forget_folders() -> None:
    """Have Python look into folders anew when it looks for modules.

    `importlib.invalidate_caches` raises KeyError if another thread calls it at the same moment:
    both want to drop the same entry of `sys.path_importer_cache`.
    """
    for _ in range(_TRIES - 1):
        try:
            importlib.invalidate_caches()
        except KeyError:
            continue
        return
    importlib.invalidate_caches()


def _discard(items: list[T], item: T) -> None:
    with suppress(ValueError):
        items.remove(item)


def _descend(folder: Path, name: str) -> Path:
    for part in name.split("."):
        if not (folder / part).is_dir():
            break
        folder /= part
    return folder
