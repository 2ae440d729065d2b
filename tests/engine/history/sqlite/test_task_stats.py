"""Counters of tasks in the file."""

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from sqlite3 import Connection

import pytest

from support.past_runs import history_file, past_run
from taskengine.history.sqlite import task_stats
from taskengine.history.sqlite.database import Database
from taskengine.history.sqlite.transaction import transaction
from taskengine.history.tally import OUTCOMES_KEPT, TaskTally
from taskengine.run import RunState


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    with history_file(tmp_path / "history.db") as connection:
        yield connection


def test_what_is_loaded_is_what_was_counted(connection: Connection) -> None:
    runs = [
        past_run(number, task=task, state=state)
        for number, (task, state) in enumerate(
            [("a", RunState.DONE), ("b", RunState.FAILED), ("a", RunState.TIMEOUT)] * 2
        )
    ]
    task_stats.count_ended(connection, [(run, 100) for run in runs[:4]])
    task_stats.count_ended(connection, [(run, 10) for run in runs[4:]])

    expected = TaskTally()
    for run in runs:
        if run.task == "a":
            expected.add(run)
    rows = task_stats.load(connection)
    assert rows.keys() == {"a", "b"}
    row = rows["a"]
    assert row.tally.statistics() == expected.statistics()
    assert row.tally.outcomes == expected.outcomes
    assert row.tally.last == expected.last == 5
    assert (row.kept_runs, row.kept_size) == (4, 310)


def test_nothing_to_count_leaves_everything_as_it_is(connection: Connection) -> None:
    task_stats.count_ended(connection, [])

    assert task_stats.load(connection) == {}


def test_runs_that_go_are_kept_no_more_and_still_counted(connection: Connection) -> None:
    task_stats.count_ended(connection, [(past_run(number, task="a"), 10) for number in range(3)])

    task_stats.adjust_kept(connection, "a", -2, -15)

    row = task_stats.load(connection)["a"]
    assert (row.kept_runs, row.kept_size) == (1, 15)
    assert row.tally.statistics().total == 3


def test_no_less_than_nothing_is_kept(connection: Connection) -> None:
    task_stats.count_ended(connection, [(past_run(1, task="a"), 10)])

    task_stats.adjust_kept(connection, "a", -2, -20)
    task_stats.adjust_kept(connection, "unknown", -1, -1)

    row = task_stats.load(connection)["a"]
    assert (row.kept_runs, row.kept_size) == (0, 0)


def test_two_engines_count_into_one_row(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    rounds = 40

    def count(first: int) -> None:
        with closing(Database(path, busy=30.0)) as database:
            for number in range(first, first + rounds):
                with transaction(database.connection):
                    task_stats.count_ended(database.connection, [(past_run(number, task="a"), 1)])

    with history_file(path) as connection:
        threads = [threading.Thread(target=count, args=(first,)) for first in (1, 1_001)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        row = task_stats.load(connection)["a"]

    assert row.tally.statistics().total == row.kept_runs == row.kept_size == 2 * rounds
    assert len(row.tally.outcomes) == OUTCOMES_KEPT
