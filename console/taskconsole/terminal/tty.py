"""A private handle of the terminal, and its state before the console drew on it."""

import fcntl
import os
import termios
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

from taskconsole.terminal.guard import Guard
from taskconsole.terminal.sequences import RESET, SCREEN_SWITCHES
from taskconsole.terminal.writer import TerminalWriter

_Attributes = list[Any]  # as `termios.tcgetattr` gives them


class NoTerminal(Exception):
    """There is nothing to draw on; the message is one line for the user."""


class Terminal:
    """The terminal of this process, reached by a handle that no other code knows.

    `fd` is its descriptor, for reading keys and for programs that get the terminal for a while;
    `file` draws on it. With `keeps_picture` an application that ends leaves its last picture there,
    for another one that begins at once to draw over.
    """

    def __init__(self, fd: int, guard: Guard) -> None:
        self.fd = fd
        self.file = TerminalWriter(fd)
        self._guard = guard
        self._is_drawn_on = False
        self.keeps_picture = False

    @classmethod
    @contextmanager
    def claim(cls) -> Iterator[Self]:
        """Own the terminal for a while; afterwards it is as it was, whatever happened.

        Raises NoTerminal, before anything has been changed, if there is none or it can't do more
        than print lines.
        """
        require_terminal(os.environ)
        fd = _private_handle()
        attributes = termios.tcgetattr(fd)
        guard = Guard(fd, attributes)
        terminal = cls(fd, guard)
        try:
            yield terminal
        finally:
            terminal._restore(attributes)
            guard.close()
            os.close(fd)

    @property
    def size(self) -> tuple[int, int]:
        """Columns and lines; 80 by 24 where the terminal does not tell."""
        try:
            columns, lines = os.get_terminal_size(self.fd)
        except OSError:
            return 80, 24
        return columns or 80, lines or 24

    def begin_drawing(self) -> None:
        """The application is about to switch to its own screen and modes."""
        self._is_drawn_on = True
        self._guard.tell(is_drawn_on=True)

    def end_drawing(self) -> None:
        """The application has left its screen and modes, unless it was to leave its picture."""
        if not self.keeps_picture:
            self._is_drawn_on = False
            self._guard.tell(is_drawn_on=False)

    def to_write(self, text: str) -> str:
        """What is to be written of a sequence of an application: nothing, if that would take away a
        picture that is to stay.
        """
        return "" if self.keeps_picture and text in SCREEN_SWITCHES else text

    def _restore(self, attributes: _Attributes) -> None:
        # A reset after a clean end would move the cursor over what was printed last.
        if self._is_drawn_on:
            self.keeps_picture = False
            self.file.write(RESET)
            self.end_drawing()
        self.file.flush()
        try:
            termios.tcsetattr(self.fd, termios.TCSANOW, attributes)
        except termios.error:
            return  # the terminal itself is gone


def require_terminal(environ: Mapping[str, str]) -> None:
    """Raise NoTerminal unless this process can draw on a terminal and read keys from it."""
    for fd, name in ((0, "input"), (1, "output")):
        if not os.isatty(fd):
            raise NoTerminal(
                f"taskconsole needs a terminal, but standard {name} is not one; "
                "start it in a terminal window, without a pipe or redirection"
            )
    kind = environ.get("TERM", "")
    if kind in {"", "dumb", "unknown"}:
        raise NoTerminal(
            "taskconsole needs a terminal that can move the cursor, "
            f"but TERM is {kind or 'not set'}; start it in another one, or set TERM if this one can"
        )


def _private_handle() -> int:
    """A handle with an open file description of its own: nobody else's O_NONBLOCK counts."""
    try:
        return os.open(os.ttyname(1), os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return fcntl.fcntl(1, fcntl.F_DUPFD_CLOEXEC, 3)
