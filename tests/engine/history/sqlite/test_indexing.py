"""Words of runs get into the index, at once or in a quiet moment."""

from collections.abc import Iterator
from pathlib import Path
from sqlite3 import Connection

import pytest

from support.past_runs import history_file, past_run
from taskengine.history.sqlite import text_index
from taskengine.history.sqlite.indexing import MANY, MOST_RUNS, index_ended, index_some
from taskengine.history.sqlite.pages import page_of
from taskengine.history.sqlite.rows import Standing, save_run
from taskengine.history.words import text_of
from taskengine.records import RunQuery


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    with history_file(tmp_path / "history.db") as connection:
        yield connection


def end(connection: Connection, count: int, *, at_once: int) -> None:
    """Let runs end, so many in a transaction."""
    runs = [past_run(number, payload={"word": "order"}) for number in range(1, count + 1)]
    for run in runs:
        save_run(connection, run, Standing(engine=1))
    for first in range(0, count, at_once):
        index_ended(connection, runs[first : first + at_once])


def noted(connection: Connection) -> int:
    (count,) = connection.execute("SELECT count(*) FROM unindexed").fetchone()
    return int(count)


def indexed(connection: Connection) -> int:
    sql = "SELECT count(*) FROM run_text WHERE run_text MATCH 'order'"
    (count,) = connection.execute(sql).fetchone()
    return int(count)


def found(connection: Connection) -> int:
    return len(page_of(connection, RunQuery(text="ord"), None, 1_000, 60.0).runs)


def test_runs_that_end_one_by_one_are_indexed_later_and_found_at_once(
    connection: Connection,
) -> None:
    end(connection, MOST_RUNS + 1, at_once=1)
    assert (noted(connection), indexed(connection)) == (MOST_RUNS + 1, 0)
    assert found(connection) == MOST_RUNS + 1

    assert index_some(connection)
    assert (noted(connection), indexed(connection)) == (1, MOST_RUNS)
    assert not index_some(connection)
    assert (noted(connection), indexed(connection)) == (0, MOST_RUNS + 1)
    assert found(connection) == MOST_RUNS + 1
    assert not index_some(connection)


def test_runs_that_end_together_are_indexed_together(connection: Connection) -> None:
    end(connection, MANY, at_once=MANY)

    assert (noted(connection), indexed(connection)) == (0, MANY)


def test_a_run_that_is_removed_before_it_was_indexed_leaves_nothing(
    connection: Connection,
) -> None:
    end(connection, 2, at_once=1)

    text_index.remove(connection, 1, text_of(past_run(1, payload={"word": "order"})))
    connection.execute("DELETE FROM runs WHERE id = 1")

    assert not index_some(connection)
    assert (noted(connection), indexed(connection), found(connection)) == (0, 1, 1)


def test_a_run_that_is_gone_does_not_hold_up_the_others(connection: Connection) -> None:
    end(connection, 2, at_once=1)
    connection.execute("DELETE FROM runs WHERE id = 1")

    assert not index_some(connection)
    assert (noted(connection), indexed(connection)) == (0, 1)
