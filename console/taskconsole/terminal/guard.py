"""A small process that puts the terminal right when the console was killed on the spot."""

import marshal
import os
import subprocess
import sys
import weakref
from pathlib import Path
from typing import Any

from taskconsole.terminal.sequences import RESET

_PROGRAM = Path(__file__).with_name("guard_program.py")


class Guard:
    """Watches this process from a session of its own, through a pipe that ends when we do.

    `attributes` are the terminal's, from `termios.tcgetattr`, as they shall be afterwards.
    """

    def __init__(self, terminal: int, attributes: list[Any]) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - this Python and a program of our own
            [sys.executable, "-I", "-S", _PROGRAM, str(terminal)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            pass_fds=[terminal],
            start_new_session=True,
        )
        self._write(marshal.dumps((attributes, RESET.encode())).hex().encode() + b"\n")
        _close_in_forks(self)

    def tell(self, *, is_drawn_on: bool) -> None:
        """Say whether the terminal would have to be put right if this process died now."""
        self._write(b"1" if is_drawn_on else b"0")

    def _write(self, data: bytes) -> None:
        pipe = self._process.stdin
        try:
            if pipe is not None and not pipe.closed:
                pipe.write(data)
        except BrokenPipeError:
            return  # somebody has killed the guard: the console works without it

    def close(self) -> None:
        """End the guard; it does nothing more."""
        self._process.kill()
        self._process.communicate()

    def let_go(self) -> None:
        """In a forked child: its copy of the pipe must not keep the guard waiting."""
        if self._process.stdin is not None:
            self._process.stdin.close()


def _close_in_forks(guard: Guard) -> None:
    """Such a hook can't be taken back, so it must not keep the guard alive."""
    reference = weakref.ref(guard)

    def after_in_child() -> None:
        alive = reference()
        if alive is not None:
            alive.let_go()

    os.register_at_fork(after_in_child=after_in_child)
