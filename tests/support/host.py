"""The process that an engine lives in, as a value that can be compared with an earlier one."""

import asyncio
import atexit
import builtins
import concurrent.futures
import contextlib
import gc
import locale
import logging
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SOON = 60.0
_ENDING = ("threads", "descriptors", "children")


@dataclass(frozen=True)
class Host:
    """`lasting` is what no engine may touch in `context` mode, `lent` what it has to give back.

    Values are kept as they are where their identity counts, and copied where they change.
    """

    lasting: dict[str, Any]
    lent: dict[str, Any]

    def change_since(self, before: "Host") -> dict[str, tuple[object, object]]:
        """What is not as it was: before and now. Descriptors that have gone since do not count:
        those of a file watch are closed by a thread that is not Python's, at its own time.
        """
        lent = {**self.lent, "descriptors": self.lent["descriptors"] | before.lent["descriptors"]}
        return {**self.touched_since(before), **_differences(before.lent, lent)}

    def has_more_than(self, before: "Host") -> bool:
        """Whether threads, descriptors or children have come that were not there."""
        return any(self.lent[key] - before.lent[key] for key in _ENDING)

    def touched_since(self, before: "Host") -> dict[str, tuple[object, object]]:
        """What of the lasting is not as it was. Frozen objects that have died do not count."""
        frozen = max(before.lasting["frozen"], self.lasting["frozen"])
        return _differences(before.lasting, {**self.lasting, "frozen": frozen})


def _differences(old: dict[str, Any], new: dict[str, Any]) -> dict[str, tuple[object, object]]:
    return {key: _apart(old[key], new[key]) for key in old if old[key] != new[key]}


def _apart(old: Any, new: Any) -> tuple[object, object]:
    return (old - new, new - old) if isinstance(old, frozenset) else (old, new)


def host_now() -> Host:
    """The process as it is now; the caller is on the host's loop."""
    return Host(lasting={**_interpreter(), **_logging(), **_loop()}, lent=_lent())


async def host_after(before: Host) -> Host:
    """The process once what is about to end has ended, or as it is after some time.

    There is nothing to wait on but the threads, descriptors and children themselves.
    """
    deadline = time.monotonic() + SOON
    while (now := host_now()).has_more_than(before) and time.monotonic() < deadline:  # noqa: ASYNC110 - see above
        await asyncio.sleep(0.01)
    return now


def descriptors() -> frozenset[int]:
    """The open file descriptors."""
    found = [int(path.name) for path in Path("/dev/fd").iterdir()]
    return frozenset(fd for fd in found if _is_open(fd))


def children() -> frozenset[int]:
    """The numbers of this process's children, where the system tells (Linux)."""
    found: set[int] = set()
    for one in Path("/proc/self/task").glob("*/children"):
        with contextlib.suppress(OSError):  # the thread has ended meanwhile
            found.update(map(int, one.read_text().split()))
    return frozenset(found)


def _is_open(fd: int) -> bool:
    """The descriptor that lists the folder is in the list too, and closed when it is read."""
    with contextlib.suppress(OSError):
        os.fstat(fd)
        return True
    return False


def _interpreter() -> dict[str, Any]:
    return {
        "environment": {name: one for name, one in os.environ.items() if "PYTEST" not in name},
        "working folder": Path.cwd(),
        "locale": locale.setlocale(locale.LC_ALL),
        "hooks": (sys.excepthook, sys.unraisablehook, sys.displayhook, threading.excepthook),
        "tracing": (sys.gettrace(), sys.getprofile()),
        "switch interval": sys.getswitchinterval(),
        "recursion limit": sys.getrecursionlimit(),
        "garbage collection": (gc.isenabled(), gc.get_threshold()),
        "frozen": gc.get_freeze_count(),
        "signals": {one: signal.getsignal(one) for one in signal.valid_signals()},
        "blocked signals": signal.pthread_sigmask(signal.SIG_BLOCK, ()),
        "standard descriptors": [os.fstat(fd)[:3] for fd in (0, 1, 2)],
        "exit functions": atexit._ncallbacks(),
        "builtins": (builtins.print, builtins.input, builtins.open, builtins.__import__),
        "warning filters": list(warnings.filters),
    }


def _logging() -> dict[str, Any]:
    known = {"root": logging.getLogger(), **logging.Logger.manager.loggerDict}
    loggers = {name: one for name, one in known.items() if isinstance(one, logging.Logger)}
    return {
        "loggers": {name: _settings(one) for name, one in loggers.items() if _is_hosts(name)},
        "logging": (logging.lastResort, logging.getLoggerClass(), logging.getLogRecordFactory()),
    }


def _is_hosts(name: str) -> bool:
    return not name.startswith("task.")


def _settings(logger: logging.Logger) -> tuple[object, ...]:
    lists = (tuple(logger.handlers), tuple(logger.filters))
    return (logger.level, logger.disabled, logger.propagate, *lists)


def _loop() -> dict[str, Any]:
    loop = asyncio.get_running_loop()
    return {
        "loop policy": asyncio.get_event_loop_policy(),
        "loop": (loop, loop.get_debug(), loop.get_exception_handler(), loop.get_task_factory()),
    }


def _lent() -> dict[str, Any]:
    return {
        "streams": (sys.stdin, sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__),
        "functions": _functions(),
        "threads": frozenset(threading.enumerate()),
        "descriptors": descriptors(),
        "children": children(),
        "loop's tasks": frozenset(asyncio.all_tasks()) - {asyncio.current_task()},
        "import": (list(sys.path), list(sys.meta_path), list(sys.path_hooks)),
        "modules": frozenset(filter(_is_foreign, sys.modules)),
    }


def _is_foreign(module: str) -> bool:
    """Whether a module is neither Python's nor the engine's, which import each other late."""
    return module.partition(".")[0] not in {*sys.stdlib_module_names, "taskengine"}


def _functions() -> dict[str, object]:
    """What is wrapped while output is captured, as it stands in its class or module."""
    owners: dict[str, tuple[object, str]] = {
        "Popen": (subprocess.Popen, "__init__"),
        "Popen.wait": (subprocess.Popen, "wait"),
        "Popen.poll": (subprocess.Popen, "poll"),
        "Process.wait": (asyncio.subprocess.Process, "wait"),
        "os.system": (os, "system"),
        "Thread.start": (threading.Thread, "start"),
        "pools": (concurrent.futures.ThreadPoolExecutor, "submit"),
        "loggers": (logging.Logger, "callHandlers"),
        "handlers": (logging.Handler, "handle"),
        "warnings": (warnings, "showwarning"),
        "redirect_stdout": (contextlib.redirect_stdout, "__enter__"),
    }
    return {name: vars(owner).get(at) for name, (owner, at) in owners.items()}
