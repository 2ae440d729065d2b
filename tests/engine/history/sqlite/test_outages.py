"""Writing where the file can't be written for a while."""

import asyncio
import os
import sqlite3
from collections.abc import Awaitable
from pathlib import Path

import pytest

from support.faults import (
    Fault,
    files_of_at_most,
    locked_by_other_process,
    resize,
    set_read_only,
    small_disk,
    sqlite_error,
)
from support.stores import Store, insert, open_store
from taskengine.history.sqlite.writer import StoreUnavailable
from taskengine.problem import ProblemKind

HISTORY = ProblemKind.HISTORY
FAULTS = [
    pytest.param(lambda: sqlite_error(sqlite3.SQLITE_FULL), "the disk is full", id="full"),
    pytest.param(lambda: sqlite_error(sqlite3.SQLITE_IOERR_WRITE), "reports an error", id="io"),
    pytest.param(lambda: sqlite_error(sqlite3.SQLITE_IOERR_FSYNC), "reports an error", id="sync"),
    pytest.param(lambda: sqlite_error(sqlite3.SQLITE_READONLY), "read-only", id="read-only"),
    pytest.param(lambda: sqlite_error(sqlite3.SQLITE_BUSY), "has locked the file", id="locked"),
    pytest.param(lambda: sqlite_error(sqlite3.SQLITE_CANTOPEN), "can't be opened", id="no file"),
    pytest.param(lambda: sqlite_error(sqlite3.SQLITE_INTERRUPT), "unexpected", id="interrupted"),
    pytest.param(MemoryError, "unexpected", id="memory"),
    pytest.param(lambda: ZeroDivisionError("zero"), "unexpected", id="unforeseen"),
]


def path_in(folder: Path) -> Path:
    return folder / ".taskconsole" / "history.db"


@pytest.mark.parametrize("rolls_back", [False, True], ids=["stays", "rolls back"])
@pytest.mark.parametrize("statement", ["BEGIN", "COMMIT"])
@pytest.mark.parametrize(("fault", "words"), FAULTS)
async def test_whatever_stops_a_commit_it_is_told_and_made_up_for(
    tmp_path: Path, fault: Fault, words: str, statement: str, rolls_back: bool
) -> None:
    async with open_store(path_in(tmp_path)) as store:
        await store.keep("before")
        store.disk.fail(statement, fault, rolls_back=rolls_back)
        store.notes.add("note")
        with pytest.raises(StoreUnavailable, match=words):
            await store.keep("during")

        problem = await store.reports.of(HISTORY)
        assert words in problem.message
        assert problem.path == store.path
        assert "Runs go on" in problem.hint
        assert not store.writer.is_available
        with pytest.raises(StoreUnavailable, match=words):
            await store.keep("during, too")

        store.disk.mend()
        await store.reports.no(HISTORY)
        assert store.writer.is_available
        assert store.notes.kept == ["note"]
        assert store.notes.times_lost > 0
        assert await store.names() == ["before", "note"]


@pytest.mark.parametrize(("fault", "words"), FAULTS[:-1])
async def test_whatever_stops_one_piece_of_work_stops_its_whole_transaction(
    tmp_path: Path, fault: Fault, words: str
) -> None:
    async with open_store(path_in(tmp_path)) as store:
        store.disk.fail("INSERT", fault, rolls_back=True)
        outcomes = await asyncio.gather(store.keep("a"), store.names(), return_exceptions=True)

        assert [type(outcome) for outcome in outcomes] == [StoreUnavailable] * 2
        store.disk.mend()
        await store.reports.no(HISTORY)
        assert await store.names() == []


@pytest.mark.parametrize(("fault", "words"), FAULTS)
async def test_whatever_stops_the_opening_it_is_told_and_made_up_for(
    tmp_path: Path, fault: Fault, words: str
) -> None:
    store = Store(path_in(tmp_path))
    store.disk.fail("PRAGMA journal_mode", fault)
    await store.writer.open(store.reports)
    problem = await store.reports.of(HISTORY)
    assert words in problem.message
    with pytest.raises(StoreUnavailable, match=words):
        await store.keep("a")

    store.disk.mend()
    await store.reports.no(HISTORY)
    assert await store.names() == []
    await store.writer.close()


async def test_trouble_that_stays_is_told_once(tmp_path: Path) -> None:
    tries = asyncio.Event()
    loop = asyncio.get_running_loop()
    times = 0

    def count(statement: str) -> None:
        nonlocal times
        times += statement.startswith("COMMIT")
        if times == 4:
            loop.call_soon_threadsafe(tries.set)

    async with open_store(path_in(tmp_path)) as store:
        store.disk.watch(count)
        store.disk.fail("COMMIT", lambda: sqlite_error(sqlite3.SQLITE_FULL))
        with pytest.raises(StoreUnavailable):
            await store.keep("a")
        await asyncio.wait_for(tries.wait(), 60)
        store.disk.mend()
        await store.reports.no(HISTORY)

        assert [kind for kind, _ in store.reports.all] == [HISTORY, HISTORY]


async def test_what_is_posted_meanwhile_is_done_afterwards(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        store.disk.fail("COMMIT", lambda: sqlite_error(sqlite3.SQLITE_FULL))
        store.writer.post(insert("a"))
        await store.reports.of(HISTORY)
        store.writer.post(insert("b"))
        store.disk.mend()
        await store.reports.no(HISTORY)

        assert await store.names() == ["a", "b"]


async def test_whatever_writing_from_memory_raises_the_thread_lives_on(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        store.notes.error = SystemExit("oops")
        with pytest.raises(StoreUnavailable, match="oops"):
            await store.keep("a")
        problem = await store.reports.of(HISTORY)
        assert "SystemExit" in problem.traceback

        store.notes.error = None
        await store.reports.no(HISTORY)
        await store.keep("b")
        assert await store.names() == ["b"]


async def test_a_chore_that_fails_is_told_until_it_no_longer_does(tmp_path: Path) -> None:
    fails = True

    def chore(connection: object) -> bool:
        if fails:
            raise KeyError("oops")
        return False

    async with open_store(path_in(tmp_path)) as store:
        store.writer.add_chore(chore)
        problem = await store.reports.of(HISTORY)
        assert "Housekeeping" in problem.message
        assert "KeyError: 'oops'" in problem.message

        fails = False
        await store.keep("a")
        await store.reports.no(HISTORY)


async def test_a_chore_can_meet_a_full_disk(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:

        def chore(connection: sqlite3.Connection) -> bool:
            insert("chore")(connection)
            return False

        store.disk.fail("INSERT", lambda: sqlite_error(sqlite3.SQLITE_FULL))
        store.writer.add_chore(chore)
        problem = await store.reports.of(HISTORY)
        assert "the disk is full" in problem.message

        store.disk.mend()
        await store.reports.no(HISTORY)


async def test_trouble_at_the_end_leaves_nothing_hanging(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        store.disk.fail("COMMIT", lambda: sqlite_error(sqlite3.SQLITE_FULL))
        store.notes.add("lost")
        store.writer.wake(0)
        await store.reports.of(HISTORY)

    assert store.notes.kept == []


async def test_trouble_that_is_over_at_the_end_leaves_nothing_unwritten(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        store.disk.fail("COMMIT", lambda: sqlite_error(sqlite3.SQLITE_FULL))
        store.notes.add("late")
        store.writer.wake(0)
        await store.reports.of(HISTORY)
        store.disk.mend()

    assert store.notes.kept == ["late"]


async def test_a_file_that_may_not_grow_is_full(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        await store.writer.do(lambda connection: connection.execute("PRAGMA max_page_count = 1"))
        with pytest.raises(StoreUnavailable, match="full"):
            await store.keep("a" * 100_000)

        await store.reports.no(HISTORY)  # the bound was the connection's own
        await store.keep("b")


async def test_a_disk_that_refuses_to_write(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        await store.keep("before")
        with (
            files_of_at_most(200_000),
            pytest.raises(StoreUnavailable, match="the disk reports an error"),
        ):
            await store.keep("a" * 300_000)
        await store.reports.no(HISTORY)
        assert HISTORY in [kind for kind, problem in store.reports.all if problem]

        assert await store.names() == ["before"]


async def test_a_disk_that_is_full_at_first(tmp_path: Path) -> None:
    with small_disk(100_000) as disk:
        (disk / "ballast").write_bytes(bytes(98_304))
        path = path_in(disk)
        async with open_store(path) as store:
            problem = await store.reports.of(HISTORY)
            assert "the disk is full" in problem.message
            store.notes.add("note")
            with pytest.raises(StoreUnavailable):
                await store.keep("a")

            (disk / "ballast").unlink()
            resize(disk, 4_000_000)
            await store.reports.no(HISTORY)
            assert await store.names() == ["note"]


async def test_a_disk_that_fills_up(tmp_path: Path) -> None:
    with small_disk(2_000_000) as disk:
        async with open_store(path_in(disk)) as store:
            names = [f"{n:03}" + "x" * 50_000 for n in range(100)]
            outcomes = [await _outcome(store.keep(name)) for name in names]
            kept = [name for name, error in zip(names, outcomes, strict=True) if error is None]
            problem = await store.reports.of(HISTORY)
            assert "the disk is full" in problem.message
            assert 10 < len(kept) < 40
            store.notes.add("note")

            resize(disk, 20_000_000)
            # What was under way when there came room may still fail.
            while await _outcome(store.keep("zz")):
                await store.reports.no(HISTORY)
            assert await store.names() == [*kept, "note", "zz"]
            check = await store.writer.do(
                lambda connection: connection.execute("PRAGMA integrity_check").fetchone()
            )
            assert check == ("ok",)


async def test_a_disk_that_is_read_only_at_first(tmp_path: Path) -> None:
    with small_disk(4_000_000) as disk:
        async with open_store(path_in(disk)) as store:
            await store.keep("before")
        set_read_only(disk, read_only=True)
        async with open_store(path_in(disk)) as store:
            problem = await store.reports.of(HISTORY)
            assert "read-only" in problem.message
            store.notes.add("note")

            set_read_only(disk, read_only=False)
            await store.reports.no(HISTORY)
            assert await store.names() == ["before", "note"]


async def test_a_file_locked_by_another_process(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        await store.keep("before")
        with locked_by_other_process(store.path):
            with pytest.raises(StoreUnavailable, match="another process has locked the file"):
                await store.keep("during")
            await store.reports.of(HISTORY)
            store.notes.add("note")
        await store.reports.no(HISTORY)

        assert await store.names() == ["before", "note"]


async def test_a_file_locked_by_another_process_at_first(tmp_path: Path) -> None:
    path = path_in(tmp_path)
    async with open_store(path):
        pass
    with locked_by_other_process(path):
        store = Store(path)
        await store.writer.open(store.reports)
        problem = await store.reports.of(HISTORY)
        assert "another process has locked the file" in problem.message
    await store.reports.no(HISTORY)
    await store.keep("a")
    await store.writer.close()


async def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    path = path_in(tmp_path)
    path.parent.write_text("")
    async with open_store(path) as store:
        problem = await store.reports.of(HISTORY)
        assert "can't be opened" in problem.message

        path.parent.unlink()
        await store.reports.no(HISTORY)
        await store.keep("a")


async def test_a_folder_where_the_file_should_be(tmp_path: Path) -> None:
    path = path_in(tmp_path)
    path.mkdir(parents=True)
    async with open_store(path) as store:
        problem = await store.reports.of(HISTORY)
        assert "can't be opened" in problem.message

        path.rmdir()
        await store.reports.no(HISTORY)
        await store.keep("a")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("name", [".taskconsole", ".taskconsole/history.db"])
async def test_what_its_user_may_not_write_to(tmp_path: Path, name: str) -> None:
    path, refused = path_in(tmp_path), tmp_path / name
    async with open_store(path) as store:
        await store.keep("before")
    refused.chmod(0o500)
    async with open_store(path) as store:
        problem = await store.reports.of(HISTORY)
        assert "read-only" in problem.message

        refused.chmod(0o700)
        await store.reports.no(HISTORY)
        assert await store.names() == ["before"]


async def _outcome(keeping: Awaitable[None]) -> Exception | None:
    try:
        await keeping
    except StoreUnavailable as error:
        return error
    return None
