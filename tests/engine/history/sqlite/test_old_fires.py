"""Claims of fires, and missed ones, that are too long ago to matter."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from sqlite3 import Connection

import pytest

from support.kept_runs import keep
from support.past_runs import NOW, history_file, past_run
from taskengine.history.sqlite.instants import from_micros, to_micros
from taskengine.history.sqlite.old_fires import OldFires
from taskengine.history.sqlite.transaction import transaction

DAY = timedelta(days=1)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    with history_file(tmp_path / "history.db") as connection:
        yield connection


def claim(connection: Connection, schedule: str, at: datetime, run: int | None = None) -> None:
    connection.execute(
        "INSERT INTO fires VALUES(?, ?, 'job', 1, 0, ?)", (schedule, to_micros(at), run)
    )


def look(connection: Connection, schedule: str, at: datetime) -> None:
    connection.execute("INSERT INTO looks VALUES(?, ?)", (schedule, to_micros(at)))


def miss(connection: Connection, last: datetime, *, pending: bool) -> None:
    connection.execute(
        "INSERT INTO missed_fires(task, cron, timezone, payload, first_at, last_at, count, pending)"
        " VALUES('job', '@daily', 'UTC', '{}', 0, ?, 1, ?)",
        (to_micros(last), pending),
    )


def claims(connection: Connection) -> list[tuple[str, int]]:
    """What is left: schedules, and how many days ago."""
    rows = connection.execute("SELECT schedule, at FROM fires ORDER BY schedule, at").fetchall()
    return [(schedule, (NOW - from_micros(at)).days) for schedule, at in rows]


def forget_all(old_fires: OldFires, connection: Connection, now: datetime = NOW) -> int:
    pieces = 0
    while True:
        with transaction(connection):
            if not old_fires.forget(connection, now):
                return pieces
        pieces += 1
        assert pieces < 1_000


def test_claims_go_with_their_age_unless_their_run_is_there(connection: Connection) -> None:
    keep(connection, past_run(7))
    look(connection, "a", NOW)
    for days, run in ((100, 7), (95, 3), (91, None), (89, 3), (1, None)):
        claim(connection, "a", NOW - days * DAY, run)

    forget_all(OldFires(), connection)

    assert claims(connection) == [("a", 100), ("a", 89), ("a", 1)]


def test_what_a_schedule_has_not_looked_at_yet_stays_claimed(connection: Connection) -> None:
    look(connection, "a", NOW - 200 * DAY)
    for days in (201, 200, 199):
        claim(connection, "a", NOW - days * DAY)

    forget_all(OldFires(), connection)

    assert claims(connection) == [("a", 200), ("a", 199)]


def test_claims_of_a_schedule_that_is_gone_go_with_their_age(connection: Connection) -> None:
    for schedule in ("a", "b", "c"):
        claim(connection, schedule, NOW - 100 * DAY)
        claim(connection, schedule, NOW - 80 * DAY)

    forget_all(OldFires(), connection)

    assert claims(connection) == [("a", 80), ("b", 80), ("c", 80)]


def test_many_claims_are_looked_through_in_small_pieces(connection: Connection) -> None:
    keep(connection, past_run(1))
    for number in range(1_300):
        claim(connection, "a", NOW - 100 * DAY - timedelta(seconds=number), number % 2 or None)

    pieces = forget_all(OldFires(), connection)

    assert pieces >= 3
    assert len(claims(connection)) == 650


def test_it_is_done_once_a_day(connection: Connection) -> None:
    old_fires = OldFires()
    forget_all(old_fires, connection)
    claim(connection, "a", NOW - 100 * DAY)

    assert forget_all(old_fires, connection, NOW + timedelta(hours=23)) == 0
    assert claims(connection) == [("a", 100)]
    forget_all(old_fires, connection, NOW + DAY)
    assert claims(connection) == []


def test_a_clock_that_was_set_back_does_not_put_it_off_for_long(connection: Connection) -> None:
    old_fires = OldFires()
    forget_all(old_fires, connection, NOW + 1_000 * DAY)
    claim(connection, "a", NOW - 100 * DAY)

    forget_all(old_fires, connection, NOW)

    assert claims(connection) == []


def test_missed_fires_stay_as_long_as_they_are_pending(connection: Connection) -> None:
    miss(connection, NOW - 100 * DAY, pending=True)
    miss(connection, NOW - 100 * DAY, pending=False)
    miss(connection, NOW - 80 * DAY, pending=False)

    forget_all(OldFires(), connection)

    left = connection.execute("SELECT id FROM missed_fires ORDER BY id").fetchall()
    assert left == [(1,), (3,)]
