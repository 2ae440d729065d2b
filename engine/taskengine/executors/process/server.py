"""The fork server: a fresh interpreter with one thread that has imported what every run needs, and
forks a keeper for each.
"""

import contextlib
import gc
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

from taskengine.executors.process.child.life import TaskEnds, live
from taskengine.executors.process.descendants import descendants
from taskengine.executors.process.keeper import keep
from taskengine.executors.process.parentage import adopt_orphans, watch_process
from taskengine.executors.process.wakeups import wake_on_child_death

_ENDS = 1 + len(TaskEnds._fields)


def main(engine_fd: int, engine_pid: int) -> NoReturn:
    """Fork a keeper for every request, until the engine is gone.

    A request is a byte, with the descriptors of the keeper's socket and of the run's `TaskEnds`.
    """
    adopt_orphans()
    gc.collect()
    gc.freeze()  # a collection in a child would copy the pages that all of them share
    ForkServer(socket.socket(fileno=engine_fd), engine_pid).run()


class ForkServer:
    """Knows its keepers; every other child that it gets was left over when one was killed."""

    def __init__(self, engine: socket.socket, engine_pid: int) -> None:
        self._engine = engine
        self._engine_pid = engine_pid
        self._wakeups = wake_on_child_death()
        self._keepers: set[int] = set()

    def run(self) -> NoReturn:
        """Serve until the engine is gone; its keepers see to their runs themselves."""
        watched = [self._engine.fileno(), self._wakeups, *watch_process(self._engine_pid)]
        while True:
            ready, _, _ = select.select(watched, [], [])
            if self._wakeups in ready:
                os.read(self._wakeups, 4096)
                self._reap()
            elif self._engine.fileno() not in ready or not self._serve():
                self._outlive_keepers()
                os._exit(0)

    def _outlive_keepers(self) -> None:
        while self._keepers:
            select.select([self._wakeups], [], [])
            os.read(self._wakeups, 4096)
            self._reap()

    def _serve(self) -> bool:
        """Answer a request; False if there will be no more."""
        data, fds, _, _ = socket.recv_fds(self._engine, 1, _ENDS)
        try:
            if len(fds) == _ENDS:
                self._fork_keeper(fds)
        except OSError:
            return True  # the engine sees by the keeper's socket that there is no keeper
        finally:
            for fd in fds:
                os.close(fd)
        return bool(data)

    def _fork_keeper(self, fds: Sequence[int]) -> None:
        pid = os.fork()
        if pid:
            self._keepers.add(pid)
            return
        try:
            self._engine.close()
            os.close(self._wakeups)
            keeper, *ends = fds
            keep(keeper, self._engine_pid, lambda: _fork_task(keeper, TaskEnds(*ends)))
        except BaseException:  # noqa: BLE001 - the engine reads it when there is no process
            traceback.print_exc()
        finally:
            os._exit(1)

    def _reap(self) -> None:
        has_leftovers = False
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    break
                has_leftovers |= os.WIFSIGNALED(status) or pid not in self._keepers
                self._keepers.discard(pid)
        if has_leftovers:
            self._kill_leftovers()

    def _kill_leftovers(self) -> None:
        for pid in descendants(without=self._keepers):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)


def _fork_task(keeper: int, ends: TaskEnds) -> int:
    """Fork the task's process from the keeper; the keeper lets go of the task's descriptors."""
    parent = os.getpid()
    pid = os.fork()
    if not pid:
        try:
            os.close(keeper)
            live(ends, parent)
        except BaseException:  # noqa: BLE001 - where it ends up, the run's output, it can be read
            traceback.print_exc(file=sys.__stderr__)
        finally:
            os._exit(1)
    for fd in ends:
        os.close(fd)
    return pid
