"""A child that users' code has forked: it ends where it would enter the engine's own loops again.

The child has one thread only, and nobody who would give it work or read its answers; in a plain
program it would end with the code that has forked it.
"""

import asyncio
import os
import sys
import traceback
from collections import deque

from taskengine.task import current_context


def end_if_forked(process: int, error: BaseException | None = None) -> None:
    """End a child, whose number is not `process`, as a program ends; `error` is what it raised."""
    if os.getpid() != process:
        _end(error)


def _end(error: BaseException | None = None) -> None:
    code = 1
    try:
        code = _code_of(error)
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    finally:
        os._exit(code)


def _code_of(error: BaseException | None) -> int:
    """The exit code that Python itself would give; it prints what went wrong, too."""
    if isinstance(error, SystemExit):
        if error.code is None or isinstance(error.code, int):
            return (error.code or 0) & 0xFF
        sys.stderr.write(f"{error.code}\n")
        return 1
    if error is None:
        return 0
    traceback.print_exception(error)
    return 1


class _Fork:
    """The loop that is at work in the thread that forks, if that thread is in a run."""

    loop: asyncio.AbstractEventLoop | None = None


def _before() -> None:
    # get_running_loop() would raise, and in the child there is none any more.
    _Fork.loop = asyncio._get_running_loop() if current_context.get() else None  # noqa: SLF001


def _after_in_child() -> None:
    """Let the loop end the process before it does anything else, such as its other tasks' work."""
    loop, _Fork.loop = _Fork.loop, None
    if loop is None:
        return
    ready = getattr(loop, "_ready", None)
    if isinstance(ready, deque):
        ready.appendleft(asyncio.Handle(_end, (), loop))
    else:
        loop.call_soon(_end)


# Such a hook can't be taken back; it does nothing for code outside of runs.
os.register_at_fork(before=_before, after_in_child=_after_in_child)
