"""Other programs on a test's files: each is a piece of Python that says where it has got to."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from textwrap import dedent
from typing import IO


class Program:
    """Talks by lines; it ends when it is killed, or by itself after `finish`."""

    def __init__(self, code: str, *arguments: object) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", dedent(code), *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @property
    def pid(self) -> int:
        return self.process.pid

    def hear(self) -> str:
        """The next line that it says; empty when it has ended."""
        return self._stream(self.process.stdout).readline().strip()

    def tell(self, line: str = "") -> None:
        """Let it read a line."""
        stream = self._stream(self.process.stdin)
        stream.write(f"{line}\n")
        stream.flush()

    def kill(self) -> None:
        """End it at once, and wait until it is gone."""
        self.process.kill()
        self.process.wait()

    def finish(self) -> str:
        """Let it end by itself, and give back what it says until then."""
        words, _ = self.process.communicate()
        assert self.process.returncode == 0
        return words.strip()

    def close(self) -> None:
        self.kill()
        for stream in (self.process.stdin, self.process.stdout):
            self._stream(stream).close()

    @staticmethod
    def _stream(stream: IO[str] | None) -> IO[str]:
        assert stream is not None
        return stream


@contextmanager
def running(code: str, *arguments: object) -> Iterator[Program]:
    """A program that is gone at the end, whatever happens."""
    program = Program(code, *arguments)
    try:
        yield program
    finally:
        program.close()
