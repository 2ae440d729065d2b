"""A bound for every test: one that hangs fails, tells where, and keeps no other from its turn."""

import asyncio
import contextlib
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import pytest

from support.thorough import TIMES

SECONDS, SLOW_SECONDS = 120, 1_800


@contextmanager
def time_limit(item: pytest.Item) -> Iterator[None]:
    """Let a test fail when a phase of it takes too long, whatever the main thread waits for.

    What takes SIGALRM for itself, as a command on a terminal does, goes without.
    """
    is_slow = TIMES > 1 or item.get_closest_marker("slow")
    seconds = SLOW_SECONDS if is_slow else SECONDS

    def give_up(_number: int, _frame: FrameType | None) -> None:
        _print_waiting_tasks()
        pytest.fail(f"it is not over after {seconds} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _print_waiting_tasks() -> None:
    """Show what no thread's stack does: where coroutines wait."""
    with contextlib.suppress(RuntimeError):  # there is no loop
        for one in asyncio.all_tasks():
            one.print_stack()
