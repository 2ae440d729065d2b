"""A program in a real pseudo-terminal, typed into and watched like one on a screen."""

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

# Makes the pty the controlling terminal of the program's own session, as a terminal window does.
_LAUNCHER = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "os.execv(sys.argv[1], sys.argv[1:])"
)
_ANSWERS = {
    b"\x1b[c": b"\x1b[?62;22c",
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",
    b"\x1b[?2048$p": b"\x1b[?2048;0$y",
}
_SEQUENCE = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[P^_][^\x1b]*\x1b\\"
    r"|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]"
)
_MOVES = re.compile(r"\x1b\[\d*(?:;\d*)?H")
_SAFETY = 60.0


class PtyProgram:
    """Runs `argv` in a terminal of `columns` by `lines` until it ends or the block is left."""

    def __init__(
        self,
        argv: Sequence[str | Path],
        *,
        columns: int = 120,
        lines: int = 36,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.raw = b""
        self._is_open = True
        self._changed = threading.Condition()
        self._master, slave = os.openpty()
        self._slave = slave
        self._set_size(columns, lines)
        self.attributes_before = termios.tcgetattr(slave)
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _LAUNCHER, *map(str, argv)],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", **(env or {})},
            cwd=cwd,
        )
        self._wake_reader, self._wake_writer = os.pipe()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self.hang_up()

    def hang_up(self) -> None:
        """Close the terminal, as a window that is shut; nothing can be asked of it afterwards."""
        if self._is_open:
            self._is_open = False
            os.close(self._wake_writer)
            self._reader.join()
            for fd in (self._wake_reader, self._slave, self._master):
                os.close(fd)

    @property
    def pid(self) -> int:
        """The program's process id, which is that of its session and group too."""
        return self._process.pid

    @property
    def text(self) -> str:
        """All that was drawn so far, without escape sequences; each move begins a new line."""
        return as_text(self.raw)

    @property
    def attributes(self) -> list[object]:
        """The terminal's modes as they are now, from `termios.tcgetattr`."""
        return list(termios.tcgetattr(self._slave))

    def mark(self) -> int:
        """A place in what was drawn, for `wait_for(..., since=...)`."""
        return len(self.raw)

    def wait_for(self, pattern: str, *, since: int = 0, timeout: float = _SAFETY) -> str:
        """Wait until the text that was drawn since a mark matches, and give back what matched."""
        found: list[str] = []

        def matches() -> bool:
            match = re.search(pattern, as_text(self.raw[since:]))
            found.extend([match.group()] if match else [])
            return match is not None

        self._wait(matches, f"no {pattern!r}", timeout)
        return found[0]

    def wait_for_bytes(self, data: bytes, *, since: int = 0, timeout: float = _SAFETY) -> None:
        """Wait until these very bytes have come since a mark."""
        self._wait(lambda: data in self.raw[since:], f"no {data!r}", timeout)

    def wait_for_attributes(self, expected: list[object], timeout: float = _SAFETY) -> None:
        """Wait until the terminal has these modes; nothing tells us, so it is asked again."""
        end = time.monotonic() + timeout
        while self.attributes != expected:
            assert time.monotonic() < end, f"terminal modes {self.attributes}, not {expected}"
            select.select([], [], [], 0.01)

    def wait_end(self, timeout: float = _SAFETY) -> int:
        """Wait until the program ends: its exit code, or minus the signal that killed it."""
        return self._process.wait(timeout)

    def wait_abandoned(self, timeout: float = _SAFETY) -> None:
        """Wait until no process but this one has the terminal open."""
        end = time.monotonic() + timeout
        while holders := _holders(os.ttyname(self._slave)):
            assert time.monotonic() < end, f"processes {holders} have the terminal open"
            select.select([], [], [], 0.01)

    def send(self, keys: str) -> None:
        """Type."""
        os.write(self._master, keys.encode())

    def signal(self, number: signal.Signals) -> None:
        """Send the program a signal."""
        os.kill(self.pid, number)

    def resize(self, columns: int, lines: int) -> None:
        """Change the terminal's size; the program gets SIGWINCH as it would from a window."""
        self._set_size(columns, lines)

    def _set_size(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def _wait(self, is_so: Callable[[], bool], complaint: str, timeout: float) -> None:
        with self._changed:
            arrived = self._changed.wait_for(is_so, timeout)
        assert arrived, f"{complaint} within {timeout} s; the last of the screen:\n{self._tail()}"

    def _tail(self) -> str:
        return "\n".join(line for line in self.text.splitlines() if line.strip())[-3000:]

    def _read(self) -> None:
        while True:
            ready, _, _ = select.select([self._master, self._wake_reader], [], [])
            if self._master not in ready:
                return
            data = os.read(self._master, 65_536)
            with self._changed:
                self.raw += data
                self._changed.notify_all()
            for question, answer in _ANSWERS.items():
                for _ in range(data.count(question)):
                    os.write(self._master, answer)


def _holders(terminal: str) -> list[int]:
    """The other processes that have a terminal open."""
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
    return [pid for pid in pids if pid != os.getpid() and terminal in _open_files(pid)]


def _open_files(pid: int) -> set[str]:
    try:
        return {str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir()}
    except OSError:
        return set()  # it has ended meanwhile, or is somebody else's


def as_text(raw: bytes) -> str:
    """What is left of terminal output when its escape sequences are taken away."""
    text = raw.decode(errors="replace").replace("\r", "")
    return _SEQUENCE.sub("", _MOVES.sub("\n", text))
