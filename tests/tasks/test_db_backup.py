"""`db:backup` on real databases: in use, locked, damaged, none."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from support.events import Events
from support.examples import Examples
from taskengine import RunState
from taskengine.events import RunEnded, RunStarted


def rows_of(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        [count] = connection.execute("SELECT count(*) FROM item").fetchone()
    return int(count)


def make_database(path: Path, *, rows: int = 5_000) -> Path:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE item (id INTEGER PRIMARY KEY, text TEXT)")
        texts = ((f"item {number} " * 10,) for number in range(rows))
        connection.executemany("INSERT INTO item (text) VALUES (?)", texts)
    return path


@pytest.fixture
def database(examples: Examples) -> Path:
    return make_database(examples.scratch / "app.db")


@pytest.fixture
def in_use(database: Path) -> Iterator[sqlite3.Connection]:
    """A connection that has committed to the write-ahead log, and is writing on."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        with connection:
            connection.execute("INSERT INTO item (text) VALUES ('committed')")
        connection.execute("INSERT INTO item (text) VALUES ('not committed')")
        yield connection


async def test_a_database_in_use_is_copied_as_it_was_last_committed(
    examples: Examples, database: Path, in_use: sqlite3.Connection
) -> None:
    events = Events(examples.engine)

    result = await examples.run("db:backup", database=str(database))
    ended = await events.next(RunEnded)

    copy = Path(result["backup"])
    assert rows_of(copy) == 5_001
    assert (copy.parent, copy.suffix) == (examples.scratch / "backups", ".db")
    assert result["bytes"] == copy.stat().st_size
    assert ended.run.progress is not None
    assert ended.run.progress.done == ended.run.progress.total
    assert [path for path in copy.parent.iterdir() if path.suffix == ".db"] == [copy]


async def test_only_the_newest_copies_of_this_database_are_kept(
    examples: Examples, database: Path
) -> None:
    folder = examples.scratch / "copies"
    folder.mkdir()
    old = [folder / f"app-2020010{day}T000000Z.db" for day in range(1, 5)]
    others = [folder / "app-users-20200101T000000Z.db", folder / "app-notes.db"]
    for path in (*old, *others):
        path.touch()

    result = await examples.run("db:backup", database=str(database), folder=str(folder), keep=2)

    assert result["removed"] == [path.name for path in old[:3]]
    assert set(folder.iterdir()) == {Path(result["backup"]), old[3], *others}


async def test_a_copy_can_be_read_by_nobody_who_could_not_read_the_database(
    examples: Examples, database: Path
) -> None:
    database.chmod(0o600)

    result = await examples.run("db:backup", database=str(database))

    assert Path(result["backup"]).stat().st_mode & 0o777 == 0o600


async def test_without_a_database_it_shows_itself_on_one_of_its_own(examples: Examples) -> None:
    result = await examples.run("db:backup")

    assert result["bytes"] > 1_000_000
    assert not Path(result["backup"]).exists()
    assert any('{"database": "' in line for line in examples.output())


async def test_a_path_without_a_database_fails_and_makes_nothing(examples: Examples) -> None:
    with pytest.raises(FileNotFoundError, match=f"there is no database {examples.root}/no.db"):
        await examples.run("db:backup", database="no.db")

    assert not (examples.root / "no.db").exists()
    assert not (examples.root / "backups").exists()


async def test_what_is_no_database_leaves_no_copy(examples: Examples) -> None:
    file = examples.scratch / "app.db"
    file.write_text("this is no database " * 1_000)

    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        await examples.run("db:backup", database=str(file))

    assert list((examples.scratch / "backups").iterdir()) == []


async def test_a_damaged_database_leaves_no_copy_and_the_old_ones_stay(
    examples: Examples, database: Path
) -> None:
    old = Path((await examples.run("db:backup", database=str(database)))["backup"])
    kept = old.rename(old.with_name("app-20200101T000000Z.db"))
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("INSERT INTO item (text) VALUES (NULL)")
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute("UPDATE sqlite_master SET sql = replace(sql, 'TEXT', 'TEXT NOT NULL')")

    with pytest.raises(sqlite3.DatabaseError, match=r"app\.db is damaged: NULL value in item"):
        await examples.run("db:backup", database=str(database), keep=1)

    assert list(kept.parent.iterdir()) == [kept]


async def test_a_backup_that_waits_for_a_lock_can_be_cancelled(
    examples: Examples, database: Path
) -> None:
    events = Events(examples.engine)
    with closing(sqlite3.connect(database, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        run = await examples.engine.start_run("db:backup", {"database": str(database)})
        await events.next(RunStarted)

        await examples.engine.cancel_run(run.id)

        assert (await events.next(RunEnded)).run.state is RunState.CANCELLED
    assert list((examples.scratch / "backups").iterdir()) == []
