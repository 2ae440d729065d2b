"""Files of every released version, opened by this one."""

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import chain, count, repeat
from pathlib import Path

import pytest

from support.faults import Disk, sqlite_error
from support.stores import Store, open_store
from taskengine.history.sqlite.database import Database
from taskengine.history.sqlite.schema import MIGRATIONS, SCHEMA_VERSION
from taskengine.problem import ProblemKind

RELEASED = Path(__file__).parent / "released"
NEXT = (
    "ALTER TABLE state ADD COLUMN author TEXT;\n"
    "-- a comment; with a semicolon\n"
    "UPDATE state SET author = 'nobody';\n"
    "CREATE TABLE more(\n  id INTEGER PRIMARY KEY  -- one; of many\n) STRICT;\n"
)


def release(path: Path, version: int) -> None:
    """Make a file as a released version has made it."""
    path.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript((RELEASED / f"v{version}.sql").read_text())


def form(path: Path) -> list[tuple[str, str]]:
    """The tables and indexes of a file, without their comments and line breaks."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY name")
        return [(name, _plain(sql or "")) for name, sql in rows]


def _plain(sql: str) -> str:
    lines = (line.partition("--")[0] for line in sql.splitlines())
    return "".join("".join(lines).split())


def add_next_version(patch: pytest.MonkeyPatch) -> None:
    module = "taskengine.history.sqlite.migrate"
    patch.setattr(f"{module}.MIGRATIONS", (*MIGRATIONS, NEXT))
    patch.setattr(f"{module}.SCHEMA_VERSION", SCHEMA_VERSION + 1)


@pytest.fixture
def next_version(monkeypatch: pytest.MonkeyPatch) -> int:
    """Let there be a version after the present one."""
    add_next_version(monkeypatch)
    return SCHEMA_VERSION + 1


def path_in(folder: Path) -> Path:
    return folder / ".taskconsole" / "history.db"


def test_every_version_that_was_released_is_kept_here() -> None:
    assert {file.name for file in RELEASED.iterdir()} == {
        f"v{version}.sql" for version in range(1, SCHEMA_VERSION + 1)
    }


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION + 1))
async def test_a_released_version_becomes_this_one(tmp_path: Path, version: int) -> None:
    old, new = path_in(tmp_path / "old"), path_in(tmp_path / "new")
    for path in (old, new):
        path.parent.parent.mkdir()
    release(old, version)
    async with open_store(old) as store:
        rows = await store.writer.do(
            lambda connection: connection.execute("SELECT kind, name, text FROM state").fetchall()
        )
        assert rows == [("draft", "mail:send", '{"to": "ada"}')]
        assert store.reports.all == []
    async with open_store(new):
        pass

    assert form(old) == form(new)


def test_another_process_may_make_the_file_between_any_two_statements(tmp_path: Path) -> None:
    for moment in count():
        path = tmp_path / f"{moment}.db"
        path.touch()
        said = _open_while_another_makes_it(path, moment)
        if said[moment].startswith("BEGIN"):  # from there on others wait
            break
    assert moment > 5


def _open_while_another_makes_it(path: Path, moment: int) -> list[str]:
    said: list[str] = []
    disk = Disk()

    def make(statement: str) -> None:
        if len(said) == moment:
            Database(path, 5).close()
        said.append(statement)

    disk.watch(make)
    Database(path, 5, disk.connect).close()
    return said


def test_a_process_that_is_just_making_the_file_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        does = iter(["BEGIN IMMEDIATE", "SELECT 1", "ROLLBACK"])
        disk = Disk()
        disk.watch(lambda statement: _before_the_log(statement, other, does))
        Database(path, 5, disk.connect).close()

    assert list(does) == []


def test_a_process_that_goes_on_making_the_file_is_waited_for_only_so_long(
    tmp_path: Path,
) -> None:
    path = tmp_path / "history.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        does = chain(["BEGIN IMMEDIATE"], repeat("SELECT 1"))
        disk = Disk()
        disk.watch(lambda statement: _before_the_log(statement, other, does))
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            Database(path, 0.05, disk.connect)


def _before_the_log(statement: str, other: sqlite3.Connection, does: Iterator[str]) -> None:
    if statement.startswith("PRAGMA journal_mode"):
        other.execute(next(does))


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION + 1))
def test_the_steps_to_a_released_version_were_not_changed(tmp_path: Path, version: int) -> None:
    path = tmp_path / "steps.db"
    with closing(sqlite3.connect(path)) as connection:
        for step in MIGRATIONS[:version]:
            connection.executescript(step)
    release(tmp_path / "released.db", version)

    assert form(path) == form(tmp_path / "released.db")


async def test_an_older_file_becomes_the_next_version(tmp_path: Path, next_version: int) -> None:
    path = path_in(tmp_path)
    release(path, SCHEMA_VERSION)
    async with open_store(path) as store:
        assert await store.writer.do(
            lambda connection: connection.execute(
                "SELECT name, author, (SELECT count(*) FROM more) FROM state"
            ).fetchall()
        ) == [("mail:send", "nobody", 0)]
        version = await store.writer.do(
            lambda connection: connection.execute("PRAGMA user_version").fetchone()
        )
        assert version == (next_version,)


async def test_a_step_that_fails_leaves_the_file_as_it_was(
    tmp_path: Path, next_version: int
) -> None:
    path = path_in(tmp_path)
    release(path, SCHEMA_VERSION)
    before = form(path)
    store = Store(path)
    store.disk.fail("CREATE TABLE more", lambda: sqlite_error(sqlite3.SQLITE_FULL))
    await store.writer.open(store.reports)
    await store.reports.of(ProblemKind.HISTORY)
    assert form(path) == before

    store.disk.mend()
    await store.reports.no(ProblemKind.HISTORY)
    assert await store.names() == ["mail:send"]
    await store.writer.close()
    assert form(path) != before


async def test_a_process_that_dies_half_way_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = path_in(tmp_path)
    release(path, SCHEMA_VERSION)
    before = form(path)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, __file__, os.fspath(path), env=environment
    )

    assert await process.wait() == -signal.SIGKILL
    assert form(path) == before
    async with open_store(path) as store:
        assert await store.names() == ["mail:send"]
        assert store.reports.all == []


def _die_half_way(path: Path) -> None:
    """Begin to bring a file to the next version, and die before its last statement."""
    from support.faults import Disk
    from taskengine.history.sqlite.database import Database

    def die(statement: str) -> None:
        if "CREATE TABLE more" in statement:
            os.kill(os.getpid(), signal.SIGKILL)

    disk = Disk()
    disk.watch(die)
    with pytest.MonkeyPatch.context() as patch:
        add_next_version(patch)
        Database(path, 1.0, disk.connect)


if __name__ == "__main__":
    _die_half_way(Path(sys.argv[1]))
