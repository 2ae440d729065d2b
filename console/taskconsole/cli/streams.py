"""The standard streams, so that commands can write whatever the project's texts hold."""

import io
import os
import sys


def prepare_streams() -> None:
    """Let no character be unprintable, and no stream missing: what was closed leads nowhere."""
    _fill_gaps()
    if sys.stdin is None:
        sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, os.fdopen(descriptor, "w", encoding="utf-8", closefd=False))
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def let_go_of_output() -> None:
    """Have what the standard output still holds go nowhere: it can't be written."""
    if sys.stdout is not sys.__stdout__:
        return
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)


def _fill_gaps() -> None:
    """Give 0, 1 and 2 to nothing else: the next file that is opened would be one of them."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        continue
    os.close(descriptor)
