"""How a task hears in its own process that it shall stop."""

import _thread
import contextlib
import os
import signal
import threading
from collections.abc import Callable
from types import FrameType

from taskengine.executors.process.wakeups import new_pipe, wait_for_any


def restore_signals() -> None:
    """Handle signals as a fresh interpreter does; the keeper's ways are not the task's."""
    signal.set_wakeup_fd(-1)
    for one in (signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def cancel_on_sigterm(cancelled: threading.Event, cancel: Callable[[], None]) -> None:
    """Let SIGTERM set the event and call `cancel`; SIGINT raises KeyboardInterrupt, as ever."""

    def ask_to_stop() -> None:
        cancelled.set()
        cancel()

    def handle(_number: int, _frame: FrameType | None) -> None:
        # On a thread: the main one may hold the very locks that this needs.
        _thread.start_new_thread(ask_to_stop, ())

    signal.signal(signal.SIGTERM, handle)


class Wakeups:
    """A pipe that can be read when a signal has come, or when `wake` was called.

    It stays open to the end of the process: another thread may be about to write.
    """

    def __init__(self) -> None:
        self._reader, self._writer = new_pipe()

    def fileno(self) -> int:
        """The descriptor that can be read."""
        return self._reader

    def wake(self) -> None:
        """Let it be read; called from any thread."""
        with contextlib.suppress(BlockingIOError):  # it can be read already
            os.write(self._writer, b"\0")

    def wait(self) -> None:
        """Wait until it can be read. Raises what the handlers of signals raise."""
        wait_for_any([self._reader])
        self.drain()

    def drain(self) -> None:
        """Let it not be read again before the next one."""
        with contextlib.suppress(BlockingIOError):
            os.read(self._reader, 4096)

    def wake_on_signals(self) -> None:
        """From now on, be woken by every signal that has a handler in Python, whichever thread gets
        it. The descriptor before it is not put back: the task may have closed that.
        """
        signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)


def ignore_interrupts() -> None:
    """The call is over: what comes too late to stop it must not stop the telling of its end."""
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, signal.SIG_IGN)
