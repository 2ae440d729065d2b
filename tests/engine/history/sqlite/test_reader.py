"""Reading what is committed, whatever becomes of the file."""

import asyncio
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection

import pytest

from support.faults import (
    Disk,
    damage,
    locked_by_other_process,
    set_read_only,
    small_disk,
    sqlite_error,
)
from support.stores import Store, insert, names, open_store
from taskengine.history.sqlite.reader import Reader
from taskengine.problem import ProblemKind

UNREADABLE = ["unreadable"]


class Reading:
    """A reader, and what it has told of."""

    def __init__(self, path: Path, store: Store | None = None, longest: float = 10) -> None:
        self.disk = Disk()
        self.errors: list[Exception] = []
        self.reader = Reader(
            path,
            lambda: store.writer.generation if store else 0,
            self._note,
            connect=self.disk.connect,
            longest=longest,
        )
        self._suspect = store.writer.suspect if store else self.errors.append

    def _note(self, error: Exception) -> None:
        self.errors.append(error)
        self._suspect(error)

    def names(self) -> list[str]:
        return self.reader.read(names, UNREADABLE)


@contextmanager
def reading(path: Path, store: Store | None = None, longest: float = 10) -> Iterator[Reading]:
    one = Reading(path, store, longest)
    try:
        yield one
    finally:
        one.reader.close()


def path_in(folder: Path) -> Path:
    return folder / ".taskconsole" / "history.db"


async def test_what_is_committed_is_read(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        with reading(store.path, store) as one:
            await store.keep("a")
            assert one.names() == ["a"]
            await store.keep("b")
            assert one.names() == ["a", "b"]
            assert await one.reader.ask(names, UNREADABLE) == ["a", "b"]
            assert one.errors == []


async def test_nothing_can_be_written(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        with reading(store.path, store) as one, pytest.raises(sqlite3.OperationalError):
            one.reader.read(insert("a"), None)

        assert await store.names() == []


@pytest.mark.parametrize("content", [None, b""], ids=["no file", "an empty file"])
async def test_where_nothing_can_be_read_yet_there_is_the_default(
    tmp_path: Path, content: bytes | None
) -> None:
    path = path_in(tmp_path)
    path.parent.mkdir()
    if content is not None:
        path.write_bytes(content)
    with reading(path) as one:
        assert one.names() == UNREADABLE
        assert await one.reader.ask(names, UNREADABLE) == UNREADABLE
        assert one.errors == []

        async with open_store(path) as store:
            await store.keep("a")
            assert one.names() == ["a"]


async def test_each_query_sees_one_state(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        loop = asyncio.get_running_loop()
        begun, go = asyncio.Event(), threading.Event()

        def twice(connection: Connection) -> tuple[list[str], list[str]]:
            first = names(connection)
            loop.call_soon_threadsafe(begun.set)
            assert go.wait(60)
            return first, names(connection)

        with reading(store.path, store) as one:
            nothing: tuple[list[str], list[str]] = ([], [])
            asking = asyncio.create_task(one.reader.ask(twice, nothing))
            await begun.wait()
            await store.keep("a")
            go.set()

            assert await asking == ([], [])
            assert one.names() == ["a"]


async def test_several_questions_are_answered_at_once(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        together = threading.Barrier(3, timeout=60)

        def meet(connection: Connection) -> int:
            together.wait()
            return len(names(connection))

        with reading(store.path, store) as one:
            meeting = [asyncio.create_task(one.reader.ask(meet, -1)) for _ in range(2)]
            assert await asyncio.to_thread(one.reader.read, meet, -1) == 0
            assert await asyncio.gather(*meeting) == [0, 0]


async def test_mistakes_in_a_query_are_raised(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        with reading(store.path, store) as one:
            with pytest.raises(sqlite3.OperationalError, match="no such table"):
                one.reader.read(lambda c: c.execute("SELECT * FROM nonsense"), None)
            with pytest.raises(ZeroDivisionError):
                await one.reader.ask(lambda c: 1 // 0, 0)

            assert one.names() == []
            assert one.errors == []


@pytest.mark.parametrize(
    "code",
    [sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN],
)
async def test_errors_of_the_file_give_the_default_and_pass(tmp_path: Path, code: int) -> None:
    async with open_store(path_in(tmp_path)) as store:
        await store.keep("a")
        with reading(store.path, store) as one:
            one.disk.fail("SELECT", lambda: sqlite_error(code))
            assert one.names() == UNREADABLE
            assert await one.reader.ask(names, UNREADABLE) == UNREADABLE
            assert [type(error) for error in one.errors] == [sqlite3.OperationalError] * 2

            one.disk.mend()
            assert one.names() == ["a"]


async def test_damage_is_told_and_the_new_file_is_read(tmp_path: Path) -> None:
    path = path_in(tmp_path)
    async with open_store(path) as store:
        for n in range(20):
            await store.keep(f"{n:02}" + "x" * 2_000)
    async with open_store(path) as store:
        with reading(path, store) as one:
            damage(path)
            assert one.names() == UNREADABLE
            await store.reports.of(ProblemKind.DAMAGED_HISTORY)
            await store.keep("new")

            assert one.names() == ["new"]
            assert len(one.errors) == 1


async def test_a_new_file_is_read_in_place_of_a_deleted_one(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        with reading(store.path, store) as one:
            await store.keep("old")
            assert one.names() == ["old"]
            shutil.rmtree(store.path.parent)
            await store.keep("new")

            assert one.names() == ["new"]
            assert await one.reader.ask(names, UNREADABLE) == ["new"]


async def test_files_of_others_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    sqlite3.connect(path).execute("CREATE TABLE state(name)").connection.close()
    with reading(path) as one:
        assert one.names() == UNREADABLE
        assert one.errors == []


async def test_another_process_that_writes_is_no_hindrance(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        await store.keep("a")
        with reading(store.path, store) as one, locked_by_other_process(store.path):
            assert one.names() == ["a"]


async def test_a_file_in_a_read_only_folder_is_read(tmp_path: Path) -> None:
    with small_disk(4_000_000) as disk:
        path = path_in(disk)
        async with open_store(path) as store:
            await store.keep("a")
        set_read_only(disk, read_only=True)
        with reading(path) as one:
            assert one.names() == ["a"]
            assert await one.reader.ask(names, UNREADABLE) == ["a"]
            assert one.errors == []

            set_read_only(disk, read_only=False)
            async with open_store(path) as store:
                await store.keep("b")
                assert one.names() == ["a", "b"]


async def test_a_query_without_end_is_ended(tmp_path: Path) -> None:
    endless = (
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers)"
        " SELECT max(n) FROM numbers"
    )
    async with open_store(path_in(tmp_path)) as store:
        with reading(store.path, store, longest=0.01) as one:
            assert await one.reader.ask(lambda c: c.execute(endless).fetchone(), None) is None
            assert "interrupted" in str(one.errors)
            assert one.names() == []


async def test_a_closed_reader_still_answers(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        await store.keep("a")
        with reading(store.path, store) as one:
            assert one.names() == ["a"]
        assert one.names() == ["a"]
        assert await one.reader.ask(names, UNREADABLE) == ["a"]


async def test_what_was_asked_before_it_was_closed_is_answered(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        loop = asyncio.get_running_loop()
        begun, go = asyncio.Event(), threading.Event()

        def wait(connection: Connection) -> list[str]:
            loop.call_soon_threadsafe(begun.set)
            assert go.wait(60)
            return names(connection)

        with reading(store.path, store) as one:
            asking = [asyncio.create_task(one.reader.ask(wait, UNREADABLE)) for _ in range(9)]
            await begun.wait()
        go.set()
        answers = await asyncio.gather(*asking)

        assert answers == [[]] * 9
