"""`taskconsole` without a command."""

import subprocess
import sys
from pathlib import Path

import pytest

from support import commands
from support.project import Project
from support.terminal import PtyProgram
from taskengine import __version__

COMMAND = Path(sys.executable).with_name("taskconsole")


def called(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *arguments],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_without_a_terminal_one_line_explains_and_nothing_is_done(project: Project) -> None:
    done = called(cwd=project.root)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "needs a terminal" in done.stderr


def test_the_version_is_told(project: Project) -> None:
    done = commands.called(project.root, "--version")
    assert (done.code, done.data) == (0, f"taskconsole, version {__version__}\n")


@pytest.mark.parametrize("wrong", [["--project", "not-there"], ["nonsense"], ["--nonsense"]])
def test_a_wrong_call_is_refused(project: Project, wrong: list[str]) -> None:
    assert commands.called(project.root, *wrong).code == 2


def test_the_help_names_the_options(project: Project) -> None:
    done = commands.called(project.root, "--help")
    assert done.code == 0
    assert all(option in done.data for option in ("--project", "--no-schedule", "--version"))


def test_a_task_is_run_in_a_real_terminal(project: Project) -> None:
    project.task("hello.py", 'print("so far so good")\nreturn {"result": 42}')
    with PtyProgram([COMMAND], cwd=project.root) as program:
        program.wait_for("live")
        program.wait_for("r Run")
        program.send("r")
        program.wait_for("so far so good")
        program.wait_for("✓ result 42")
        program.send("q")
        assert program.wait_end() == 0
        assert program.attributes == program.attributes_before


def test_the_project_can_be_named_from_anywhere(project: Project) -> None:
    project.task("here.py", "return 1")
    with PtyProgram(
        [COMMAND, "--project", project.root, "--no-schedule"], cwd=Path("/")
    ) as program:
        program.wait_for("not scheduling")
        program.wait_for("here")
        program.send("q")
        assert program.wait_end() == 0
