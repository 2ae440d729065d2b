"""By which number an engine goes in a file."""

from contextlib import closing
from pathlib import Path

from taskengine.clock import SystemClock
from taskengine.history.sqlite.contents import Contents
from taskengine.history.sqlite.database import Database


def test_engines_of_one_process_are_told_apart_in_a_file_that_is_begun_anew(
    tmp_path: Path,
) -> None:
    one, two = Contents(SystemClock()), Contents(SystemClock())
    with closing(Database(tmp_path / "first.db", 1.0)) as first:
        one.write(first.connection)
        two.write(first.connection)
        assert (one.engine, two.engine) == (1, 2)

    with closing(Database(tmp_path / "second.db", 1.0)) as second:
        two.write(second.connection)
        one.write(second.connection)
        assert (one.engine, two.engine) == (2, 1)


def test_a_number_that_was_rolled_back_may_have_become_another_engines(tmp_path: Path) -> None:
    one, two = Contents(SystemClock()), Contents(SystemClock())
    with closing(Database(tmp_path / "history.db", 1.0)) as database:
        database.connection.execute("BEGIN")
        one.write(database.connection)
        database.connection.execute("ROLLBACK")
        one.lost()
        two.write(database.connection)
        one.write(database.connection)
        assert (two.engine, one.engine) == (1, 2)
