"""Text onto the terminal, however slowly it is taken there."""

import os
import select
import signal
import threading
import tty
from collections.abc import Iterator

import pytest

from support.events import SOON
from taskconsole.terminal.writer import TerminalWriter


@pytest.fixture
def hangups() -> Iterator[list[int]]:
    """What this process was told of a terminal that is gone."""
    heard: list[int] = []
    before = signal.signal(signal.SIGHUP, lambda number, _: heard.append(number))
    yield heard
    signal.signal(signal.SIGHUP, before)


def test_a_handle_that_does_not_wait_takes_all_nevertheless(hangups: list[int]) -> None:
    """It is shared with others, who may set it so, where the terminal has no name to open."""
    screen, handle = os.openpty()
    tty.setraw(handle)
    os.set_blocking(handle, False)
    text = b"x" * 300_000
    already = os.write(handle, text)
    assert already < len(text), "it is full, and does not wait"
    writer, taken = TerminalWriter(handle), 0
    writer.write(text.decode())
    writing = threading.Thread(target=writer.flush, daemon=True)
    writing.start()

    while not hangups and taken < already + len(text):
        readable, _, _ = select.select([screen], [], [], 0.1)
        taken += len(os.read(screen, 65_536)) if readable else 0
    writing.join(SOON)
    for one in (screen, handle):
        os.close(one)

    assert (hangups, taken) == ([], already + len(text))
