"""A file that is no export, or is broken somewhere."""

import io
import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import pytest

from support.kept_runs import assert_sound, keep, lines
from support.past_runs import history_file, past_run
from taskengine.history.transfer.exporting import Selection, export_nothing, export_runs
from taskengine.history.transfer.form import BrokenLine
from taskengine.history.transfer.importing import Importer


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Connection]:
    with history_file(tmp_path / "target.db") as connection:
        yield connection


@pytest.fixture
def whole(tmp_path: Path) -> list[bytes]:
    """The lines of a file with two runs, each with two lines of output."""
    file = io.BytesIO()
    with history_file(tmp_path / "source.db") as source:
        for number in (1, 2):
            keep(source, past_run(number), lines("a", "b"))
        export_runs(source, file, Selection())
    return file.getvalue().splitlines(keepends=True)


def refusal(target: Connection, *file: bytes) -> str:
    """What is said of the file."""
    with pytest.raises(BrokenLine) as broken:
        Importer(target, engine=1).take_in(io.BytesIO(b"".join(file)))
    assert not target.in_transaction
    return str(broken.value)


def kept(target: Connection) -> list[int]:
    return [one for (one,) in target.execute("SELECT id FROM runs ORDER BY id")]


def changed(line: bytes, **values: Any) -> bytes:
    return json.dumps({**json.loads(line), **values}).encode() + b"\n"


def test_what_came_before_a_broken_line_is_kept_and_importing_again_goes_on(
    target: Connection, whole: list[bytes]
) -> None:
    said = refusal(target, *whole[:4], b'{"type": "output", "run": 2\n')

    assert said.startswith("line 5: this is no JSON (")
    assert kept(target) == [1]
    assert_sound(target)
    importer = Importer(target, engine=1)
    importer.take_in(io.BytesIO(b"".join(whole)))
    assert (importer.imported.runs, importer.imported.known) == (1, 1)
    assert kept(target) == [1, 2]


@pytest.mark.parametrize(
    ("place", "values", "said"),
    [
        (1, {"state": "lost"}, "line 2: `state` "),
        (1, {"state": "running"}, "line 2: run #1 is running, not over"),
        (1, {"id": 0}, "line 2: `id` must be at least 1"),
        (1, {"queued_at": "2026-03-01T00:00:00"}, "line 2: `queued_at` "),
        (1, {"queued_at": "0001-01-01T00:00:00+14:00"}, "line 2: `queued_at` is beyond the years"),
        (1, {"ended_at": "9999-12-31T23:59:59-12:00"}, "line 2: `ended_at` is beyond the years"),
        (1, {"payload": [1]}, "line 2: `payload` must be an object, not a list"),
        (1, {"output": {"lines": 2, "gap_start": 2, "gap_end": 1}}, "line 2: `output` has a gap"),
        (1, {"task": "\ud800"}, "line 2: "),
        (2, {"lines": [[0, "loud", "", "a"]]}, "line 3: 'loud' is no kind of output"),
        (2, {"lines": [[0, "stdout", "", "a"]]}, "line 4: the output of run #1 is not complete"),
        (2, {"lines": [[0, "stdout", "", "a"]] * 3}, "line 3: run #1 has more lines than"),
        (2, {"first": 1}, "line 3: its line 0 was to come next"),
        (2, {"run": 7}, "line 3: this is output of run #7, which is not before it"),
        (2, {"type": "nothing"}, "line 3: "),
    ],
)
def test_a_line_that_is_wrong_is_named_and_its_run_is_not_kept(
    target: Connection, whole: list[bytes], place: int, values: dict[str, Any], said: str
) -> None:
    whole[place] = changed(whole[place], **values)

    assert refusal(target, *whole).startswith(said)
    assert kept(target) == []
    assert_sound(target)


def test_a_file_that_ends_too_early_is_not_complete(target: Connection, whole: list[bytes]) -> None:
    assert refusal(target, *whole[:4]) == (
        "line 4: the output of run #2 is not complete: its line 0 was to come next"
    )
    assert kept(target) == [1]


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (b"", "line 1: the file is empty"),
        (b"\xff\xfe\n", "line 1: this is no JSON ('utf-8' codec"),
        (b"[" * 100_000 + b"\n", "line 1: this is no JSON"),
        (b'{"type": "history", "version": 99, "last_run": 1}\n', "line 1: a newer taskconsole"),
        (
            b'{"type": "history", "version": 0, "last_run": 1}\n',
            "line 1: `version` must be at least",
        ),
        (b'{"runs": []}\n', "line 1: "),
    ],
    ids=["empty", "binary", "deep", "newer", "no version", "other"],
)
def test_another_file_is_refused(target: Connection, file: bytes, said: str) -> None:
    assert refusal(target, file).startswith(said)


def test_a_file_without_its_heading_is_refused(target: Connection, whole: list[bytes]) -> None:
    said = "line 1: this is no exported history: its heading is missing"
    assert refusal(target, *whole[1:]) == said


def test_blank_lines_and_files_one_after_the_other_do_no_harm(
    target: Connection, whole: list[bytes]
) -> None:
    importer = Importer(target, engine=1)

    importer.take_in(io.BytesIO(b"".join([*whole, b"\n", *whole, b" \n"])))

    assert (importer.imported.runs, importer.imported.known) == (2, 2)


def test_an_empty_history_is_a_heading_that_can_be_imported(target: Connection) -> None:
    file = io.BytesIO()
    export_nothing(file)
    importer = Importer(target, engine=1)

    importer.take_in(io.BytesIO(file.getvalue()))

    assert importer.imported.runs == 0


def test_a_run_is_known_again_whatever_zone_its_instants_are_told_in(
    target: Connection, whole: list[bytes]
) -> None:
    importer = Importer(target, engine=1)
    importer.take_in(io.BytesIO(b"".join(whole)))
    queued_at = datetime.fromisoformat(json.loads(whole[1])["queued_at"])
    whole[1] = changed(
        whole[1], queued_at=queued_at.astimezone(timezone(timedelta(hours=2))).isoformat()
    )

    importer.take_in(io.BytesIO(b"".join(whole)))

    assert (importer.imported.runs, importer.imported.known) == (2, 2)


def test_a_mark_at_the_beginning_of_a_file_does_no_harm(
    target: Connection, whole: list[bytes]
) -> None:
    Importer(target, engine=1).take_in(io.BytesIO(b"\xef\xbb\xbf" + b"".join(whole)))

    assert kept(target) == [1, 2]
