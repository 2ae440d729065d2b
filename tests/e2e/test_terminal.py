"""The console's terminal in a real pseudo-terminal: every way out leaves it as it was."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.project import Project
from support.terminal import PtyProgram

APP = Path(__file__).with_name("screen_app.py")
ALTERNATE_SCREEN, MAIN_SCREEN = b"\x1b[?1049h", b"\x1b[?1049l"
MOUSE_OFF, CURSOR_ON = b"\x1b[?1000l", b"\x1b[?25h"


@pytest.fixture
def program(tmp_path: Path) -> Iterator[PtyProgram]:
    """The app on its own screen, waiting for a key; its editor waits for a line."""
    editor = tmp_path / "vi"
    editor.write_text('#!/bin/sh\n[ -t 0 ] && [ -t 2 ] && echo "EDITOR $*"\nread line\nexit 4\n')
    editor.chmod(0o755)
    env = {"EDITOR": str(editor), "VISUAL": "", "RESULT": str(tmp_path / "result")}
    with PtyProgram([sys.executable, APP], env=env, cwd=tmp_path) as program:
        program.wait_for("<size 120x36>")
        assert program.attributes != program.attributes_before
        yield program


def assert_restored(program: PtyProgram) -> None:
    program.wait_for_attributes(program.attributes_before)
    entered = program.raw.rindex(ALTERNATE_SCREEN)
    for sequence in (MAIN_SCREEN, MOUSE_OFF, CURSOR_ON):
        program.wait_for_bytes(sequence, since=entered)


def written(tmp_path: Path) -> list[str]:
    return (tmp_path / "result").read_text().splitlines()


def test_an_error_of_the_screen_is_told_on_the_restored_terminal(program: PtyProgram) -> None:
    program.send("x")
    assert program.wait_end() == 1
    assert_restored(program)
    program.wait_for("ValueError: .*the screen has a fault", since=program.raw.rindex(MAIN_SCREEN))


def test_system_exit_keeps_its_code(program: PtyProgram) -> None:
    program.send("s")
    assert program.wait_end() == 3
    assert_restored(program)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_app_cleanly(program: PtyProgram, number: signal.Signals) -> None:
    program.signal(number)
    assert program.wait_end() == 128 + number
    assert_restored(program)


def test_a_closed_window_ends_the_app_in_good_order(program: PtyProgram, tmp_path: Path) -> None:
    program.hang_up()
    assert program.wait_end() == 128 + signal.SIGHUP
    assert written(tmp_path) == ["engine:", "run:"]


@pytest.mark.parametrize(
    "number", [signal.SIGKILL, pytest.param(signal.SIGSEGV, marks=pytest.mark.slow)]
)
def test_the_guard_restores_the_terminal_of_a_killed_app(
    program: PtyProgram, number: signal.Signals
) -> None:
    program.signal(number)
    assert program.wait_end() == -number
    assert_restored(program)


def test_nothing_that_is_written_reaches_the_screen_and_quitting_restores_the_terminal(
    program: PtyProgram, tmp_path: Path
) -> None:
    program.send("f")
    program.wait_for("<flood over>")
    program.send("p")
    program.wait_for("<printed>")
    program.send("q")
    assert program.wait_end() == 0
    assert_restored(program)
    program.wait_abandoned()
    assert "STRAY" not in program.text
    engine, run = written(tmp_path)[1:2_002], written(tmp_path)[2_003:]
    descriptors = [f"STRAY descriptor {number}" for number in range(2_000)]
    assert sorted(engine) == sorted([*descriptors, "STRAY print of the screen itself"])
    assert len(run) == 4_001
    assert run[-1] == "STRAY child"


def test_a_resize_is_followed(program: PtyProgram) -> None:
    program.resize(90, 30)
    program.wait_for("<size 90x30>")
    program.resize(140, 20)
    program.wait_for("<size 140x20>")


def test_the_editor_gets_the_terminal_the_line_and_the_interrupts(program: PtyProgram) -> None:
    program.send("e")
    program.wait_for(r"EDITOR \+7 notes.txt")
    assert program.attributes == program.attributes_before
    program.send("done\n")
    program.wait_for("<editor ended with 4>")
    again = program.mark()
    program.send("e")
    program.wait_for("EDITOR", since=again)
    program.send("\x03")
    program.wait_for(f"<editor ended with {-signal.SIGINT}>")
    program.send("p")
    program.wait_for("<printed>")
    program.signal(signal.SIGINT)
    assert program.wait_end() == 128 + signal.SIGINT
    assert_restored(program)


def test_a_signal_during_the_editor_ends_the_app_after_it(program: PtyProgram) -> None:
    program.send("e")
    program.wait_for("EDITOR")
    program.signal(signal.SIGTERM)
    program.send("done\n")
    assert program.wait_end() == 128 + signal.SIGTERM
    assert_restored(program)


def test_an_editor_that_is_not_there_or_is_no_program_is_told_on_the_screen(tmp_path: Path) -> None:
    editor = tmp_path / "ed"
    env = {"EDITOR": "./ed", "VISUAL": ""}
    with PtyProgram([sys.executable, APP], env=env, cwd=tmp_path) as program:
        program.wait_for("<size")
        program.send("e")
        program.wait_for("<EDITOR is set to ./ed, which is not installed")
        editor.write_text("vim $*\n")
        editor.chmod(0o755)
        program.send("e")
        program.wait_for("<./ed can't be started: Exec format error")


def test_stopping_and_going_on_redraws_the_screen(program: PtyProgram) -> None:
    program.send("\x1a")
    os.waitid(os.P_PID, program.pid, os.WSTOPPED | os.WNOWAIT)
    assert_restored(program)
    before = program.mark()
    os.killpg(program.pid, signal.SIGCONT)
    program.wait_for_bytes(ALTERNATE_SCREEN, since=before)
    program.send("p")
    program.wait_for("<printed>", since=before)
    program.send("q")
    assert program.wait_end() == 0
    assert_restored(program)


def test_going_on_again_and_again_amid_drawing_holds_nothing_up(program: PtyProgram) -> None:
    for _ in range(20):
        before = program.mark()
        program.signal(signal.SIGCONT)
        program.wait_for_bytes(b"\x1b", since=before)  # it draws again, and is interrupted in that
    program.resize(90, 30)
    program.wait_for("<size 90x30>")
    program.signal(signal.SIGTERM)
    assert program.wait_end() == 128 + signal.SIGTERM
    assert_restored(program)


def test_the_console_is_drawn_in_full_after_a_stop(project: Project) -> None:
    project.task("hello.py", "return 1")
    argv = [sys.executable, "-m", "taskconsole", "--project", str(project.root)]
    with PtyProgram(argv, cwd=project.root) as console:
        console.wait_for("● live")
        for is_asked in (True, False):
            if is_asked:
                console.send("\x1a")
            else:
                console.signal(signal.SIGSTOP)
            os.waitid(os.P_PID, console.pid, os.WSTOPPED | os.WNOWAIT)
            before = console.mark()
            os.killpg(console.pid, signal.SIGCONT)
            console.wait_for(r"taskconsole[^\n]*● live", since=before)
            console.wait_for(r"╭─ Tasks \(1\) ─+╮", since=before)
            console.wait_for("q Quit", since=before)


def test_a_signal_gives_the_runs_their_time_and_a_second_one_ends_it(project: Project) -> None:
    project.task("wait.py", "import asyncio\nprint('at work')\nawait asyncio.Event().wait()")
    argv = [sys.executable, "-m", "taskconsole", "--project", str(project.root)]
    with PtyProgram(argv, cwd=project.root) as console:
        console.wait_for("● live")
        console.send("r")
        console.wait_for("at work")
        console.signal(signal.SIGTERM)
        console.wait_for("SIGTERM: 1 run goes on")
        console.signal(signal.SIGTERM)
        assert console.wait_end() == 128 + signal.SIGTERM
        assert_restored(console)


def test_stopping_stops_what_has_started_the_app_too(tmp_path: Path) -> None:
    command = f"{sys.executable} {APP}; true"
    with PtyProgram(["/bin/sh", "-c", command], cwd=tmp_path) as shell:
        shell.wait_for("<size")
        shell.send("\x1a")
        os.waitid(os.P_PID, shell.pid, os.WSTOPPED | os.WNOWAIT)
        os.killpg(shell.pid, signal.SIGCONT)
        shell.send("q")
        assert shell.wait_end() == 0


def test_an_app_that_was_killed_while_stopped_leaves_the_shells_screen_alone(
    program: PtyProgram,
) -> None:
    program.send("\x1a")
    os.waitid(os.P_PID, program.pid, os.WSTOPPED | os.WNOWAIT)
    assert_restored(program)
    before = program.mark()
    program.signal(signal.SIGKILL)
    program.wait_end()
    program.wait_abandoned()
    assert program.raw[before:] == b""


@pytest.mark.parametrize("kind", ["dumb", ""])
def test_a_terminal_that_can_only_print_lines_is_refused(tmp_path: Path, kind: str) -> None:
    with PtyProgram([sys.executable, APP], env={"TERM": kind}, cwd=tmp_path) as program:
        program.wait_for("taskconsole needs a terminal that can move the cursor")
        assert program.wait_end() == 2
        assert b"\x1b" not in program.raw


@pytest.mark.parametrize("stream", ["input", "output"])
def test_without_a_terminal_there_is_one_line_and_exit_code_2(tmp_path: Path, stream: str) -> None:
    redirection = "</dev/null" if stream == "input" else ">printed"
    script = f"{sys.executable} {APP} {redirection}"
    with PtyProgram(["/bin/sh", "-c", script], cwd=tmp_path) as program:
        program.wait_for(f"taskconsole needs a terminal, but standard {stream} is not one")
        assert program.wait_end() == 2
        assert program.text.count("\n") == 1


def test_outside_of_any_terminal_it_is_the_same(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, APP], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
