"""Runs that are exported and imported are the same runs."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.any_runs import runs
from support.kept_runs import assert_sound, clear, keep, lines
from support.past_runs import NOW, history_file, past_run
from support.thorough import examples
from taskengine.history.sqlite import chunks, rows, task_stats
from taskengine.history.transfer.exporting import Exported, Selection, export_runs
from taskengine.history.transfer.importing import Imported, Importer
from taskengine.output import OutputKind, OutputLine
from taskengine.run import Run, RunState


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Connection]:
    with history_file(tmp_path / "source.db") as connection:
        yield connection


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Connection]:
    with history_file(tmp_path / "target.db") as connection:
        yield connection


def exported(connection: Connection, **selection: Any) -> tuple[bytes, Exported]:
    file = io.BytesIO()
    done = export_runs(connection, file, Selection(**selection))
    return file.getvalue(), done


def imported(connection: Connection, data: bytes) -> Imported:
    importer = Importer(connection, engine=1)
    importer.take_in(io.BytesIO(data))
    return importer.imported


def run_of(connection: Connection, number: int) -> Run:
    run = rows.load_run(connection, number)
    assert run is not None
    return run


def all_runs(connection: Connection) -> list[Run]:
    return rows.load_runs(connection, "ORDER BY id")


def output_of(connection: Connection, number: int) -> tuple[tuple[int, ...], list[str]]:
    """The extent of a run's output, and all lines that are kept."""
    query = "SELECT lines, gap_start, gap_end FROM runs WHERE id = ?"
    extent: tuple[int, ...] = connection.execute(query, (number,)).fetchone()
    found: list[str] = []
    for key in chunks.keys(connection, number, 0, extent[0]):
        text = chunks.text_at(connection, key)
        assert text is not None
        found += text.split("\n")
    return extent, found


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\x1f"), max_size=8)
LINE = st.builds(
    OutputLine,
    time=st.integers(0, 10**13 - 1),
    kind=st.sampled_from(OutputKind),
    logger=TEXTS,
    text=TEXTS,
).map(OutputLine.encode)
OUTPUT = st.tuples(st.lists(LINE, max_size=12), st.integers(0, 12), st.integers(0, 12))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Connection, Connection]]:
    folder = tmp_path_factory.mktemp("transfer")
    with (
        history_file(folder / "source.db") as source,
        history_file(folder / "target.db") as target,
    ):
        yield source, target


@examples(25)
@given(made=st.lists(st.tuples(runs(), OUTPUT), max_size=4))
def test_everything_of_every_run_comes_back(
    both: tuple[Connection, Connection], made: list[tuple[Run, Any]]
) -> None:
    source, target = both
    clear(source)
    clear(target)
    for number, (run, (output, start, stop)) in enumerate(made, start=1):
        gap = range(min(start, len(output)), min(stop, len(output)))
        keep(source, replace(run, id=number), output, gap=gap)
    data, _ = exported(source)

    done = imported(target, data)

    assert (done.runs, done.known, done.renumbered) == (len(made), 0, {})
    assert all_runs(target) == all_runs(source)
    for number in range(1, len(made) + 1):
        assert output_of(target, number) == output_of(source, number)
    assert exported(target)[0] == data
    assert task_stats.load(target).keys() == task_stats.load(source).keys()
    assert_sound(target)


def test_a_long_output_comes_back_compressed(source: Connection, target: Connection) -> None:
    keep(source, past_run(1), lines(*(f"line {n}" for n in range(5_000))))

    done = imported(target, exported(source)[0])

    assert done.lines == 5_000
    assert output_of(target, 1) == output_of(source, 1)
    packed = "SELECT packed, size FROM runs"
    [(is_packed, size)] = target.execute(packed).fetchall()
    assert is_packed
    assert size < source.execute(packed).fetchone()[1] / 3
    assert_sound(target)


def test_a_file_that_is_imported_again_changes_nothing(
    source: Connection, target: Connection
) -> None:
    for number in (1, 2):
        keep(source, past_run(number), lines("a", "b"))
    data, _ = exported(source)
    imported(target, data)
    before = exported(target)[0]

    again = imported(target, data)

    assert (again.runs, again.known) == (0, 2)
    assert exported(target)[0] == before
    assert_sound(target)


def test_a_number_that_is_another_runs_gives_way_to_a_new_one(
    source: Connection, target: Connection
) -> None:
    keep(source, past_run(1), lines("of the source"))
    keep(source, past_run(2))
    keep(target, past_run(1, task="other"), lines("of the target"))
    data, _ = exported(source)

    done = imported(target, data)

    assert (done.runs, done.renumbered) == (2, {1: 3})
    assert run_of(target, 3) == replace(run_of(source, 1), id=3)
    assert output_of(target, 3)[1] == output_of(source, 1)[1]
    assert run_of(target, 1).task == "other"
    again = imported(target, data)
    assert (again.runs, again.known, again.renumbered) == (0, 2, {})
    assert_sound(target)


def test_new_numbers_are_none_that_a_later_run_of_the_file_has(
    source: Connection, target: Connection
) -> None:
    for number in (1, 2, 3):
        keep(source, past_run(number))
    keep(target, past_run(1, task="other"))

    done = imported(target, exported(source)[0])

    assert done.renumbered == {1: 4}


def test_who_started_whom_is_told_by_the_new_numbers(
    source: Connection, target: Connection
) -> None:
    keep(source, past_run(1, task="parent", children=(2, 3), child_count=2))
    keep(source, past_run(2, parent_id=1))
    keep(source, past_run(3, parent_id=1))
    keep(source, past_run(4, rerun_of=3))
    for number in (1, 3):
        keep(target, past_run(number, task="other"))

    done = imported(target, exported(source)[0])

    assert done.renumbered == {1: 5, 3: 6}
    assert run_of(target, 5).children == (2, 6)
    assert (run_of(target, 2).parent_id, run_of(target, 6).parent_id) == (5, 5)
    assert run_of(target, 4).rerun_of == 6
    again = imported(target, exported(source)[0])
    assert (again.runs, again.known) == (0, 4)


def test_what_was_imported_counts_and_is_found(source: Connection, target: Connection) -> None:
    keep(target, past_run(1, ended_at=NOW + timedelta(hours=1)))
    keep(source, past_run(8, payload={"city": "Málaga"}, state=RunState.FAILED))

    imported(target, exported(source)[0])

    stats = task_stats.load(target)["job"]
    assert stats.tally.statistics().counts == {RunState.DONE: 1, RunState.FAILED: 1}
    assert (stats.tally.last, stats.tally.outcomes) == (1, (RunState.FAILED, RunState.DONE))
    found = target.execute("SELECT rowid FROM run_text WHERE run_text MATCH '\"málaga\"'")
    assert found.fetchall() == [(8,)]


def test_a_number_that_was_imported_is_not_given_again(
    source: Connection, target: Connection
) -> None:
    keep(source, past_run(40))

    imported(target, exported(source)[0])

    assert target.execute("SELECT seq FROM sqlite_sequence").fetchall() == [(40,)]


def test_only_runs_that_are_over_are_exported(source: Connection) -> None:
    keep(source, past_run(1, state=RunState.RUNNING, ended_at=None), is_open=True)
    keep(source, past_run(2))

    data, done = exported(source)

    assert (done.runs, done.going_on) == (1, 1)
    assert b'"id":1' not in data


@pytest.mark.parametrize(
    ("selection", "numbers"),
    [
        ({}, [1, 2, 3, 4]),
        ({"tasks": ["a"]}, [1, 3]),
        ({"tasks": ["a", "b"]}, [1, 2, 3]),
        ({"since": NOW + timedelta(seconds=2)}, [2, 3, 4]),
        ({"until": NOW + timedelta(seconds=2)}, [1]),
        ({"tasks": ["a"], "since": NOW + timedelta(seconds=2)}, [3]),
    ],
)
def test_runs_can_be_chosen(
    source: Connection, target: Connection, selection: dict[str, Any], numbers: list[int]
) -> None:
    for number, task in enumerate("abac", start=1):
        keep(source, past_run(number, task=task))

    imported(target, exported(source, **selection)[0])

    assert [run.id for run in all_runs(target)] == numbers


def test_more_runs_than_one_page_holds_are_exported(source: Connection) -> None:
    for number in range(1, 1_002):
        rows.save_run(source, past_run(number), rows.Standing(engine=1))

    _, done = exported(source)

    assert done.runs == 1_001
