"""Numbers that were never given before, whatever engines came and went."""

import asyncio
import contextlib
import itertools
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from sqlite3 import Connection

from taskengine.history.sqlite.files import look
from taskengine.history.sqlite.reader import Reader
from taskengine.history.sqlite.sql import marks
from taskengine.history.sqlite.writer import StoreUnavailable, Writer

RUNS = ("runs",)
FIRES = ("missed_fires", "delayed_runs")
BLOCK = 16
BURST = 256
LONGEST_WAIT = 2.0  # seconds for which the engine's loop waits for numbers, if it must
LANES = 64
_PER_SECOND = 1_000


class Numbers:
    """Numbers for the rows of `tables`, whose keys are AUTOINCREMENT, none of them twice.

    The only engine on a file counts on from what that says. Engines that share it reserve one block
    of numbers after the other in it. In need, while nothing can be reserved or the file that is at
    `path` can't even be read, numbers are made of the time, so high that none was given before.
    """

    def __init__(
        self, tables: Sequence[str], writer: Writer, reader: Reader, path: Path, *, exclusive: bool
    ) -> None:
        self._tables = tables
        self._writer = writer
        self._reader = reader
        self._path = path
        self._exclusive = exclusive
        self._lane = 0
        self._reserved: deque[int] = deque()
        self._reserving: asyncio.Task[None] | None = None
        self._counted: Iterator[int] | None = None
        self._in_need: Iterator[int] | None = None

    async def open(self, engine: int) -> None:
        """Learn where the numbers begin, for the engine of that number. Called once, on its loop,
        when the writer is open.
        """
        self._lane = engine % LANES
        if not self._exclusive:
            await self._reserve()
            return
        last = await self._last()
        self._counted = self._of_need() if last is None else itertools.count(last + 1)

    def next(self) -> int:
        """A number that was not given before. Called on the engine's loop."""
        if self._counted is not None:
            return next(self._counted)
        if not self._reserved:
            self._reserved.extend(self._reserve_at_once())
        if len(self._reserved) <= BLOCK // 2 and self._reserving is None:
            self._reserving = asyncio.get_running_loop().create_task(self._reserve())
        return self._reserved.popleft() if self._reserved else self._needed()

    async def close(self) -> None:
        """Leave the numbers that are left to whoever comes next, unless others have reserved theirs
        meanwhile. Called once, after the last `next`.
        """
        if self._reserving:
            await asyncio.wait({self._reserving})
        left, self._reserved = tuple(self._reserved), deque()
        if left:
            with contextlib.suppress(StoreUnavailable):
                await self._writer.do(partial(give_back, tables=self._tables, numbers=left))

    async def _last(self) -> int | None:
        """The highest number that was ever given; None if there is no telling."""
        last = partial(last_number, tables=self._tables)
        try:
            return await self._writer.do(last)
        except StoreUnavailable:
            default = None if look(self._path)[1] else 0
            return await self._reader.ask(last, default)

    async def _reserve(self) -> None:
        try:
            self._reserved.extend(await self._writer.do(partial(reserve, tables=self._tables)))
        except StoreUnavailable:
            return  # it is tried again with the next number
        finally:
            self._reserving = None

    def _reserve_at_once(self) -> Sequence[int]:
        """Many numbers for a burst of runs that came faster than blocks could be reserved."""
        if not self._writer.is_available:
            return ()
        reserved: Future[range] = Future()

        def work() -> None:
            try:
                many = partial(reserve, tables=self._tables, count=BURST)
                reserved.set_result(asyncio.run(self._writer.do(many)))
            except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
                reserved.set_exception(error)

        threading.Thread(target=work, name="taskengine numbers", daemon=True).start()
        try:
            return reserved.result(LONGEST_WAIT)
        except (StoreUnavailable, TimeoutError):
            return ()

    def _needed(self) -> int:
        if self._in_need is None:
            self._in_need = self._of_need()
        return next(self._in_need)

    def _of_need(self) -> Iterator[int]:
        """Every engine in need has its own lane, and a second has room for many numbers of it."""
        return itertools.count(int(time.time()) * _PER_SECOND * LANES + self._lane, LANES)


def last_number(connection: Connection, tables: Sequence[str]) -> int:
    """The highest number that a row of these tables ever had, or that was reserved for one."""
    found = connection.execute(
        f"SELECT max(seq) FROM sqlite_sequence WHERE name IN ({marks(tables)})",  # noqa: S608
        tables,
    )
    return found.fetchone()[0] or 0


def reserve(connection: Connection, tables: Sequence[str], count: int = BLOCK) -> range:
    """Take the next numbers of these tables, so that nobody else takes them."""
    last = last_number(connection, tables)
    _set_last(connection, tables, last + count)
    return range(last + 1, last + 1 + count)


def give_back(connection: Connection, tables: Sequence[str], numbers: Sequence[int]) -> None:
    """Let numbers, reserved and never given, be taken again, as far as they are the last ones."""
    last = last_number(connection, tables)
    before = last
    for number in reversed(numbers):
        if number != before:
            break
        before -= 1
    if before < last:
        _set_last(connection, tables, before)


def _set_last(connection: Connection, tables: Sequence[str], last: int) -> None:
    connection.execute(f"DELETE FROM sqlite_sequence WHERE name IN ({marks(tables)})", tables)  # noqa: S608
    connection.executemany(
        "INSERT INTO sqlite_sequence(name, seq) VALUES(?, ?)", [(table, last) for table in tables]
    )
