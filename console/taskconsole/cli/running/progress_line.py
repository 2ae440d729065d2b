"""How far a run is, on the last line of a terminal, which is rewritten in its place.

Not by click's bar nor by rich's: neither leaves the line to what the task writes, click's knows no
total that changes and rich's takes as long to import as the rest of the command.
"""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TextIO

import click

from taskconsole.cli.printing import has_colours, in_one_line, is_unicode
from taskconsole.progress import done_words, pace_words, share_of
from taskengine.run import Run

ERASE = "\r\x1b[K"
_EVERY = 0.1  # seconds
_BAR_WIDTH = 20
_ROOM_FOR_BAR = 60  # columns
_USUAL_COLUMNS = 80


class ProgressLine:
    """The line. It is drawn only if it `is_wanted` and the stream is a terminal that can take a
    line back; `is_on` says whether it may ever be.
    """

    def __init__(self, stream: TextIO, *, is_wanted: bool) -> None:
        self._stream = stream
        self._drawn = ""
        self._at = 0.0
        self._text = ""
        can_erase = os.environ.get("TERM", "dumb") != "dumb"
        self.is_on = is_wanted and can_erase and stream.isatty()

    def show(self, run: Callable[[], Run]) -> None:
        """Draw the line as it should be now, below all that was written. `run` gives the run as it
        stands, and is asked a few times a second.
        """
        if not self.is_on:
            return
        if time.monotonic() - self._at >= _EVERY:
            self._text = self._line(run())
            self._at = time.monotonic()
        if self._text != self._drawn:
            self._write(f"{ERASE if self._drawn else ''}{self._text}")
            self._drawn = self._text

    def clear(self) -> None:
        """Give the line free for others to write."""
        if self._drawn:
            self._write(ERASE)
            self._drawn = ""

    @property
    def erasure(self) -> str:
        """What has to be written before anything else can be."""
        return ERASE if self._drawn else ""

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:
            self.is_on = False  # the terminal is gone; the run goes on

    def _line(self, run: Run) -> str:
        told = run.progress
        if told is None or run.state.is_final:
            return ""
        from taskconsole.phrases import fit

        columns = _columns(self._stream)
        pace = pace_words(told, run.duration(datetime.now(UTC)).total_seconds())
        parts = (done_words(told), pace, in_one_line(told.message))
        words = "  ".join(part for part in parts if part)
        share = share_of(told)
        if share is None or columns < _ROOM_FOR_BAR:
            return fit(words.lstrip(), columns - 1).rstrip()
        return f"{self._bar(share)} {fit(words, columns - _BAR_WIDTH - 2).rstrip()}"

    def _bar(self, share: float) -> str:
        done, rest = "━─" if is_unicode(self._stream) else "=-"
        filled = round(share * _BAR_WIDTH)
        bar, left = done * filled, rest * (_BAR_WIDTH - filled)
        return (click.style(bar, fg="cyan") if bar and has_colours(self._stream) else bar) + left


def _columns(stream: TextIO) -> int:
    """The width of a stream's own terminal: the standard output may be none."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or _USUAL_COLUMNS
    except OSError:
        return _USUAL_COLUMNS
