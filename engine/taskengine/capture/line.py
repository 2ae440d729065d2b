r"""The line that a source is in the middle of, drawn as a terminal would draw it.

A progress bar returns to the start of its line (`\r`), or goes up to an earlier one (`ESC [ A`),
and draws it again: that is one line that changes, and only its last state is kept.
"""

import re
from codecs import IncrementalDecoder
from collections import deque
from dataclasses import dataclass

MAX_ROWS = 50
_STEERING = re.compile(r"(\r|\x1b\[[0-2]?K|\x1b\[\d{0,3}A)")


@dataclass(frozen=True, slots=True)
class _Row:
    """A line that can still be drawn again; `told` is what was handed on of it already."""

    text: str
    told: str | None


class OpenLine:
    """What one source has written since its last line break.

    Code that prints may interrupt any call here, in the same thread (a signal, a `__del__`): the
    pieces are therefore added and taken one by one, so that none is lost or taken twice.
    """

    __slots__ = (
        "_above", "_below", "_has_returned", "_told", "decoder", "is_steered", "last", "pieces",
        "size",
    )  # fmt: skip

    def __init__(self) -> None:
        self.pieces: deque[str] = deque()
        self.size = 0
        self.is_steered = False
        self.last = ""
        self.decoder: IncrementalDecoder | None = None
        self._has_returned = False
        self._told: str | None = None
        self._above: list[_Row] = []
        self._below: list[_Row] = []

    @property
    def text(self) -> str:
        """The line as it stands. Called from any thread."""
        return "".join(self.pieces.copy())

    def add(self, text: str) -> None:
        """Add text that says nothing of where it belongs."""
        self.pieces.append(text)
        self.size += len(text)

    def take(self) -> str:
        """The line as it stands; it is empty from now on."""
        pieces = self.pieces
        self.size = 0
        text = ""
        try:
            text = pieces.popleft()
            while pieces:
                text += pieces.popleft()
        except IndexError:
            return text  # it was empty, or code that has interrupted this one took the rest
        return text

    def draw(self, text: str) -> None:
        """Add text without line breaks that may say where in the open lines it belongs."""
        for part in _STEERING.split(text):
            if part == "\r":
                self._has_returned = self.is_steered = True
            elif part.startswith("\x1b[") and part.endswith("K"):
                self._erase(part)
            elif part.startswith("\x1b[") and part.endswith("A"):
                self._go_up(int(part[2:-1] or 1))
            elif part:
                self._put(part)

    def end(self) -> list[str]:
        """The lines that a line break finishes: none if it only leads down to one below."""
        if self._below:
            self._above.append(self._row())
            self._stand_on(self._below.pop(0))
            return []
        lines = [row.text for row in (*self._above, self._row()) if row.text != row.told]
        self._forget()
        self.last = lines[-1] if lines else ""
        return lines

    def finish(self) -> list[str]:
        """The lines that are finished when nothing more will come."""
        rows = (*self._above, self._row(), *self._below)
        self._forget()
        return [row.text for row in rows if row.text != row.told and row.text.strip()]

    def _put(self, text: str) -> None:
        if self._has_returned:
            self.take()
            self._has_returned = False
        self.add(text)

    def _erase(self, command: str) -> None:
        """To the line's end, which is all of it after a return; to its start; or all of it."""
        if self._has_returned or command[2] in "12":
            self.take()

    def _go_up(self, rows: int) -> None:
        for _ in range(min(rows, MAX_ROWS - len(self._below))):
            above = self._above.pop() if self._above else _Row(self.last, self.last)
            self.last = ""
            self._below.insert(0, self._row())
            self._stand_on(above)

    def _row(self) -> _Row:
        return _Row(self.take(), self._told)

    def _stand_on(self, row: _Row) -> None:
        self.add(row.text)
        self._told = row.told
        self._has_returned = self.is_steered = True

    def _forget(self) -> None:
        self._above, self._below = [], []
        self._told = None
        self._has_returned = self.is_steered = False
