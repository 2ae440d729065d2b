"""Writing where nothing is wrong with the file."""

import asyncio
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from sqlite3 import Connection

import pytest

from support.faults import read_by_other_process
from support.stores import HASTE, Store, insert, names, open_store
from taskengine.history.retention import Durability
from taskengine.history.sqlite.pauses import Pauses
from taskengine.history.sqlite.schema import SCHEMA_VERSION
from taskengine.history.sqlite.writer import StoreUnavailable, Writer


def path_in(folder: Path) -> Path:
    return folder / ".taskconsole" / "history.db"


def rows_in(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return names(connection)


def was_checkpointed(tried: Sequence[str]) -> bool:
    """Whether the log was brought into the file after the last commit."""
    latest = (one for one in reversed(tried) if one.startswith(("COMMIT", "PRAGMA wal_check")))
    return next(latest, "").startswith("PRAGMA")


class Hold:
    """Work that keeps the writer's thread busy until it is let go."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._go = threading.Event()

    def work(self, connection: Connection) -> None:
        self._loop.call_soon_threadsafe(self.begun.set)
        self._go.wait(60)

    def let_go(self) -> None:
        self._go.set()


async def test_what_was_done_is_in_the_file(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        await store.keep("a")

        assert rows_in(store.path) == ["a"]
        assert store.reports.all == []


async def test_the_answer_of_the_work_is_given(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        assert await store.writer.do(lambda connection: 42) == 42


async def test_only_the_user_may_look_into_the_folder_and_its_files(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        await store.keep("a")
        folder = store.path.parent

        assert folder.stat().st_mode & 0o777 == 0o700
        assert {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()} == {
            "history.db": 0o600,
            "history.db-wal": 0o600,
            "history.db-shm": 0o600,
        }


async def test_what_comes_in_together_is_committed_together(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        hold = Hold()
        holding = asyncio.create_task(store.writer.do(hold.work))
        await hold.begun.wait()
        before = store.notes.transactions
        keeping = [asyncio.create_task(store.keep(f"{n:03}")) for n in range(300)]
        await asyncio.sleep(0)
        hold.let_go()
        await asyncio.gather(holding, *keeping)

        assert store.notes.transactions == before + 1
        assert len(await store.names()) == 300


async def test_a_mistake_fails_its_own_caller_only(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        await store.keep("twice")
        hold = Hold()
        holding = asyncio.create_task(store.writer.do(hold.work))
        await hold.begun.wait()
        keeping = [asyncio.create_task(store.keep(name)) for name in ("a", "twice", "b")]
        await asyncio.sleep(0)
        hold.let_go()
        await holding
        outcomes = await asyncio.gather(*keeping, return_exceptions=True)

        assert outcomes[0] is None
        assert isinstance(outcomes[1], sqlite3.IntegrityError)
        assert outcomes[2] is None
        assert await store.names() == ["a", "b", "twice"]
        assert store.reports.all == []


async def test_what_failing_work_wrote_is_undone(tmp_path: Path) -> None:
    def work(connection: Connection) -> None:
        insert("undone")(connection)
        raise KeyError("oops")

    async with open_store(path_in(tmp_path)) as store:
        with pytest.raises(KeyError):
            await store.writer.do(work)

        assert await store.names() == []


async def test_even_work_that_raises_a_stop_iteration_is_answered(tmp_path: Path) -> None:
    nothing: Iterator[str] = iter(())
    async with open_store(path_in(tmp_path)) as store:
        with pytest.raises(RuntimeError, match="StopIteration"):
            await store.writer.do(lambda connection: next(nothing))


async def test_callers_of_several_loops_are_answered_on_their_own(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        await asyncio.gather(
            *(asyncio.to_thread(asyncio.run, store.keep(f"loop {n}")) for n in range(3))
        )

        assert await store.names() == ["loop 0", "loop 1", "loop 2"]


async def test_a_caller_whose_loop_was_closed_meanwhile_is_passed_over(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        hold = Hold()
        loop = asyncio.new_event_loop()
        abandoned = loop.create_task(store.writer.do(hold.work))

        def abandon() -> None:
            loop.run_until_complete(asyncio.sleep(0))
            loop.close()

        await asyncio.to_thread(abandon)
        await hold.begun.wait()
        hold.let_go()
        await store.keep("a")

        assert await store.names() == ["a"]
        assert not abandoned.done()
        abandoned._log_destroy_pending = False  # type: ignore[attr-defined]


async def test_what_is_posted_is_written_and_its_mistakes_are_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_store(path_in(tmp_path)) as store:
        store.writer.post(insert("a"))
        store.writer.post(insert("a"))

        assert await store.names() == ["a"]
        await store.keep("b")
        assert "UNIQUE constraint failed" in caplog.text


async def test_what_is_unwritten_is_written_within_the_time_asked_for(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        store.notes.add("a")
        store.writer.wake(60)
        store.writer.wake(0)
        await store.disk.until(lambda tried: any("INSERT" in one for one in tried))
        await store.keep("b")

        assert store.notes.kept == ["a"]
        assert rows_in(store.path) == ["a", "b"]


async def test_what_is_unwritten_is_written_before_all_else(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        store.notes.add("a")

        assert await store.names() == ["a"]
        assert store.notes.kept == ["a"]


async def test_a_mistake_of_others_does_not_lose_what_is_unwritten(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        store.notes.add("a")
        with pytest.raises(sqlite3.IntegrityError):
            await store.keep("a")

        assert store.notes.kept == ["a"]
        assert store.notes.times_lost == 1


async def test_at_the_end_all_is_written_and_in_one_file(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        store.notes.add("a")
        store.writer.post(insert("b"))

    assert rows_in(store.path) == ["a", "b"]
    assert [file.name for file in store.path.parent.iterdir()] == ["history.db"]


async def test_a_closed_writer_does_nothing_more(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        pass
    store.writer.post(insert("a"))
    store.writer.wake(0)
    await store.writer.close()

    assert not store.writer.is_available
    with pytest.raises(StoreUnavailable):
        await store.keep("b")
    assert rows_in(store.path) == []


async def test_a_writer_that_was_never_opened_can_be_closed(tmp_path: Path) -> None:
    await Writer(path_in(tmp_path), Store(tmp_path).notes).close()


async def test_a_later_writer_goes_on_with_the_file(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        await store.keep("a")
    async with open_store(path_in(tmp_path)) as store:
        await store.keep("b")

        assert await store.names() == ["a", "b"]


async def test_chores_go_on_until_nothing_is_left_and_again_after_a_write(tmp_path: Path) -> None:
    left = {"long": 3, "short": 1}
    done: list[str] = []

    async with open_store(path_in(tmp_path)) as store:
        idle = asyncio.Event()
        loop = asyncio.get_running_loop()

        def chore(name: str, connection: Connection) -> bool:
            insert(f"{name} {len(done)}")(connection)
            done.append(name)
            left[name] -= 1
            if not any(left.values()):
                loop.call_soon_threadsafe(idle.set)
            return left[name] > 0

        store.writer.add_chore(lambda connection: chore("long", connection))
        store.writer.add_chore(lambda connection: chore("short", connection))
        await asyncio.wait_for(idle.wait(), 60)
        assert sorted(done) == ["long", "long", "long", "short"]

        idle.clear()
        left.update(long=1, short=1)
        await store.keep("more")
        await asyncio.wait_for(idle.wait(), 60)
        assert sorted(done[4:]) == ["long", "short"]
        assert len(await store.names()) == 7


async def test_work_goes_before_chores(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        hold = Hold()
        chores: list[int] = []

        def chore(connection: Connection) -> bool:
            chores.append(len(names(connection)))
            hold.work(connection)
            return len(chores) < 2

        store.writer.add_chore(chore)
        await hold.begun.wait()
        keeping = asyncio.create_task(store.keep("a"))
        await asyncio.sleep(0)
        hold.let_go()
        await keeping
        await store.names()

        assert chores[0] == 0
        assert all(seen == 1 for seen in chores[1:])


@pytest.mark.parametrize(("durability", "level"), [("process", 1), ("power-loss", 2)])
async def test_commits_are_as_safe_as_asked_for(
    tmp_path: Path, durability: str, level: int
) -> None:
    async with open_store(path_in(tmp_path)) as store:
        store.writer.set_durability(Durability(durability))

        def pragma(name: str) -> int:
            value: int = store.disk.connections[-1].execute(f"PRAGMA {name}").fetchone()[0]
            return value

        assert await store.writer.do(lambda connection: pragma("synchronous")) == level
        assert await store.writer.do(lambda connection: pragma("fullfsync")) == level - 1
        assert await store.writer.do(lambda connection: pragma("checkpoint_fullfsync")) == level - 1


async def test_the_file_is_what_its_reader_expects(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        pragmas = ("journal_mode", "auto_vacuum", "application_id", "user_version")
        values = await store.writer.do(
            lambda connection: [
                connection.execute(f"PRAGMA {pragma}").fetchone()[0] for pragma in pragmas
            ]
        )

    assert values == ["wal", 2, 0x7461736B, SCHEMA_VERSION]


async def test_the_log_is_emptied_in_quiet_moments(tmp_path: Path) -> None:
    log = tmp_path / ".taskconsole" / "history.db-wal"
    async with open_store(path_in(tmp_path)) as store:
        await store.keep("a" * 100_000)
        await store.disk.until(was_checkpointed)

        assert log.stat().st_size == 0


async def test_a_reader_that_stays_does_not_stop_the_writer(tmp_path: Path) -> None:
    log = tmp_path / ".taskconsole" / "history.db-wal"
    async with open_store(path_in(tmp_path)) as store:
        await store.keep("a")
        with read_by_other_process(store.path):
            await store.keep("b" * 100_000)
            assert log.stat().st_size > 100_000
        await store.keep("c")
        await store.disk.until(was_checkpointed)

        assert log.stat().st_size == 0
        assert store.reports.all == []


async def test_a_long_log_makes_readers_wait_rather_than_grow_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taskengine.history.sqlite.upkeep.LONGEST_LOG", 50_000)
    log = tmp_path / ".taskconsole" / "history.db-wal"
    pauses = Pauses(busy=HASTE.busy, last_retry=0.0, quiet=60, longest_quiet=60, idle=60)
    async with open_store(path_in(tmp_path), pauses=pauses) as store:
        await store.keep("a" * 20_000)
        assert log.stat().st_size > 0
        await store.keep("b" * 50_000)
        await store.disk.until(was_checkpointed)

        assert log.stat().st_size == 0
