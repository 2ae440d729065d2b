"""Threads and pools go on in the context of the code that starts them, while a run is current."""

import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import Context, copy_context
from typing import Any

from taskengine.capture.current import current_sink
from taskengine.capture.patches import Patches


def carry_runs_into_threads(patches: Patches) -> None:
    """Make `Thread.start`, and so timers, and `ThreadPoolExecutor.submit` hand the run on."""
    patches.wrap(threading.Thread, "start", _carrying_start)
    patches.wrap(ThreadPoolExecutor, "submit", _carrying_submit)


def _carrying_start(
    start: Callable[[threading.Thread], None],
) -> Callable[[threading.Thread], None]:
    def start_in_context(thread: threading.Thread) -> None:
        if current_sink.get() is not None:
            context, run = copy_context(), thread.run
            vars(thread)["run"] = lambda: context.run(_run_reporting, thread, run)
        start(thread)

    return start_in_context


def _run_reporting(thread: threading.Thread, run: Callable[[], None]) -> None:
    """Run a thread's body; an exception is reported here, where the run is still current."""
    try:
        run()
    except BaseException:  # noqa: BLE001 - what `Thread` itself does, one step further out
        threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), thread)))
    finally:
        vars(thread).pop("run", None)  # or the thread would hold itself


def _carrying_submit(submit: Callable[..., "Future[Any]"]) -> Callable[..., "Future[Any]"]:
    def submit_in_context(
        pool: ThreadPoolExecutor, function: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> "Future[Any]":
        if current_sink.get() is None:
            return submit(pool, function, *args, **kwargs)
        # The pool may start a worker now, which will serve others too: that one belongs to no run.
        return Context().run(submit, pool, copy_context().run, function, *args, **kwargs)

    return submit_in_context
