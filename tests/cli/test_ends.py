"""How commands end where their output can't be written, or their call can't be understood."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.commands import called
from support.project import Project
from support.terminal import PtyProgram, as_text

COMMAND = Path(sys.executable).with_name("taskconsole")
SOON = 60.0


def ended(root: Path, words: str) -> tuple[int, str]:
    """The exit code and the standard error of a command as a shell takes it."""
    line = f'"{COMMAND}" --project "{root}" {words}'
    done = subprocess.run(
        ["sh", "-c", line], capture_output=True, text=True, timeout=SOON, check=False
    )
    return done.returncode, done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_who_can_not_be_told_is_told_by_the_exit_code(project: Project) -> None:
    project.task("a.py", "return 1")
    full = "No space left on device\n"
    assert ended(project.root, "task list >/dev/full") == (4, full)
    assert ended(project.root, "--version >/dev/full") == (4, full)
    assert ended(project.root, "task bogus 2>/dev/full") == (2, "")
    assert ended(project.root, "runs show 1 2>/dev/full") == (3, "")
    assert ended(project.root, "schedule pause a 2>/dev/full") == (0, "")


def test_a_reader_that_has_had_enough_is_no_failure_of_a_task(project: Project) -> None:
    project.task("a.py", "return 1")
    for words in (["task", "list"], ["task", "--help"]):
        reading, writing = os.pipe()
        os.close(reading)
        call = [str(COMMAND), "--project", str(project.root), *words]
        done = subprocess.run(
            call, stdout=writing, stderr=subprocess.PIPE, timeout=SOON, check=False
        )
        os.close(writing)
        assert (done.returncode, done.stderr) == (141, b"")


def test_a_command_that_there_is_not_is_told_with_the_one_that_may_be_meant(
    tmp_path: Path,
) -> None:
    assert "Did you mean `schedule`?" in called(tmp_path, "shedule", "next").narration
    told = called(tmp_path, "task", "lst")
    assert (told.code, told.data) == (2, "")
    assert "No such command 'lst'. Did you mean `list`?" in told.narration
    assert "Did you mean" not in called(tmp_path, "quite-different").narration


def test_a_record_keeps_to_its_line_on_a_narrow_terminal(project: Project) -> None:
    options = 'description="Do what has to be done", schedule="0 9 * * MON"'
    project.task("orders.py", "return 1", options=options)
    project.task(f"{'long_' * 20}.py", "return 1", options=options)
    with PtyProgram(
        [COMMAND, "task", "list"], columns=60, env={"COLUMNS": ""}, cwd=project.root
    ) as terminal:
        assert terminal.wait_end() == 0
        terminal.wait_for("orders .*\n")
        titles, *rows = as_text(terminal.raw).splitlines()
    assert titles.split() == ["NAME", "NEXT", "FIRE", "LAST", "RUN"]
    assert [row.split()[0] for row in rows] == [f"{('long_' * 20)[:28]}…", "orders"]
    assert all(len(row) <= 60 for row in rows)
