"""The process between the engine and a task's: starts the task's process, passes signals on to it,
tells how it ended, and leaves nothing of the run behind.
"""

import contextlib
import os
import signal
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import NoReturn

from taskengine.executors.process.descendants import kill_descendants
from taskengine.executors.process.parentage import adopt_orphans, watch_process
from taskengine.executors.process.wakeups import wait_for_any, wake_on_child_death

LINGER_SECONDS = 0.1
LAST_SECONDS = 2.0
_RECORD = struct.Struct("!Biiq")


class KeeperWord(IntEnum):
    """What a keeper tells."""

    STARTED = 1
    ENDED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class KeeperRecord:
    """What the engine is told: that the task's process has started, or how it ended.

    `pid` is the keeper's own, `status` that of `waitpid` for the task's process, `peak` the most
    memory that was in use there, in bytes.
    """

    word: KeeperWord
    pid: int = 0
    status: int = 0
    peak: int = 0

    SIZE = _RECORD.size

    def pack(self) -> bytes:
        """The record as `SIZE` bytes."""
        return _RECORD.pack(self.word, self.pid, self.status, self.peak)

    @classmethod
    def unpack(cls, data: bytes) -> "KeeperRecord":
        """The record that `pack` made into bytes."""
        word, pid, status, peak = _RECORD.unpack(data)
        return cls(word=KeeperWord(word), pid=pid, status=status, peak=peak)


StartTask = Callable[[], int]


def keep(engine_fd: int, engine_pid: int, start_task: StartTask) -> NoReturn:
    """Be the keeper of what `start_task` starts; it gives back the process's id.

    The engine sends signals, a byte each; SIGKILL is for all that belongs to the run. When the
    engine is gone, all is killed.
    """
    adopt_orphans()
    wakeups = wake_on_child_death()
    task = start_task()
    Keeper(socket.socket(fileno=engine_fd), engine_pid, task, wakeups).run()
    os._exit(0)


class Keeper:
    """Watches over the process `task`. `wakeups` can be read when a child has died."""

    def __init__(self, engine: socket.socket, engine_pid: int, task: int, wakeups: int) -> None:
        self._engine = engine
        self._engine_watch = watch_process(engine_pid)
        self._task = task
        self._wakeups = wakeups
        self._has_children = True
        self._end: KeeperRecord | None = None

    def run(self) -> None:
        """Come back when the task's process has ended and nothing is left of it."""
        self._tell(KeeperRecord(word=KeeperWord.STARTED, pid=os.getpid()))
        watched = [self._engine.fileno(), self._wakeups, *self._engine_watch]
        while self._end is None:
            ready = wait_for_any(watched)
            if self._wakeups in ready:
                os.read(self._wakeups, 4096)
                self._reap()
            elif self._engine.fileno() in ready:
                self._obey()
            else:
                self._kill_all()
        self._linger()
        self._kill_all()
        self._tell(self._end)

    def _linger(self) -> None:
        """Leave those a moment that end by themselves when the task's process has ended."""
        deadline = time.monotonic() + LINGER_SECONDS
        while self._has_children and (rest := deadline - time.monotonic()) > 0:
            if wait_for_any([self._wakeups], rest):
                os.read(self._wakeups, 4096)
            self._reap()

    def _obey(self) -> None:
        try:
            signals = self._engine.recv(64) or bytes([signal.SIGKILL])
        except OSError:
            signals = bytes([signal.SIGKILL])
        for number in signals:
            if number == signal.SIGKILL:
                self._kill_all()
                return
            with contextlib.suppress(OSError):  # the task may have become another user's
                os.kill(self._task, number)

    def _kill_all(self) -> None:
        """Kill until no child is left: every descendant becomes one when those above it are gone.

        A process that the kernel holds in a call of its own can't be killed; it is not waited for.
        """
        deadline = time.monotonic() + LAST_SECONDS
        self._reap()
        while self._has_children and time.monotonic() < deadline:
            kill_descendants(self._task)
            time.sleep(0.001)
            self._reap()
        if self._end is None:
            self._end = _ended(signal.SIGKILL, 0)

    def _reap(self) -> None:
        try:
            while True:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
                if not pid:
                    return
                if pid == self._task:
                    self._end = _ended(status, usage.ru_maxrss * _MAXRSS_UNIT)
        except ChildProcessError:
            self._has_children = False

    def _tell(self, record: KeeperRecord) -> None:
        with contextlib.suppress(OSError):  # the engine may be gone
            self._engine.sendall(record.pack())


def _ended(status: int, peak: int) -> KeeperRecord:
    return KeeperRecord(word=KeeperWord.ENDED, pid=os.getpid(), status=status, peak=peak)


_MAXRSS_UNIT = 1 if os.uname().sysname == "Darwin" else 1024  # getrusage(2)
