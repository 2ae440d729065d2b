"""The fork server: a fresh interpreter with one thread that has imported what every run needs, and
forks a keeper for each.
"""

import contextlib
import gc
import os
import signal
import socket
import sys
import time
import traceback
from collections.abc import Sequence
from typing import NoReturn

from taskengine.executors.process.child.life import TaskEnds, live
from taskengine.executors.process.descendants import descendants
from taskengine.executors.process.keeper import LAST_SECONDS, LINGER_SECONDS, keep
from taskengine.executors.process.parentage import adopt_orphans, watch_process
from taskengine.executors.process.wakeups import wait_for_any, wake_on_child_death

_ENDS = 1 + len(TaskEnds._fields)
_KEEPER_SECONDS = LINGER_SECONDS + LAST_SECONDS + 0.2  # what one takes at the most


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
            ready = wait_for_any(watched)
            if self._wakeups in ready:
                os.read(self._wakeups, 4096)
                self._reap()
            elif self._engine.fileno() not in ready or not self._serve():
                self._outlive_keepers()
                os._exit(0)

    def _outlive_keepers(self) -> None:
        deadline = time.monotonic() + _KEEPER_SECONDS
        while self._keepers and (rest := deadline - time.monotonic()) > 0:
            if wait_for_any([self._wakeups], rest):
                os.read(self._wakeups, 4096)
                self._reap()
        if self._keepers:
            self._end_keepers()

    def _end_keepers(self) -> None:
        """Kill those that do not end because a task has stopped them, and what they have kept."""
        for keeper in self._keepers:
            os.kill(keeper, signal.SIGKILL)
        deadline = time.monotonic() + LAST_SECONDS
        while self._reap() and time.monotonic() < deadline:
            self._kill_leftovers()
            time.sleep(0.001)

    def _serve(self) -> bool:
        """Answer a request; False if there will be no more."""
        data, fds, _, _ = socket.recv_fds(self._engine, 1, _ENDS)
        try:
            if len(fds) == _ENDS:
                self._fork_keeper(fds)
        except OSError:
            traceback.print_exc()  # the engine sees by the keeper's socket that there is no keeper
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

    def _reap(self) -> bool:
        """Take note of the dead, and kill what they have left; False if no child is alive."""
        has_leftovers = has_children = False
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    has_children = True
                    break
                has_leftovers |= os.WIFSIGNALED(status) or pid not in self._keepers
                self._keepers.discard(pid)
        if has_leftovers:
            self._kill_leftovers()
        return has_children

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
