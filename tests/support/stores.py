"""A writer on a real file, with something to write and somebody to tell."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from sqlite3 import Connection

from support.faults import Disk
from taskengine.history.sqlite.pauses import Pauses
from taskengine.history.sqlite.writer import Writer
from taskengine.problem import Problem, ProblemKind

HASTE = Pauses(
    busy=0.02, first_retry=0.001, last_retry=0.004, quiet=0.0, longest_quiet=0.0, idle=0.0
)
"""Hardly any pauses, so that a test waits for nothing."""


class Notes:
    """Has notes to write, and knows how they fared."""

    def __init__(self) -> None:
        self.kept: list[str] = []
        self.error: BaseException | None = None
        self.times_lost = 0
        self.transactions = 0
        self._unwritten: list[str] = []
        self._writing: list[str] = []

    def add(self, text: str) -> None:
        self._unwritten.append(text)

    def write(self, connection: Connection) -> None:
        if self.error is not None:
            raise self.error
        self.transactions += 1
        self._writing = list(self._unwritten)
        for note in self._writing:
            insert(note)(connection)

    def written(self) -> None:
        self.kept += self._writing
        del self._unwritten[: len(self._writing)]  # others may be added at this moment
        self._writing = []

    def lost(self) -> None:
        self.times_lost += 1
        self._writing = []


class Reports:
    """What a history reports, and a way to wait for it."""

    def __init__(self) -> None:
        self.all: list[tuple[ProblemKind, Problem | None]] = []
        self.present: dict[ProblemKind, Problem] = {}
        self._changed = asyncio.Event()

    def __call__(self, kind: ProblemKind, problem: Problem | None) -> None:
        self.all.append((kind, problem))
        if problem is None:
            self.present.pop(kind, None)
        else:
            self.present[kind] = problem
        self._changed.set()

    async def of(self, kind: ProblemKind) -> Problem:
        """The problem of a kind, as soon as there is one."""
        await self._until(lambda: kind in self.present)
        return self.present[kind]

    async def no(self, kind: ProblemKind) -> None:
        """Return as soon as there is no problem of a kind."""
        await self._until(lambda: kind not in self.present)

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self._changed.clear()
            await asyncio.wait_for(self._changed.wait(), 10)


class Store:
    """A writer, what it has to write, and what it reports."""

    def __init__(self, path: Path, *, pauses: Pauses = HASTE) -> None:
        self.path = path
        self.disk = Disk()
        self.notes = Notes()
        self.reports = Reports()
        self.writer = Writer(path, self.notes, connect=self.disk.connect, pauses=pauses)

    async def keep(self, name: str) -> None:
        """Write a row, and wait for its commit. Raises StoreUnavailable."""
        await self.writer.do(insert(name))

    async def names(self) -> list[str]:
        """The rows as they are in the file now."""
        return await self.writer.do(names)


@asynccontextmanager
async def open_store(path: Path, *, pauses: Pauses = HASTE) -> AsyncIterator[Store]:
    """A store that was opened, and is closed at the end."""
    store = Store(path, pauses=pauses)
    await store.writer.open(store.reports)
    try:
        yield store
    finally:
        await store.writer.close()


def insert(name: str) -> Callable[[Connection], None]:
    """Work that keeps a row; a second one of the name is refused."""

    def work(connection: Connection) -> None:
        connection.execute("INSERT INTO state VALUES('test', ?, '', 0)", (name,))

    return work


def names(connection: Connection) -> list[str]:
    """The rows' names, in their order."""
    return [name for (name,) in connection.execute("SELECT name FROM state ORDER BY name")]
