"""Waiting for several things at a time, the death of a child process among them."""

import os
import select
import signal
from collections.abc import Iterable
from collections.abc import Set as AbstractSet


def wake_on_child_death() -> int:
    """A descriptor that can be read when a child has died; replaces the one before it, if any."""
    reader, writer = new_pipe()
    signal.signal(signal.SIGCHLD, lambda *_: None)
    # Blocked signals stay so from the engine's thread on, through fork and exec.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGCHLD,))
    former = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    if former != -1:
        os.close(former)
    return reader


def new_pipe() -> tuple[int, int]:
    """A pipe's ends to read from and to write to, neither of which ever blocks."""
    ends = os.pipe()
    for fd in ends:
        os.set_blocking(fd, False)
    return ends


def wait_for_any(fds: Iterable[int], seconds: float | None = None) -> AbstractSet[int]:
    """Wait until one of these can be read, or has nobody left who writes; gives back which.

    None of them after `seconds`. Descriptors may have any number, which `select` does not bear.
    """
    poll = select.poll()
    for fd in fds:
        poll.register(fd, select.POLLIN)
    return {fd for fd, _ in poll.poll(None if seconds is None else max(seconds, 0) * 1000)}
