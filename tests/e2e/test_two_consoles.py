"""Two consoles on one project, in terminals of their own: one has the engine, one attaches."""

import select
import signal
import sys
import time
from pathlib import Path

import pytest

from support.project import Project
from support.terminal import PtyProgram
from taskengine.client.find_engine import find_engine

COMMAND = Path(sys.executable).with_name("taskconsole")
GATED = """
import asyncio
from pathlib import Path

gate = Path(__file__).parents[1]
print("waiting at the gate")
while not (gate / "open").exists():
    await asyncio.sleep(0.02)
return "through"
"""


@pytest.fixture
def gated(project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Project:
    """A project with one task, which waits for a file `open`; its sockets are in a folder here."""
    project.task("gated.py", GATED)
    runtime = tmp_path / "runtime"
    runtime.mkdir(0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    return project


def console(project: Project, *options: str) -> PtyProgram:
    return PtyProgram([COMMAND, *options], cwd=project.root)


def wait_served(project: Project, program: PtyProgram) -> None:
    """Wait until the engine of a console that begins can be reached."""
    program.wait_for("● live")
    end = time.monotonic() + 20
    while (note := find_engine(project.root)) is None or note.process.pid != program.pid:
        assert time.monotonic() < end, "the engine can't be reached"
        select.select([], [], [], 0.02)


@pytest.mark.slow
def test_a_second_console_attaches_and_outlives_the_first(gated: Project) -> None:
    with console(gated) as first:
        wait_served(gated, first)
        with console(gated, "--port", "0") as second:
            second.wait_for(f"⇄ pid {first.pid}")
            second.wait_for("--port counts for nothing")
            second.wait_for("r Run")
            second.send("r")
            first.wait_for("waiting at the gate")
            second.wait_for("waiting at the gate")
            gated.write("open", "")
            second.wait_for('result "through"')
            first.wait_for('result "through"')

            first.send("q")
            assert first.wait_end() == 0
            second.wait_for("✗ unreachable: ")
            back = second.mark()
            with console(gated) as third:
                second.wait_for(f"● live  ⇄ pid {third.pid}", since=back)
                again = second.mark()
                second.wait_for("r Run")
                second.send("r")
                second.wait_for("✓ done", since=again)
                second.send("q")
                assert second.wait_end() == 0
                third.send("q")
                assert third.wait_end() == 0


def test_leaving_an_attached_console_asks_nothing(gated: Project) -> None:
    with console(gated) as first:
        wait_served(gated, first)
        with console(gated) as second:
            second.wait_for(f"⇄ pid {first.pid}")
            second.wait_for("r Run")
            second.send("r")
            first.wait_for("waiting at the gate")
            second.signal(signal.SIGTERM)
            assert second.wait_end() == 128 + signal.SIGTERM
        gated.write("open", "")
        first.wait_for('result "through"')


@pytest.mark.slow
def test_a_console_attaches_by_url(gated: Project) -> None:
    with console(gated, "--port", "0") as first:
        url = first.wait_for(r"http://127\.0\.0\.1:\d+")
        with console(gated, "--attach", url) as second:
            second.wait_for(f"● live  ⇄ {url}")
            second.wait_for("r Run")
            second.send("r")
            first.wait_for("waiting at the gate")


@pytest.mark.slow
def test_a_project_that_is_shared_has_an_engine_of_its_own(gated: Project) -> None:
    """A command that runs a task by itself keeps no console away."""
    with PtyProgram([COMMAND, "task", "run", "gated"], cwd=gated.root) as command:
        command.wait_for("waiting at the gate")
        with console(gated) as shown:
            shown.wait_for("● live")
            gated.write("open", "")
            assert command.wait_end() == 0
            shown.send("q")
            assert shown.wait_end() == 0
