"""Runs as rows: what comes out is what went in."""

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, date
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from support.past_runs import history_file, past_run
from support.thorough import examples
from taskengine.history.sqlite.details import LONG_TEXT
from taskengine.history.sqlite.rows import Standing, load_run, load_runs, save_run
from taskengine.history.sqlite.stored_output import StoredOutput
from taskengine.run import Attempt, JoinedCaller, Progress, Run, RunError, RunState, Trigger

OURS = Standing(engine=1)
TEXT = some.text(max_size=20)
ANY_TEXT = some.text(some.characters(codec=None), max_size=20)  # with lone surrogates, too
INSTANT = some.datetimes(timezones=some.just(UTC))
NUMBER = some.integers(-(10**60), 10**60) | some.floats(allow_nan=False, allow_infinity=False)
VALUE = some.recursive(
    some.none() | some.booleans() | NUMBER | ANY_TEXT,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
ERROR = some.none() | some.builds(RunError, type=TEXT, message=TEXT, traceback=TEXT)
COUNT = some.integers(0, 2**40)
ATTEMPT = some.builds(
    Attempt,
    number=some.integers(1, 9),
    state=some.sampled_from(RunState),
    started_at=INSTANT,
    ended_at=INSTANT,
    error=ERROR,
)
JOINED = some.builds(
    JoinedCaller, at=INSTANT, trigger=some.sampled_from(Trigger), payload_used=some.booleans()
)
PROGRESS = some.builds(
    Progress, done=NUMBER.filter(lambda n: abs(n) < 1e300), message=TEXT, total=some.none()
)
_ORIGIN = {
    *("id", "task", "payload", "trigger", "queued_at", "scheduled_time", "key", "max_attempts"),
    *("parent_id", "rerun_of"),
}
RUN = some.builds(
    Run,
    id=some.just(0),
    task=TEXT,
    payload=some.dictionaries(TEXT, VALUE, max_size=3),
    trigger=some.sampled_from(Trigger),
    state=some.sampled_from(RunState),
    queued_at=INSTANT,
    started_at=some.none() | INSTANT,
    ended_at=some.none() | INSTANT,
    scheduled_time=some.none() | INSTANT,
    key=TEXT,
    attempt=some.integers(1, 9),
    max_attempts=some.integers(1, 9),
    attempts=some.lists(ATTEMPT, max_size=2).map(tuple),
    next_attempt_at=some.none() | INSTANT,
    stopping=some.booleans(),
    result=VALUE,
    error=ERROR,
    progress=some.none() | PROGRESS,
    joined=some.lists(JOINED, max_size=2).map(tuple),
    joined_count=COUNT,
    parent_id=some.none() | COUNT,
    children=some.lists(COUNT, max_size=2).map(tuple),
    child_count=COUNT,
    rerun_of=some.none() | COUNT,
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    with history_file(tmp_path_factory.mktemp("history") / "history.db") as connection:
        yield connection


@examples(25)
@given(run=RUN, later=RUN, run_id=some.integers(1, 2**62))
def test_a_run_comes_back_as_it_was_saved_last(
    run: Run, later: Run, run_id: int, file: Connection
) -> None:
    run = replace(run, id=run_id)
    file.execute("DELETE FROM runs")
    file.execute("DELETE FROM details")

    save_run(file, run, OURS)
    assert load_run(file, run_id) == run

    changed = _with_origin_of(run, later)
    save_run(file, changed, OURS)
    assert load_run(file, run_id) == changed


@pytest.mark.parametrize("text", ["x" * 10 * LONG_TEXT, "ü✓\n" * LONG_TEXT, "\ud800" * 3])
def test_long_and_odd_text_survives_and_takes_little_room(tmp_path: Path, text: str) -> None:
    run = past_run(1, payload={"text": text}, result=[text])
    with history_file(tmp_path / "history.db") as connection:
        saved = save_run(connection, run, OURS)

        assert load_run(connection, 1) == run
        assert saved.size < 500


def test_what_json_cannot_carry_is_described(tmp_path: Path) -> None:
    endless: dict[str, Any] = {}
    endless["self"] = endless
    odd = [past_run(1, payload={"when": date(2026, 1, 2)}), past_run(2, payload=endless)]
    with history_file(tmp_path / "history.db", odd) as connection:
        when, unreadable = load_runs(connection, "ORDER BY id")

    assert when.payload == {"when": "datetime.date(2026, 1, 2)"}
    assert unreadable.payload == {"unreadable": "dict"}


def test_an_error_with_text_that_no_encoding_can_carry_is_kept_escaped(tmp_path: Path) -> None:
    error = RunError(type="Odd\ud800", message="a\udfff", traceback="b\udfff")
    with history_file(tmp_path / "history.db", [past_run(1, error=error)]) as connection:
        run = load_run(connection, 1)

    assert run is not None
    assert run.error == RunError(type="Odd\\ud800", message="a\\udfff", traceback="b\\udfff")


def test_lists_find_in_the_row_what_they_show(tmp_path: Path) -> None:
    error = RunError(type="ValueError", message="first\nsecond")
    run = past_run(1, payload={"n": "x" * 300}, state=RunState.FAILED, error=error)
    output = StoredOutput(lines=30, gap_start=10, gap_end=20, size=4_000, chunks=3)
    with history_file(tmp_path / "history.db") as connection:
        saved = save_run(connection, run, Standing(engine=1, begun=True, open=True), output)
        row = connection.execute(
            "SELECT payload_start, error_line, lines, gap_start, gap_end, size, begun, open, packed"
            " FROM runs"
        ).fetchone()

    assert row[0] == ('{"n": "' + "x" * 300)[:200]
    assert row[1:] == ("ValueError: first", 30, 10, 20, saved.size, 1, 1, 0)
    assert saved.size > 4_300


def test_saving_says_how_much_room_it_takes(tmp_path: Path) -> None:
    run = past_run(1, payload={"text": "12345"})
    with history_file(tmp_path / "history.db") as connection:
        first = save_run(connection, run, OURS)
        again = save_run(connection, run, OURS, payload_size=first.payload_size)
        without_hint = save_run(connection, run, OURS)

    assert first.size == first.payload_size == len('{"text": "12345"}')
    assert first == again == without_hint


def test_a_run_that_is_not_kept_is_none(tmp_path: Path) -> None:
    with history_file(tmp_path / "history.db") as connection:
        assert load_run(connection, 1) is None


def _with_origin_of(run: Run, later: Run) -> Run:
    """A run as it may stand later: what it was begun with does not change."""
    names = [field.name for field in fields(Run)]
    return Run(**{name: getattr(run if name in _ORIGIN else later, name) for name in names})
