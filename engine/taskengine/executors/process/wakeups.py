"""The death of a child process as something that `select` can wait for."""

import os
import signal


def wake_on_child_death() -> int:
    """A descriptor that can be read when a child has died; replaces the one before it, if any."""
    reader, writer = os.pipe()
    for fd in (reader, writer):
        os.set_blocking(fd, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    former = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    if former != -1:
        os.close(former)
    return reader
