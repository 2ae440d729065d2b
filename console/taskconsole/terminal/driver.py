"""Textual's driver on the private handle: it draws, reads keys and takes the size there."""

import os
import signal
from typing import Any, cast

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from taskconsole.terminal.tty import Terminal


class StoppableDriver(LinuxDriver):
    """A driver whose application is stopped and goes on between two steps of the loop.

    A signal interrupts anything: what Textual does in its handlers would wait for ever for a lock
    that the interrupted drawing holds. Only while another program has the terminal, and the loop
    stands still, is there nothing to wait for.
    """

    def _sigtstp_application(self, *_: object) -> None:
        if self._draws:
            self._loop.call_soon_threadsafe(self._leave_and_stop)
        else:
            _stop_group()

    def _sigcont_application(self, *_: object) -> None:
        if self._draws:
            self._loop.call_soon_threadsafe(self._go_on)

    @property
    def _draws(self) -> bool:
        return self._auto_restart and not self._loop.is_closed()

    def _leave_and_stop(self) -> None:
        if self._draws and not self._must_signal_resume:
            self.suspend_application_mode()
            self._must_signal_resume = True
        _stop_group()

    def _go_on(self) -> None:
        """Take the terminal again, also after a SIGSTOP, which nobody can prepare for: the
        shell has used the screen and set its own modes meanwhile.

        One that goes on in the background is stopped again as soon as it draws; `fg` gets here
        a second time.
        """
        if self._draws and _is_in_foreground(self.fileno) and not self._must_signal_resume:
            self.suspend_application_mode()
            self._must_signal_resume = True
        super()._sigcont_application()


def driver_class_for(terminal: Terminal) -> type[LinuxDriver]:
    """A driver class to be given to an app; an app makes the driver itself, from a class."""

    class TerminalDriver(StoppableDriver):
        """A Linux driver that leaves the process's standard streams alone."""

        def __init__(
            self,
            app: App[Any],
            *,
            debug: bool = False,
            mouse: bool = True,
            size: tuple[int, int] | None = None,
        ) -> None:
            # Without a size here, the first layout would ask descriptors 0, 1 and 2 for it.
            super().__init__(app, debug=debug, mouse=mouse, size=size or terminal.size)
            self._file = cast("Any", terminal.file)  # declared narrower than it is used
            self.fileno = terminal.fd
            self.input_tty = True

        def _get_terminal_size(self) -> tuple[int, int]:
            return terminal.size

        def start_application_mode(self) -> None:
            terminal.begin_drawing()
            super().start_application_mode()  # type: ignore[no-untyped-call]
            terminal.keeps_picture = False

        def write(self, data: str) -> None:
            """Write, but for what would take away a picture that is to stay."""
            super().write(terminal.to_write(data))

        def close(self) -> None:
            super().close()  # waits until the last sequence is written
            terminal.end_drawing()

    return TerminalDriver


def _stop_group() -> None:
    """Stop the whole process group, as the terminal's own ^Z does.

    A console started by `make` would stop alone otherwise, and the shell would go on waiting for
    `make`.
    """
    os.kill(0, signal.SIGSTOP)


def _is_in_foreground(fd: int) -> bool:
    """Whether the terminal is there for us; with a window that closes comes a SIGCONT as well."""
    try:
        return os.tcgetpgrp(fd) == os.getpgrp()
    except OSError:
        return False
