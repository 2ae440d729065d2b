"""Ctrl-C and its kin while a run goes on: the first asks it to stop, the next one leaves, and so
does time.
"""

import signal
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SIGNALLED = 128
_SHORTEST = 0.001  # seconds; a timer of 0 never rings


class Interrupts:
    """Signals that ask this process to end, from entering to leaving it as a context manager.

    `code` is the exit code that shells know the first one by, 130 for Ctrl-C and 143 for SIGTERM;
    None if there was none. Until `ask` is set, it raises KeyboardInterrupt, or SystemExit with the
    code. Later ones call `leave`; `give_up` is called when `patience` seconds have passed since the
    first. All are called on the main thread, in the middle of anything. A signal that is ignored,
    as `nohup` wants it, stays so.
    """

    def __init__(self) -> None:
        self.code: int | None = None
        self.ask: Callable[[], None] | None = None
        self.leave: Callable[[int], None] | None = None
        self.give_up: Callable[[], None] | None = None
        self.patience = 0.0
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        self._before[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._take_alarm)
        for one in _SIGNALS:
            if signal.getsignal(one) is not signal.SIG_IGN:
                self._before[one] = signal.signal(one, self._take)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for one, handler in self._before.items():
            signal.signal(one, handler)

    def _take(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - Python's form
        code = _SIGNALLED + number
        if self.code is not None and self.leave:
            self.leave(code)
        self.code = self.code or code
        if self.ask:
            signal.setitimer(signal.ITIMER_REAL, max(self.patience, _SHORTEST))
            self.ask()
        elif number == signal.SIGINT:
            raise KeyboardInterrupt
        else:
            raise SystemExit(code)

    def _take_alarm(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        if self.give_up:
            self.give_up()
