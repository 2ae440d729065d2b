"""A project's history on a real file, and runs to keep in it."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from support.faults import Disk
from support.stores import HASTE, Reports
from taskengine.history.leftovers import Leftovers
from taskengine.history.sqlite.project_history import ProjectHistory
from taskengine.output import Output, OutputBuffer, OutputKind, OutputLine
from taskengine.run import Run, RunState, Trigger

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Recording:
    """A history that is open. From time to time, `look` asks the file itself."""

    def __init__(self, root: Path, **options: Any) -> None:
        self.disk = Disk()
        self.reports = Reports()
        plain = {"connect": self.disk.connect, "pauses": HASTE}
        self.history = ProjectHistory(root, **{**plain, **options})
        self.leftovers = Leftovers()

    def new_run(self, **facts: Any) -> Run:
        """A run that was just accepted."""
        plain: dict[str, Any] = {"task": "job", "payload": {}, "trigger": Trigger.MANUAL}
        plain |= {"state": RunState.QUEUED, "queued_at": NOW}
        return Run(id=self.history.next_id(), **{**plain, **facts})

    async def begin(self, output: OutputBuffer | None = None, **facts: Any) -> Run:
        """A run whose code has begun."""
        run = self.new_run(**facts)
        await self.history.keep_queued(run, output or OutputBuffer(), begins=True)
        return run

    async def end(self, run: Run, **facts: Any) -> Run:
        """The run when it is over."""
        over = ended(run, **facts)
        await self.history.keep_ended(over)
        return over

    async def run(self, *texts: str, **facts: Any) -> Run:
        """A run that has written some lines and is over."""
        output = OutputBuffer()
        run = await self.begin(output, **facts)
        write(output, *texts)
        return await self.end(run)

    def look(self, query: str, *arguments: object) -> list[Any]:
        """What the file has, as any other program would see it; of one column, its values."""
        with closing(sqlite3.connect(self.history.path)) as connection:
            found = connection.execute(query, arguments).fetchall()
        return [row[0] if len(row) == 1 else row for row in found]

    def change(self, statement: str) -> None:
        """Change the file, as any other program could."""
        with closing(sqlite3.connect(self.history.path, isolation_level=None)) as connection:
            connection.execute(statement)

    def texts(self, run: Run, start: int = 0, stop: int = 10**9) -> list[str]:
        """The text of some lines of a run."""
        return texts_of(self.output(run).read(start, stop))

    def output(self, run: Run) -> Output:
        """What a run has written, which must be there."""
        output = self.history.output(run.id)
        assert output is not None
        return output

    async def until_stored(self, lines: int) -> None:
        """Return when the file has so many lines of the run that has written most."""
        await self.until(lambda: self.look("SELECT max(lines) FROM runs") == [lines])

    async def until(self, condition: Callable[[], bool]) -> None:
        """Return when something has come about that the writer does by itself."""
        async with asyncio.timeout(60):
            while not condition():  # noqa: ASYNC110 - the file is what is looked at
                await asyncio.sleep(0.001)


@asynccontextmanager
async def recording(root: Path, **options: Any) -> AsyncIterator[Recording]:
    """A history of a project, open, and closed at the end."""
    one = Recording(root, **options)
    one.leftovers = await one.history.open(one.reports)
    try:
        yield one
    finally:
        await one.history.close()


def ended(run: Run, **facts: Any) -> Run:
    """A run when it is over."""
    times = {"started_at": NOW, "ended_at": NOW + timedelta(seconds=1)}
    return replace(run, **{"state": RunState.DONE, **times, **facts})


def write(output: OutputBuffer, *texts: str) -> None:
    """Let a run write lines."""
    for text in texts:
        output.append(encoded(text))


def encoded(text: str) -> str:
    """A line as buffers hold it."""
    return OutputLine(1_700_000_000_000, OutputKind.STDOUT, "", text).encode()


def numbered(count: int, start: int = 0) -> list[str]:
    """Texts that say where they belong."""
    return [f"line {number}" for number in range(start, start + count)]


def texts_of(lines: Sequence[str]) -> list[str]:
    """The texts of encoded lines."""
    return [OutputLine.decode(line).text for line in lines]
