"""How far a run is, as `taskconsole task run` shows it on a terminal."""

import re
import signal
import sys
from pathlib import Path

import pytest

from support.headless import headless
from support.project import Project
from support.terminal import PtyProgram, as_text

COMMAND = Path(sys.executable).with_name("taskconsole")
ERASE = "\r\x1b[K"
STEPS = """
import time
from pathlib import Path
from taskengine import task

@task
def run(event):
    gate = Path(__file__).with_name("gate")
    event.context.progress(420, 1000, "rows\\x1b[2J\\nread")
    while not gate.exists():
        time.sleep(0.01)
    print("half way")
    event.context.progress(1e300, event.payload.get("total"), "and more")
    while gate.exists() and not event.context.cancelled.is_set():
        time.sleep(0.01)
"""


@pytest.fixture
def steps(project: Project) -> Project:
    """A project with a task that tells how far it is, before and after a file `tasks/gate` is."""
    project.write("tasks/steps.py", STEPS)
    return project


def rows_left(raw: bytes) -> list[str]:
    """The lines that a terminal still shows when all is over."""
    return [as_text(line.rpartition(ERASE)[2].encode()) for line in raw.decode().split("\r\n")]


def seen_through(terminal: PtyProgram, root: Path, first: str, second: str) -> bytes:
    """Let the run go on when it shows how far it is, and give back all that was drawn."""
    terminal.wait_for(first)
    gate = root / "tasks/gate"
    gate.touch()
    terminal.wait_for(second)
    gate.unlink()
    assert terminal.wait_end() == 0
    terminal.wait_for("done after")
    return terminal.raw


def test_the_line_is_rewritten_in_its_place_and_gone_at_the_end(steps: Project) -> None:
    argv = [str(COMMAND), "task", "run", "steps", "--payload", '{"total": 2e300}']
    with PtyProgram(argv, columns=90, env={"NO_COLOR": "1"}, cwd=steps.root) as terminal:
        bar = f"{'━' * 8}{'─' * 12}  42%  420/1,000  [^\n]*rows read"
        raw = seen_through(terminal, steps.root, bar, r"━{10}─{10}  50%  1e\+300/2e\+300")
    left = rows_left(raw)
    assert (left[0], left[1]) == ("half way", "null")
    assert re.fullmatch(r"Run #1 of steps: done after .*", left[2])
    assert left[3:] == [""]
    assert b"\x1b[2J" not in raw
    assert b"\x1b[3" not in raw


def test_a_narrow_terminal_has_a_short_line_and_an_interrupt_finds_it_free(steps: Project) -> None:
    argv = [str(COMMAND), "task", "run", "steps"]
    with PtyProgram(argv, columns=24, cwd=steps.root) as terminal:
        drawn = terminal.wait_for("42%[^\n]*")
        assert len(drawn) <= 23
        (steps.root / "tasks/gate").touch()
        terminal.wait_for(r"1e\+300")
        terminal.signal(signal.SIGINT)
        assert terminal.wait_end() == 130
        terminal.wait_for("cancelled after")
    left = rows_left(terminal.raw)
    assert "Cancelling run #1; once more leaves at once." in left
    assert not [row for row in left if "%" in row or "e+300" in row]


@pytest.mark.slow
@pytest.mark.parametrize("where", ["dumb", "json", "engine"])
def test_where_it_is_drawn_and_where_not(steps: Project, where: str) -> None:
    argv = [str(COMMAND), "task", "run", "steps"]
    if where == "engine":
        with headless(steps.root), PtyProgram(argv, cwd=steps.root) as terminal:
            raw = seen_through(terminal, steps.root, "42%", r"1e\+300")
        assert rows_left(raw)[:2] == ["half way", "null"]
        return
    (steps.root / "tasks/gate").touch()
    argv += ["--json"] if where == "json" else []
    env = {"TERM": "dumb"} if where == "dumb" else {}
    with PtyProgram(argv, env=env, cwd=steps.root) as terminal:
        terminal.wait_for("half way")
        (steps.root / "tasks/gate").unlink()
        assert terminal.wait_end() == 0
        terminal.wait_for("done after")
    assert b"\x1b[K" not in terminal.raw
