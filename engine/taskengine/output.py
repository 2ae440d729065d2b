"""What a run writes: one line as a compact string, and the bounded buffer that holds a run's lines.

A line is kept as a single `str`: a flood of 100,000 lines a second held as tuples or objects gives
the garbage collector enough to do to make the screen stutter. Readers decode what they show.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Protocol

MAX_LINES = 100_000
MAX_CHARS = 10_000_000
HEAD_LINES = 1_000
_TIME_DIGITS = 13
_SEPARATOR = "\x1f"


class OutputKind(StrEnum):
    """Where a line came from: a stream, the level of a log record, or the engine itself."""

    STDOUT = "o"
    STDERR = "e"
    DEBUG = "D"
    INFO = "I"
    WARNING = "W"
    ERROR = "E"
    CRITICAL = "C"
    NOTE = "n"


@dataclass(frozen=True, slots=True)
class OutputLine:
    """One line. `time` is in milliseconds since the epoch; `logger` is empty for streams."""

    time: int
    kind: OutputKind
    logger: str
    text: str

    def encode(self) -> str:
        """The line as the compact string that buffers hold."""
        return line_prefix(self.time, self.kind, self.logger) + self.text

    @classmethod
    def decode(cls, encoded: str) -> "OutputLine":
        """The line that `encode` made into a string."""
        logger, _, text = encoded[_TIME_DIGITS + 1 :].partition(_SEPARATOR)
        kind = OutputKind(encoded[_TIME_DIGITS])
        return cls(int(encoded[:_TIME_DIGITS]), kind, logger, text)


def line_prefix(time: int, kind: OutputKind, logger: str = "") -> str:
    """What stands before the text in an encoded line; the same for all lines of one write."""
    return str(time).zfill(_TIME_DIGITS) + kind + logger + _SEPARATOR


@dataclass(frozen=True, slots=True)
class OutputExtent:
    """Which lines of an output can be read: `total` were written, those from `gap_start` up to
    `gap_end` were dropped. Lines are numbered from 0; without a gap both ends are equal.
    """

    total: int
    gap_start: int
    gap_end: int

    @property
    def dropped(self) -> int:
        """How many lines were dropped."""
        return self.gap_end - self.gap_start

    @property
    def kept(self) -> int:
        """How many lines can be read."""
        return self.total - self.dropped


class Output(Protocol):
    """A run's output, to be pulled by whoever shows it."""

    @property
    def extent(self) -> OutputExtent:
        """Which lines can be read at this moment."""

    @property
    def partial(self) -> str:
        """What was written after the last line break, undecorated; empty when there is nothing."""

    def has(self, start: int, stop: int) -> bool:
        """Whether the lines from `start` up to `stop` are at hand, so that `read` gives them. Those
        of a distant engine may not be; asking for them makes them come.
        """

    async def fetch(self, start: int, stop: int) -> None:
        """Return when the lines from `start` up to `stop` are at hand; of more than there is room
        for, only the first ones. The extent is known then. Raises EngineUnreachable.
        """

    def read(self, start: int, stop: int) -> list[str]:
        """The encoded lines from `start` up to `stop`, without those dropped or not yet written;
        none where they are not all at hand.
        """


class AtHand:
    """An output whose lines are in this process, or in a file of it."""

    def has(self, start: int, stop: int) -> bool:  # noqa: ARG002 - the same for all
        """Whether lines are at hand: always."""
        return True

    async def fetch(self, start: int, stop: int) -> None:
        """Return when lines are at hand: at once."""


class OutputBuffer(AtHand):
    """The last lines of a run and its first ones; what falls between them is counted and dropped.

    Written to from any number of threads, read from any other. `on_line` is called once with
    the buffer, when the next line has come, by the thread that wrote it; then it is None until it
    is set again. It is called in the middle of whatever that thread does, so it must wait for no
    lock.
    """

    def __init__(
        self,
        *,
        max_lines: int = MAX_LINES,
        max_chars: int = MAX_CHARS,
        head_lines: int = HEAD_LINES,
    ) -> None:
        self._room = max_lines
        self._max_chars = max_chars
        self._head_lines = min(head_lines, max_lines // 2)
        self._head: list[str] = []
        self._tail: deque[str] = deque()
        self._chars = 0
        self._total = 0
        self._lock = threading.RLock()  # a __del__ that prints may run while it is held
        self.show_partial: Callable[[], str] = str
        self.on_line: Callable[[OutputBuffer], object] | None = None

    @property
    def partial(self) -> str:
        """What was written after the last line break, undecorated; empty when there is nothing."""
        return self.show_partial()

    @partial.setter
    def partial(self, text: str) -> None:
        self.show_partial = lambda: text

    def append(self, encoded: str) -> None:
        """Add one line, made by `OutputLine.encode`."""
        with self._lock:
            self._total += 1
            self._chars += len(encoded)
            if not self._tail and self._fits_head():
                self._head.append(encoded)
                self._room -= 1
                if self.on_line:
                    self._tell()
                return
            tail = self._tail
            tail.append(encoded)
            if len(tail) > self._room or self._chars > self._max_chars:
                self._shorten(tail)
            if self.on_line:
                self._tell()

    def _tell(self) -> None:
        on_line, self.on_line = self.on_line, None
        if on_line:
            on_line(self)

    def _shorten(self, tail: deque[str]) -> None:
        while len(tail) > 1 and (len(tail) > self._room or self._chars > self._max_chars):
            self._chars -= len(tail.popleft())

    def _fits_head(self) -> bool:
        return len(self._head) < self._head_lines and self._chars <= self._max_chars // 2

    @property
    def chars(self) -> int:
        """How many characters are held."""
        return self._chars

    @property
    def total(self) -> int:
        """How many lines were written."""
        return self._total

    @property
    def extent(self) -> OutputExtent:
        """Which lines can be read at this moment."""
        with self._lock:
            return OutputExtent(self._total, len(self._head), self._total - len(self._tail))

    def read(self, start: int, stop: int) -> list[str]:
        """The encoded lines from `start` up to `stop`, without those dropped or not yet written."""
        with self._lock:
            first = self._total - len(self._tail)
            head = self._head[max(start, 0) : max(stop, 0)]
            return head + _slice(self._tail, max(start - first, 0), stop - first)

    def read_on(self, start: int, limit: int) -> tuple[int, list[str]]:
        """The first lines from `start` on that are held, up to `limit` of them without a gap, and
        the number of the first one; it is `start` unless lines were dropped.
        """
        with self._lock:
            if start < len(self._head):
                return start, self._head[start : start + limit]
            first = self._total - len(self._tail)
            start = max(start, first)
            return start, _slice(self._tail, start - first, start - first + limit)


def _slice(lines: deque[str], start: int, stop: int) -> list[str]:
    """A part of a deque, walked to from its nearer end: an index in its middle is slow to find."""
    stop = min(stop, len(lines))
    if start >= stop:
        return []
    if start < len(lines) - stop:
        return list(islice(lines, start, stop))
    part = list(islice(reversed(lines), len(lines) - stop, len(lines) - start))
    part.reverse()
    return part
