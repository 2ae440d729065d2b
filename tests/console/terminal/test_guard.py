"""What the guard does with the terminal of a console that was killed."""

import os
import subprocess
import sys
import termios
import tty
from collections.abc import Iterator

import pytest

from taskconsole.terminal import guard_program
from taskconsole.terminal.sequences import RESET


@pytest.fixture
def terminal() -> Iterator[int]:
    controller, terminal = os.openpty()
    yield terminal
    os.close(terminal)
    os.close(controller)


def guard_killed_console(terminal: int, before: object) -> None:
    """Let the guard hear that the console, which was drawing, is gone."""
    subprocess.run(
        [sys.executable, "-I", "-S", guard_program.__file__, str(terminal)],
        input=repr((before, RESET)).encode() + b"\n" + b"1",
        pass_fds=[terminal],
        check=True,
        timeout=60,
    )


def test_what_the_console_has_set_is_as_before(terminal: int) -> None:
    before = termios.tcgetattr(terminal)
    tty.setraw(terminal)

    guard_killed_console(terminal, before)

    assert termios.tcgetattr(terminal) == before


def test_a_shell_that_was_quicker_keeps_what_it_has_set_for_its_line(terminal: int) -> None:
    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal)
    of_shell = termios.tcgetattr(terminal)

    guard_killed_console(terminal, before)

    assert termios.tcgetattr(terminal) == of_shell != before
