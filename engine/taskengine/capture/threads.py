"""Threads and pools go on in the context of the code that starts them, while a run is current."""

import _thread
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import Context, copy_context
from functools import partial
from multiprocessing.pool import ThreadPool
from typing import Any

from taskengine.capture.current import current_sink
from taskengine.capture.patches import Patches


def carry_runs_into_threads(patches: Patches) -> None:
    """Make `Thread.start`, and so timers, and the methods of thread pools hand the run on."""
    patches.wrap(threading.Thread, "start", _carrying_start)
    patches.wrap(_thread, "start_new_thread", _carrying_start_new)
    patches.wrap(ThreadPoolExecutor, "submit", _carrying_submit)
    for name in ("apply_async", "_map_async", "imap", "imap_unordered"):
        patches.wrap(ThreadPool, name, _carrying_call)


def _carrying_start(
    start: Callable[[threading.Thread], None],
) -> Callable[[threading.Thread], None]:
    def start_in_context(thread: threading.Thread) -> None:
        if current_sink.get() is not None:
            context, run = copy_context(), thread.run
            vars(thread)["run"] = lambda: context.run(_run_reporting, thread, run)
        start(thread)

    return start_in_context


def _carrying_start_new(start: Callable[..., int]) -> Callable[..., int]:
    def start_new_in_context(function: Callable[..., object], /, *rest: Any) -> int:
        if current_sink.get() is not None:
            function = partial(copy_context().run, function)
        return start(function, *rest)

    return start_new_in_context


def _carrying_call(call: Callable[..., Any]) -> Callable[..., Any]:
    def call_in_context(
        pool: ThreadPool, function: Callable[..., object], /, *args: Any, **kwargs: Any
    ) -> Any:
        if current_sink.get() is not None:
            context = copy_context()
            function = partial(_run_in_copy, context, function)
        return call(pool, function, *args, **kwargs)

    return call_in_context


def _run_in_copy(
    context: Context, function: Callable[..., object], /, *args: Any, **kw: Any
) -> Any:
    """Several threads can't be in one context at a time."""
    return context.copy().run(function, *args, **kw)


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
