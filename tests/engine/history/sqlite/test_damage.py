"""Files that are damaged, deleted, replaced, or not for this version."""

import re
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest

from support.faults import damage, set_read_only, small_disk, sqlite_error
from support.stores import Store, names, open_store
from taskengine.errors import HistoryTooNew
from taskengine.history.sqlite.schema import SCHEMA_VERSION
from taskengine.history.sqlite.writer import StoreUnavailable
from taskengine.problem import ProblemKind

HISTORY = ProblemKind.HISTORY
DAMAGED = ProblemKind.DAMAGED_HISTORY


def path_in(folder: Path) -> Path:
    return folder / ".taskconsole" / "history.db"


def files_beside(path: Path) -> list[str]:
    return sorted(file.name for file in path.parent.iterdir())


async def filled(path: Path) -> bytes:
    """A file with some rows, that nobody has open."""
    async with open_store(path) as store:
        for n in range(20):
            await store.keep(f"{n:02}" + "x" * 2_000)
    return path.read_bytes()


@pytest.mark.parametrize("start", [0, 100, 4096], ids=["all", "but its head", "but its first page"])
async def test_a_file_found_damaged_is_set_aside_and_begun_anew(tmp_path: Path, start: int) -> None:
    path = path_in(tmp_path)
    await filled(path)
    damage(path, start)
    damaged = path.read_bytes()
    async with open_store(path) as store:
        try:
            await store.names()
        except StoreUnavailable:
            pytest.fail("there was a new file to read")
        await store.keep("new")
        problem = await store.reports.of(DAMAGED)

        assert await store.names() == ["new"]
        assert HISTORY not in store.reports.present
        assert problem.path is not None
        assert re.fullmatch(r"history\.db\.damaged-\d{8}-\d{6}", problem.path.name)
        assert problem.path.read_bytes() == damaged
        assert problem.path.name in problem.hint


async def test_a_file_cut_short_is_set_aside(tmp_path: Path) -> None:
    path = path_in(tmp_path)
    whole = await filled(path)
    path.write_bytes(whole[: len(whole) // 2])
    async with open_store(path) as store:
        await store.reports.of(DAMAGED)
        await store.keep("new")


async def test_two_files_damaged_in_one_second_are_both_kept(tmp_path: Path) -> None:
    path = path_in(tmp_path)
    path.parent.mkdir()
    for _ in range(2):
        path.write_text("no database at all")
        async with open_store(path) as store:
            await store.reports.of(DAMAGED)

    assert len([name for name in files_beside(path) if "damaged" in name]) == 2


async def test_damage_met_while_writing_is_no_callers_affair(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        await store.keep("old")
        generation = store.writer.generation
        times = 0

        def fail(connection: sqlite3.Connection) -> str:
            nonlocal times
            times += 1
            if times == 1:
                raise sqlite_error(sqlite3.SQLITE_CORRUPT, "database disk image is malformed")
            return "done"

        store.notes.add("note")
        assert await store.writer.do(fail) == "done"
        problem = await store.reports.of(DAMAGED)

        assert await store.names() == ["note"]
        assert store.writer.generation == generation + 1
        assert HISTORY not in [kind for kind, _ in store.reports.all]
        assert problem.path is not None
        with closing(sqlite3.connect(problem.path)) as connection:
            assert names(connection) == ["old"]


async def test_damage_that_happens_while_running_is_noticed(tmp_path: Path) -> None:
    path = path_in(tmp_path)
    await filled(path)
    async with open_store(path) as store:
        damage(path)
        await store.names()

        await store.reports.of(DAMAGED)
        await store.keep("new")
        assert await store.names() == ["new"]


async def test_damage_that_a_reader_meets_is_the_writers_affair(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        await store.keep("old")
        store.writer.suspect(sqlite_error(sqlite3.SQLITE_CORRUPT, "malformed"))
        store.writer.suspect(sqlite_error(sqlite3.SQLITE_CORRUPT, "malformed"))
        await store.reports.of(DAMAGED)

        assert await store.names() == []
        assert len([name for name in files_beside(store.path) if "damaged" in name]) == 1


async def test_other_errors_of_readers_do_no_harm(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        await store.keep("old")
        store.writer.suspect(sqlite_error(sqlite3.SQLITE_BUSY))
        store.writer.suspect(KeyError("oops"))

        assert await store.names() == ["old"]
        assert store.reports.all == []


async def test_a_disk_that_damages_every_file_is_not_filled_with_them(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        store.disk.fail("COMMIT", lambda: sqlite_error(sqlite3.SQLITE_CORRUPT, "malformed"))
        with pytest.raises(StoreUnavailable, match="malformed"):
            await store.keep("a")
        problem = await store.reports.of(HISTORY)
        assert "Move" in problem.hint
        store.notes.add("note")
        await store.disk.until(lambda tried: tried.count("COMMIT") > 20)
        assert len([name for name in files_beside(store.path) if "damaged" in name]) == 5

        store.disk.mend()
        await store.reports.no(HISTORY)
        assert store.notes.kept == ["note"]


async def test_a_damaged_file_that_cannot_be_set_aside_stays_where_it_is(tmp_path: Path) -> None:
    with small_disk(4_000_000) as disk:
        path = path_in(disk)
        path.parent.mkdir()
        path.write_text("no database at all")
        set_read_only(disk, read_only=True)
        async with open_store(path) as store:
            await store.reports.of(HISTORY)
            assert path.read_text() == "no database at all"

            set_read_only(disk, read_only=False)
            await store.reports.no(HISTORY)
            assert store.reports.present.keys() == {DAMAGED}


async def test_a_deleted_folder_is_made_again(tmp_path: Path) -> None:
    async with open_store(path_in(tmp_path)) as store:
        await store.keep("old")
        store.notes.add("note")
        shutil.rmtree(store.path.parent)
        await store.keep("new")

        problem = await store.reports.of(DAMAGED)
        assert "deleted" in problem.message
        assert await store.names() == ["new", "note"]
        assert store.path.parent.stat().st_mode & 0o777 == 0o700
        assert store.notes.kept == ["note"]
    with closing(sqlite3.connect(store.path)) as connection:
        assert names(connection) == ["new", "note"]


async def test_a_deleted_project_is_not_made_again(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    async with open_store(path_in(root)) as store:
        shutil.rmtree(root)
        with pytest.raises(StoreUnavailable, match="can't be opened"):
            await store.keep("a")
        assert not root.exists()

        root.mkdir()
        await store.reports.no(HISTORY)
        await store.keep("a")


@pytest.mark.parametrize("deleted", ["history.db", "history.db-wal"])
async def test_a_deleted_file_is_made_again(tmp_path: Path, deleted: str) -> None:
    path = path_in(tmp_path)
    async with open_store(path) as store:
        await store.keep("old")
        (path.parent / deleted).unlink()
        await store.keep("new")

    with closing(sqlite3.connect(path)) as connection:
        assert "new" in names(connection)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_a_deleted_log_loses_nothing(tmp_path: Path) -> None:
    path = path_in(tmp_path)
    async with open_store(path) as store:
        await store.keep("old")
        (path.parent / "history.db-wal").unlink()
        await store.keep("new")

        assert await store.names() == ["new", "old"]


async def test_a_replaced_file_is_opened(tmp_path: Path) -> None:
    other, path = path_in(tmp_path), tmp_path / "history.db"
    async with open_store(other) as store:
        await store.keep("other")
    async with open_store(path) as store:
        await store.keep("old")
        generation = store.writer.generation
        other.rename(path)
        await store.keep("new")

        assert store.writer.generation > generation
        assert await store.names() == ["new", "other"]


async def test_a_file_of_a_newer_version_is_left_as_it_is(tmp_path: Path) -> None:
    path = path_in(tmp_path)
    await filled(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    before = path.read_bytes()
    store = Store(path)
    with pytest.raises(HistoryTooNew, match="newer taskconsole") as caught:
        await store.writer.open(store.reports)

    assert caught.value.version == SCHEMA_VERSION + 1
    assert path.read_bytes() == before
    with pytest.raises(StoreUnavailable):
        await store.keep("a")
    await store.writer.close()
    assert path.read_bytes() == before
    assert store.reports.all == []


async def test_a_file_that_becomes_newer_meanwhile_is_left_as_it_is(tmp_path: Path) -> None:
    newer, path = path_in(tmp_path), tmp_path / "history.db"
    await filled(newer)
    with closing(sqlite3.connect(newer)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    before = newer.read_bytes()
    async with open_store(path) as store:
        newer.rename(path)
        with pytest.raises(StoreUnavailable, match="newer taskconsole"):
            await store.keep("a")
        await store.reports.of(HISTORY)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "statement", [f"PRAGMA user_version = {SCHEMA_VERSION + 1}", "PRAGMA application_id = 1"]
)
async def test_a_file_with_a_log_that_is_not_ours_to_read_is_left_as_it_is(
    tmp_path: Path, statement: str
) -> None:
    path = path_in(tmp_path)
    await filled(path)
    left = tmp_path / "left"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        shutil.copytree(path.parent, left, ignore=shutil.ignore_patterns("*-shm"))
    before = {name: (left / name).read_bytes() for name in ("history.db", "history.db-wal")}
    assert before["history.db-wal"]
    store = Store(left / "history.db")
    with suppress(HistoryTooNew):
        await store.writer.open(store.reports)
    await store.writer.close()

    assert {name: (left / name).read_bytes() for name in before} == before


@pytest.mark.parametrize("journal", ["delete", "wal"])
async def test_a_file_of_another_program_is_left_as_it_is(tmp_path: Path, journal: str) -> None:
    path = tmp_path / "history.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA journal_mode = {journal}")
        connection.execute("CREATE TABLE theirs(a)")
        connection.commit()
    before = path.read_bytes()
    async with open_store(path) as store:
        problem = await store.reports.of(HISTORY)
        assert "another program" in problem.message
        assert str(path) in problem.hint

    assert path.read_bytes() == before
    assert DAMAGED not in store.reports.present


async def test_what_a_process_left_that_died_while_it_made_the_file(tmp_path: Path) -> None:
    path = path_in(tmp_path)
    path.parent.mkdir()
    path.touch()
    async with open_store(path) as store:
        await store.keep("a")
        assert store.reports.all == []


async def test_a_sqlite_that_is_too_old_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "sqlite_version_info", (3, 36, 0))
        patch.setattr(sqlite3, "sqlite_version", "3.36.0")
        store = Store(path_in(tmp_path))
        await store.writer.open(store.reports)
        problem = await store.reports.of(HISTORY)

        assert "3.36.0" in problem.message
        assert "SQLite is 3.37 or newer" in problem.hint
        assert not store.path.exists()
        await store.writer.close()


async def test_a_sqlite_without_its_text_search_is_told(tmp_path: Path) -> None:
    store = Store(path_in(tmp_path))
    store.disk.watch(lambda statement: statement.replace("'fts5'", "'no such module'"))
    await store.writer.open(store.reports)
    problem = await store.reports.of(HISTORY)

    assert "without FTS5" in problem.message
    assert "with FTS5" in problem.hint
    await store.writer.close()
