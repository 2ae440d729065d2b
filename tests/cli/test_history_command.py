"""`taskconsole history`, called as a user calls it."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from support import commands
from support.faults import set_read_only, small_disk
from support.kept_runs import keep, lines
from support.past_runs import history_file, past_run
from support.project import Project
from taskengine.history.folder import HistoryFolder
from taskengine.history.project_lock import ProjectLock
from taskengine.run import Run

COMMAND = Path(sys.executable).with_name("taskconsole")


def called(root: Path, *arguments: str, given: str | None = None) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of `taskconsole history`."""
    told = commands.called(root, "history", *arguments, given=given or "")
    return told.code, told.data, told.narration


@pytest.fixture
def root(project: Project) -> Path:
    """A project in which `a` ran three times and `b` once."""
    folder = HistoryFolder.prepare(project.root)
    with history_file(folder.database) as connection:
        for number, task in enumerate("abaa", start=1):
            keep(connection, past_run(number, task=task), lines("one", "two"))
    return project.root


def runs_in(root: Path) -> list[int]:
    with closing(sqlite3.connect(HistoryFolder.of(root).database)) as connection:
        return [one for (one,) in connection.execute("SELECT id FROM runs ORDER BY id")]


def test_runs_move_from_project_to_project(root: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    file = str(tmp_path / "runs.jsonl")

    assert called(root, "export", file, "--task", "a") == (
        0,
        "",
        "Exported 3 runs with 6 lines of output.\n",
    )
    assert called(other, "import", file) == (
        0,
        "",
        "Imported 3 runs with 6 lines of output.\n",
    )

    assert runs_in(other) == [1, 3, 4]
    code, again, _ = called(other, "export")
    assert (code, again) == (0, Path(file).read_text())
    assert called(other, "import", "-", given=again)[2] == (
        "Imported 0 runs with 0 lines of output; 3 runs known already.\n"
    )
    assert [one.name for one in tmp_path.glob("*runs.jsonl*")] == ["runs.jsonl"]


def test_without_bounds_a_prune_goes_by_the_config_and_the_tasks(
    root: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (root / "taskconsole.toml").write_text("[tasks.b]\nkeep_runs = 7\n")
    (root / "tasks").mkdir(exist_ok=True)
    code = 'from taskengine import task\nprint("hello")\n@task(keep_runs=int("1"))\ndef run(e): ...'
    (root / "tasks/a.py").write_text(code)

    done, told, narrated = called(root, "prune", "--dry-run", "--json")
    found = json.loads(told)
    assert (done, [(one["name"], one["run_count"]) for one in found["tasks"]]) == (0, [("a", 2)])
    assert (found["run_count"], found["complete"]) == (2, True)
    assert (narrated, capfd.readouterr().err) == ("", "hello\n")
    assert runs_in(root) == [1, 2, 3, 4]

    assert called(root, "prune")[0] == 0
    assert runs_in(root) == [2, 4]


def test_bounds_that_are_given_count_for_all_runs_or_for_those_of_a_task(root: Path) -> None:
    _, table, narrated = called(root, "prune", "--keep-runs", "2", "--task", "a")
    assert table.split()[::2] == ["1", "a"]
    assert narrated.startswith("Deleted 1 run of ")
    assert runs_in(root) == [2, 3, 4]

    called(root, "prune", "--keep-days", "0.001")
    assert runs_in(root) == []


def test_a_prune_leaves_no_free_room_in_the_file(root: Path) -> None:
    path = HistoryFolder.of(root).database
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE much(data BLOB)")
        connection.execute("INSERT INTO much VALUES(zeroblob(300000))")
        connection.execute("DROP TABLE much")
    size = path.stat().st_size

    called(root, "prune")

    assert path.stat().st_size < size - 250_000


def test_where_nothing_is_kept_nothing_is_made(project: Project) -> None:
    assert called(project.root, "prune", "--json") == (
        0,
        '{"run_count": 0, "size": 0, "tasks": [], "complete": true}\n',
        "",
    )
    code, heading, narrated = called(project.root, "export")
    assert (code, narrated) == (0, "No history is kept yet.\n")
    assert json.loads(heading)["type"] == "history"
    assert not (project.root / ".taskconsole").exists()


def test_an_import_waits_for_no_engine_and_says_whose_the_project_is(root: Path) -> None:
    lock = ProjectLock(root, HistoryFolder.of(root).path, exclusive=True)
    lock.take(datetime.now(UTC))
    try:
        code, _, said = called(root, "import", "-", given="")
    finally:
        lock.release()

    assert code == 4
    assert "the engine of process" in said
    assert len(said.splitlines()) == 1


def test_a_broken_file_is_named_by_its_line(root: Path) -> None:
    code, _, said = called(root, "import", "-", given='{"type": "history"}\n')

    assert code == 2
    assert said == "Nothing was imported: line 1: it lacks `version`\n"


def exported(root: Path, runs: Iterable[Run]) -> str:
    """An export of these runs, from a project that has no others."""
    root.mkdir()
    with history_file(HistoryFolder.prepare(root).database) as connection:
        for run in runs:
            keep(connection, run)
    return called(root, "export")[1]


def test_runs_whose_numbers_are_taken_are_told_by_their_rows(root: Path, tmp_path: Path) -> None:
    others = [past_run(number, task="other") for number in (1, 2, 4, 9)]

    _, _, said = called(root, "import", "-", given=exported(tmp_path / "other", others))

    assert said.splitlines() == [
        "Runs #1 to #2 are #10 to #11 here: their numbers were other runs'.",
        "Run #4 is #12 here: its number was another run's.",
        "Imported 4 runs with 0 lines of output.",
    ]


def test_a_task_that_was_imported_can_not_steer_the_terminal_by_its_name(
    root: Path, tmp_path: Path
) -> None:
    file = exported(tmp_path / "other", [past_run(9, task="a\x1b[31m\nb\x07")])
    called(root, "import", "-", given=file)

    _, table, _ = called(root, "prune", "--dry-run", "--keep-days", "0.001")

    assert len(table.splitlines()) == 3
    assert all(line.isprintable() for line in table.splitlines())


def test_ctrl_c_ends_an_import_and_what_came_before_it_is_kept(root: Path, tmp_path: Path) -> None:
    _, file, _ = called(root, "export")
    other = tmp_path / "other"
    other.mkdir()
    importing = subprocess.Popen(
        [COMMAND, "--project", other, "history", "import", "-"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert importing.stdin
    importing.stdin.write(file + " " * 100_000)  # enough for the pipe's reader to have begun
    importing.stdin.flush()
    importing.send_signal(signal.SIGINT)
    _, said = importing.communicate(timeout=60)

    assert (importing.returncode, said) == (130, "interrupted\n")
    assert called(other, "import", "-", given=file)[0] == 0
    assert runs_in(other) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["prune", "--max-size", "5"], 2, "it is 5 bytes, less than the 10 kB"),
        (["export", "--since", "soon"], 2, "'soon' is no date such as"),
        (["prune", "--task", "nope"], 3, "no runs of `nope` are kept"),
        (["export", "--task", "\udcff"], 3, "are kept"),
        (["export", "/no/folder/file"], 4, "/no/folder/file: No such file or directory\n"),
    ],
)
def test_a_wrong_call_is_refused(root: Path, arguments: list[str], code: int, said: str) -> None:
    done, told, narrated = called(root, *arguments)

    assert (done, told) == (code, "")
    assert said in narrated
    assert runs_in(root) == [1, 2, 3, 4]


def test_a_history_that_can_only_be_read_is_exported_and_looked_at(root: Path) -> None:
    with small_disk(4_000_000) as disk:
        copy = disk / "project"
        shutil.copytree(root, copy)
        set_read_only(disk, read_only=True)
        told = called(copy, "export")
        bounds = ("prune", "--keep-runs", "1")
        would = called(copy, *bounds, "--dry-run")
        refused = called(copy, *bounds)
    assert told == called(root, "export")
    assert told[2] == "Exported 4 runs with 8 lines of output.\n"
    assert would[2].startswith("Would delete 2 runs")
    assert refused[0] == 4
