"""How a task hears in its own process that it shall stop."""

import _thread
import signal
import threading
from collections.abc import Callable
from types import FrameType


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


def ignore_interrupts() -> None:
    """The call is over: what comes too late to stop it must not stop the telling of its end."""
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, signal.SIG_IGN)
