"""Several captures in one process, as of several engines: each may end at any time."""

import contextlib
import io
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from support.capture import Writer, new_output
from taskengine.capture import Capture

ORDERS = [(0, 1), (1, 0)]


@pytest.fixture
def captures() -> Iterator[list[Capture]]:
    captures = [Capture(new_output()), Capture(new_output())]
    yield captures
    for capture in captures:
        capture.uninstall()


def in_thread() -> None:
    thread = threading.Thread(target=print, args=("from a thread",))
    thread.start()
    thread.join()


def write_everything() -> None:
    print("print")
    logging.getLogger("several").error("log")
    subprocess.run(["echo", "child"], check=True)
    in_thread()


EVERYTHING = ["print", "log", "child", "from a thread"]


@pytest.mark.parametrize("first", [0, 1])
def test_one_that_ends_leaves_the_other_at_work(
    captures: list[Capture], first: int, writer: Writer
) -> None:
    for capture in captures:
        capture.install()
    writer.run(write_everything)
    captures[first].uninstall()

    writer.run(write_everything)

    assert writer.texts == EVERYTHING * 2


@pytest.mark.parametrize("first", [0, 1])
def test_a_child_is_read_to_its_end_when_another_capture_ends(
    captures: list[Capture], first: int, writer: Writer
) -> None:
    for capture in captures:
        capture.install()
    child = writer.run(
        lambda: subprocess.Popen(["sh", "-c", "read line; echo $line"], stdin=subprocess.PIPE)
    )
    captures[first].uninstall()

    writer.run(lambda: child.communicate(b"to the end\n", timeout=60))

    assert child.returncode == 0
    assert writer.texts == ["to the end"]


@pytest.mark.parametrize("first", [0, 1])
def test_a_redirection_outlives_another_capture(
    captures: list[Capture], first: int, writer: Writer
) -> None:
    caught = io.StringIO()

    def body() -> None:
        with contextlib.redirect_stdout(caught):
            captures[first].uninstall()
            print("caught")
        print("not caught")

    for capture in captures:
        capture.install()
    writer.run(body)

    assert caught.getvalue() == "caught\n"
    assert writer.texts == ["not caught"]


@pytest.mark.parametrize("order", ORDERS)
def test_nothing_stays_when_all_have_ended(
    captures: list[Capture], order: tuple[int, int], writer: Writer
) -> None:
    def state() -> list[object]:
        return [
            sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__,
            threading.Thread.start, subprocess.Popen.__init__, subprocess.Popen.wait,
            logging.Logger.callHandlers, logging.Handler.handle,
            vars(contextlib.redirect_stdout).get("__enter__"),
            {one for one in threading.enumerate() if one.name == "taskengine output"},
        ]  # fmt: skip

    before = state()
    for capture in captures:
        capture.install()
    writer.run(write_everything)
    writer.run(setattr, sys, "stdout", None)
    captures[1].mend()
    for number in order:
        captures[number].uninstall()

    assert state() == before


def test_a_thread_ends_well_under_two_captures(captures: list[Capture], writer: Writer) -> None:
    ended: list[object] = []
    for capture in captures:
        capture.install()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threading, "excepthook", ended.append)
        writer.run(in_thread)

    assert ended == []


def test_a_forked_child_may_capture_anew(captures: list[Capture], writer: Writer) -> None:
    captures[0].install()
    writer.run(lambda: subprocess.run(["echo", "parent"], check=True))
    pid = os.fork()
    if pid == 0:
        signal.alarm(10)
        own = Writer()
        with Capture(new_output()):
            own.run(lambda: subprocess.run(["echo", "child"], check=True))
        os._exit(0 if own.texts == ["child"] else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert writer.texts == ["parent"]


def test_the_streams_stay_in_their_places_until_the_last_capture_ends(
    captures: list[Capture],
) -> None:
    for capture in captures:
        capture.install()
    streams = [sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__]
    captures[0].uninstall()

    now = [sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__]
    assert all(one is other for one, other in zip(now, streams, strict=True))
