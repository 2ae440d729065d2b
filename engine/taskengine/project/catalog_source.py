"""Where the registry has its catalogs from: a project's folder, or the program alone."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Protocol, TypeAlias

from taskengine.project.added import AddedSource
from taskengine.project.catalog import Catalog
from taskengine.project.loader import ImportListener
from taskengine.project.watch_set import WatchSet

CatalogSoFar: TypeAlias = Callable[[], Catalog]


class CatalogSource(Protocol):
    """Makes catalogs. All of it blocks and belongs on one thread at a time, but for `add`,
    `watch_set` and `leave`, which any thread may call.
    """

    on_import: ImportListener

    def add(self, source: AddedSource) -> None:
        """Have a task of the program's in all later catalogs. Raises ValueError for a name that is
        taken by another one.
        """

    def watch_set(self) -> WatchSet | None:
        """What to watch for changes; None if there is nothing that could change."""

    def scan(self) -> Catalog:
        """The tasks by name, without running any of their code."""

    def load(
        self, progress: Callable[[CatalogSoFar], None] | None = None, first: str | None = None
    ) -> Catalog:
        """The tasks with their code, which is imported for the task `first` before all others."""

    def reload(self, changed: AbstractSet[Path]) -> Catalog:
        """The tasks with what is new since, in these files or by `add`."""

    def leave(self) -> None:
        """It will be closed when its thread is free, which `load` now keeps it from no longer than
        it must: who wants its place may wait for that.
        """

    def close(self) -> None:
        """Leave nothing behind in this process."""
