"""Runs each task in a process of its own."""

import os
import socket
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from taskengine.errors import TaskFailed
from taskengine.executors.ending import failed_ending
from taskengine.executors.executor import Execution, Job
from taskengine.executors.refusal import Refusal

if TYPE_CHECKING:
    from taskengine.executors.process.host import Host

StartMethod = Literal["fork", "spawn"]


def default_start_method() -> StartMethod:
    """Fork where the system can, and can hand descriptors over."""
    return "fork" if hasattr(os, "fork") and hasattr(socket, "send_fds") else "spawn"


class ProcessExecutor:
    """Starts its thread and its fork server with the first run, and ends them in `stop`.

    Its parts are imported with the first run, too: most projects have no use for them.

    `start_method` "spawn" begins every run with fresh interpreters, which takes much longer.
    """

    def __init__(
        self, log_level: Callable[[], int | str], start_method: StartMethod | None = None
    ) -> None:
        self._log_level = log_level
        self._start_method = start_method or default_start_method()
        self._lock = threading.Lock()
        self._host: Host | None = None

    def prepare(self, job: Job) -> Execution:
        """A call in a process that is still to be started."""
        origin = job.task.origin
        if origin is None:
            return Refusal(failed_ending(_nowhere_to_be_found(job.task.name)))
        from taskengine.executors.process.execution import ProcessExecution

        return ProcessExecution(job, origin, self._running_host())

    def stop(self) -> None:
        """End every process that is left, whatever it does."""
        with self._lock:
            if self._host is not None:
                self._host.stop()

    def _running_host(self) -> "Host":
        with self._lock:
            if self._host is None:
                self._host = self._start()
            return self._host

    def _start(self) -> "Host":
        from taskengine.executors.process.host import Host
        from taskengine.executors.process.launch import ForkLauncher, SpawnLauncher

        launcher = ForkLauncher() if self._start_method == "fork" else SpawnLauncher()
        host = Host(launcher, self._log_level)
        host.start()
        return host


def _nowhere_to_be_found(task: str) -> TaskFailed:
    return TaskFailed(
        f'Task `{task}` has isolation = "process", but its code is in no file of the project, '
        "where another process could find it"
    )
