"""The tasks of a program that has no project folder: those that it adds, and no others."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from pathlib import Path

from taskengine.project.added import AddedSource, AddedTasks
from taskengine.project.catalog import Catalog
from taskengine.project.catalog_builder import CatalogBuilder
from taskengine.project.catalog_source import CatalogSoFar
from taskengine.project.config import Config
from taskengine.project.loader import ImportListener


class Program:
    """Reads no file and imports nothing. `default_timezone` is for schedules that name none."""

    def __init__(self, *, default_timezone: Callable[[], str]) -> None:
        self._default_timezone = default_timezone
        self._added = AddedTasks()
        self.on_import: ImportListener = lambda _: None

    def add(self, source: AddedSource) -> None:
        """Have a task in all later catalogs. Raises ValueError for a name that is taken."""
        self._added.add(source)

    def watch_set(self) -> None:
        """Nothing."""

    def scan(self) -> Catalog:
        """The tasks, whose code is here already."""
        definitions = [source.define() for source in self._added.sources.values()]
        zone = self._default_timezone()
        return CatalogBuilder(Path.cwd(), Config(), zone, (), definitions).build()

    def load(
        self,
        progress: Callable[[CatalogSoFar], None] | None = None,  # noqa: ARG002 - a project's takes time
        first: str | None = None,  # noqa: ARG002 - there is nothing to wait for
    ) -> Catalog:
        """The tasks as they are."""
        return self.scan()

    def reload(self, changed: AbstractSet[Path]) -> Catalog:  # noqa: ARG002 - there are no files
        """The tasks as they are now."""
        return self.scan()

    def leave(self) -> None:
        """Nobody wants its place."""

    def close(self) -> None:
        """There is nothing to give back."""
