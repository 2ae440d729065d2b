"""Two consoles on one project, in terminals of their own: one has the engine, one attaches."""

import select
import signal
import sys
import time
from pathlib import Path

import pytest

from support.project import Project
from support.terminal import PtyProgram
from taskconsole.keymap.anywhere import START_KEY as START
from taskengine.client.find_engine import find_engine
from taskengine.history.engine_note import EngineNote

F9 = "\x1b[20~"
LEAVE_KEYS, LEAVE_PICTURE = b"\x1b[<u", b"\x1b[?1049l"
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


@pytest.fixture(autouse=True)
def runtime(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Sockets are made in a folder of this test."""
    folder = tmp_path / "runtime"
    folder.mkdir(0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))


@pytest.fixture
def gated(project: Project) -> Project:
    """A project with one task, which waits for a file `open`."""
    project.task("gated.py", GATED)
    return project


def console(project: Project, *options: str) -> PtyProgram:
    return PtyProgram([COMMAND, *options], cwd=project.root)


def wait_other(project: Project, ended: PtyProgram) -> EngineNote:
    """Wait until the project's engine is another one, and can be reached."""
    end = time.monotonic() + 60
    while (note := find_engine(project.root)) is None or note.process.pid == ended.pid:
        assert time.monotonic() < end, "no other engine can be reached"
        select.select([], [], [], 0.02)
    return note


def wait_served(project: Project, program: PtyProgram) -> None:
    """Wait until the engine of a console that begins can be reached."""
    program.wait_for("● live")
    end = time.monotonic() + 60
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


@pytest.mark.slow
def test_an_attached_console_goes_on_with_an_engine_of_its_own(project: Project) -> None:
    project.task("echo.py", "return event.payload")
    with console(project) as first:
        wait_served(project, first)
        with console(project, "--no-schedule", "--port", "0") as second:
            second.wait_for(f"⇄ pid {first.pid}")
            second.wait_for("r Run")
            first.signal(signal.SIGKILL)
            second.wait_for(f"{START} starts an engine here")
            second.wait_for(f"{START} Start engine")
            second.send("e")
            second.wait_for(r"\^j Run")
            second.send('"a": ')
            change = second.mark()
            second.send(F9)
            second.wait_for("Engine started", since=change)
            second.wait_for("● live", since=change)
            second.wait_for(r"http://127\.0\.0\.1:\d+", since=change)
            second.wait_for("not scheduling", since=change)
            assert LEAVE_PICTURE not in second.raw[change:]
            second.wait_for(r"\^j Run", since=change)
            second.send("2\n")  # in the editor, where the typing was left
            second.wait_for('result {"a": 2}', since=change)
            second.send("\x11")
            assert second.wait_end() == 0
            second.wait_for_bytes(LEAVE_PICTURE, since=change)
            second.wait_for_attributes(second.attributes_before)


@pytest.mark.slow
def test_of_two_that_start_an_engine_at_once_one_goes_over_to_the_other(gated: Project) -> None:
    gated.write("open", "")
    with console(gated) as first:
        wait_served(gated, first)
        with console(gated) as second, console(gated, "--attach") as third:
            both = (second, third)
            for one in both:
                one.wait_for(f"⇄ pid {first.pid}")
                one.wait_for("r Run")
            first.send("q")
            for one in both:
                one.wait_for(f"{START} Start engine")
            change = {one: one.mark() for one in both}
            for one in both:
                one.send(F9)
            note = wait_other(gated, first)
            owner, other = both if note.process.pid == second.pid else (third, second)
            owner.wait_for("Engine started", since=change[owner])
            other.wait_for(f"● live  ⇄ pid {owner.pid}", since=change[other])
            other.wait_for("r Run")
            other.send("r")
            other.wait_for('result "through"', since=change[other])
            owner.wait_for('result "through"', since=change[owner])


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_between_two_engines_leaves_the_terminal_in_order(
    gated: Project, number: signal.Signals
) -> None:
    with console(gated) as first:
        wait_served(gated, first)
        with console(gated) as second:
            second.wait_for(f"⇄ pid {first.pid}")
            second.wait_for("r Run")
            first.signal(signal.SIGKILL)
            second.wait_for(f"{START} Start engine")
            change = second.mark()
            second.send(F9)
            second.wait_for_bytes(LEAVE_KEYS, since=change)
            second.signal(number)
            assert second.wait_end() == 128 + number
            second.wait_for_bytes(LEAVE_PICTURE, since=change)
            second.wait_for_attributes(second.attributes_before)
