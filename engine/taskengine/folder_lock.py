"""A folder that several processes change, one at a time."""

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 2.0  # seconds; everybody holds it for some milliseconds only, unless he was stopped
_BETWEEN = 0.005


@contextmanager
def one_at_a_time(folder: Path, patience: float | None = None) -> Iterator[None]:
    """Keep everybody else who asks for it from changing what is in the folder.

    Raises OSError, in words, if somebody else keeps it for longer than `patience` seconds.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _lock(descriptor, folder, PATIENCE if patience is None else patience)
        try:
            yield
        finally:
            # A child that was forked meanwhile has the file too, and would keep it locked.
            fcntl.flock(descriptor, fcntl.LOCK_UN)
    finally:
        os.close(descriptor)


def _lock(descriptor: int, folder: Path, patience: float) -> None:
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() >= until:
                words = "Another process, which may be stopped, holds this folder"
                raise OSError(errno.ETIMEDOUT, words, os.fspath(folder)) from error
            time.sleep(_BETWEEN)
        else:
            return
