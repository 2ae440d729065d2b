"""What the guard does with the terminal of a console that was killed."""

import os
import select
import termios
import tty
from collections.abc import Iterator
from typing import Any

import pytest

from support.events import SOON
from taskconsole.terminal.guard import Guard
from taskconsole.terminal.sequences import RESET


@pytest.fixture
def pty() -> Iterator[tuple[int, int]]:
    """The screen's end, and the terminal."""
    screen, terminal = os.openpty()
    yield screen, terminal
    os.close(terminal)
    os.close(screen)


def shown_when_killed(screen: int, terminal: int, before: list[Any]) -> bytes:
    """All that is on the screen once the guard has heard that the console, which was drawing, is
    gone.
    """
    guard, shown = Guard(terminal, before), b""
    guard.tell(is_drawn_on=True)
    guard.let_go()
    while not shown.endswith(RESET.encode()):
        readable, _, _ = select.select([screen], [], [], SOON)
        assert readable, shown[-200:]
        shown += os.read(screen, 65_536)
    guard.close()
    return shown


def test_what_the_console_has_set_is_as_before(pty: tuple[int, int]) -> None:
    screen, terminal = pty
    before = termios.tcgetattr(terminal)
    tty.setraw(terminal)

    shown_when_killed(screen, terminal, before)

    assert termios.tcgetattr(terminal) == before


def test_a_shell_that_was_quicker_keeps_what_it_has_set_for_its_line(
    pty: tuple[int, int],
) -> None:
    screen, terminal = pty
    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal)
    of_shell = termios.tcgetattr(terminal)

    shown_when_killed(screen, terminal, before)

    assert termios.tcgetattr(terminal) == of_shell != before


def test_a_terminal_that_takes_nothing_just_now_is_waited_for(pty: tuple[int, int]) -> None:
    screen, terminal = pty
    before = termios.tcgetattr(terminal)
    tty.setraw(terminal)
    os.set_blocking(terminal, False)
    unread = os.write(terminal, b"x" * 300_000)
    assert unread < 300_000, "it is full, and does not wait"

    shown = shown_when_killed(screen, terminal, before)

    assert len(shown) == unread + len(RESET)
    assert termios.tcgetattr(terminal) == before
