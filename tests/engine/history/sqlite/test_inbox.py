"""Whoever has something to be written is heard, and wakes the writer only if it would sleep on."""

import threading
import time
from collections.abc import Callable

import pytest

from taskengine.history.sqlite.inbox import Inbox

SOON = 60.0


def taker(inbox: Inbox, next_due: Callable[[], float | None]) -> threading.Thread:
    """The writer's thread, which takes once."""
    thread = threading.Thread(target=inbox.take, args=(next_due,), daemon=True)
    thread.start()
    return thread


def assert_awakes(thread: threading.Thread) -> None:
    thread.join(SOON)
    assert not thread.is_alive()


def test_what_became_due_before_the_writer_looks_needs_no_waking() -> None:
    inbox = Inbox()
    inbox.wake(0.0)

    assert_awakes(taker(inbox, lambda: inbox.due))


def test_what_becomes_due_just_after_the_writer_has_looked_wakes_it() -> None:
    inbox = Inbox()

    def look() -> float | None:
        due = inbox.due
        inbox.wake(0.0)
        return due

    assert_awakes(taker(inbox, look))


@pytest.mark.parametrize("sleeps_for", [3_600.0, None])
def test_what_is_due_sooner_than_the_writer_would_look_wakes_it(sleeps_for: float | None) -> None:
    inbox, has_looked = Inbox(), threading.Event()

    def look() -> float | None:
        has_looked.set()
        return None if sleeps_for is None else time.monotonic() + sleeps_for

    thread = taker(inbox, look)
    assert has_looked.wait(SOON)
    inbox.wake(60.0)
    inbox.wake(0.0)

    assert_awakes(thread)


def test_what_is_due_no_sooner_than_the_writer_looks_lets_it_sleep() -> None:
    inbox, has_looked = Inbox(), threading.Event()
    until = time.monotonic() + 0.1

    def look() -> float:
        has_looked.set()
        return until

    thread = taker(inbox, look)
    assert has_looked.wait(SOON)
    inbox.wake(60.0)
    assert_awakes(thread)

    assert time.monotonic() >= until


def test_of_many_who_want_something_written_at_once_all_are_heard() -> None:
    inbox, is_written, is_over = Inbox(), threading.Semaphore(0), threading.Event()

    def write() -> None:
        while not is_over.is_set():
            inbox.take(lambda: inbox.due)
            if inbox.due is not None and inbox.due <= time.monotonic():
                inbox.due = None
                is_written.release()

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    for _ in range(1_000):
        inbox.wake(0.0)
        assert is_written.acquire(timeout=SOON), "the writer sleeps on"
    is_over.set()
    inbox.wake(0.0)
    assert_awakes(writer)
