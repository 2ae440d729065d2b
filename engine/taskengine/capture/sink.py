"""A run's output while it is written: pieces of text come in from any thread, lines go out."""

import codecs
from collections.abc import Callable, Hashable, Iterable
from datetime import UTC, datetime, timedelta
from threading import get_ident
from typing import Protocol

from taskengine.capture.line import OpenLine
from taskengine.output import OutputBuffer, OutputKind, line_prefix

MAX_LINE = 65_536
LATE = "The run was over when it wrote what follows."
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_STDERR = OutputKind.STDERR
_new_decoder = codecs.getincrementaldecoder("utf-8")
_LOGGER_NAMES = str.maketrans("\n\r\x1f", "   ")


class TextSink(Protocol):
    """What streams and log records can be led to: a run's output, or the way to it."""

    def write(self, kind: OutputKind, text: str, source: Hashable = None) -> None:
        """Take a piece of text with any number of line breaks."""

    def write_bytes(self, kind: OutputKind, data: bytes, source: Hashable = None) -> None:
        """Take bytes that were meant as UTF-8, cut anywhere."""

    def finish_line(self, kind: OutputKind, source: Hashable) -> None:
        """End the line that a source left open."""

    def log(self, kind: OutputKind, logger: str, text: str) -> None:
        """Take a whole log record."""

    def note(self, text: str) -> None:
        """Say something in the engine's own name."""


class RunOutput:
    """Makes lines of what is written and hands them to a buffer, each with its time.

    Text is assembled per kind and source; the source is the writing thread unless the caller names
    another. So prints of two threads never mix within a line. Methods may be called from every
    thread, also from code that interrupts another call in the same thread.
    """

    def __init__(self, buffer: OutputBuffer, now: Callable[[], datetime]) -> None:
        self._buffer = buffer
        self._now = now
        # Need no lock: a source only ever touches the line of its own, one atomic step at a time.
        self._out: dict[Hashable, OpenLine] = {}
        self._err: dict[Hashable, OpenLine] = {}
        self._latest = OpenLine()
        self._is_closed = False
        buffer.show_partial = self._partial

    @property
    def buffer(self) -> OutputBuffer:
        """Where the finished lines are."""
        return self._buffer

    def write(self, kind: OutputKind, text: str, source: Hashable = None) -> None:
        r"""Take a piece of text with any number of line breaks.

        What follows the last line break is the buffer's `partial` until its line is finished. After
        a lone `\r` the line begins anew, as on a terminal: of a progress bar the last state stays.
        A line longer than `MAX_LINE` characters becomes several.
        """
        lines = self._err if kind is _STDERR else self._out
        key = get_ident() if source is None else source
        line = lines.get(key) or lines.setdefault(key, OpenLine())
        if line.is_steered:
            self._steer(kind, line, text)
        elif text.isprintable():
            line.pieces.append(text)
            line.size += len(text)
        elif text[-1] == "\n" and text[:-1].isprintable():
            line.pieces.append(text[:-1])
            line.last = last = line.take()
            self._append(kind, "", (last,) if len(last) <= MAX_LINE else _cut(last))
        elif "\r" in text or "\x1b[" in text:
            self._steer(kind, line, text)
        else:
            self._add(kind, line, text)
        self._latest = line
        if line.size > MAX_LINE:
            self._shorten(kind, line)

    def _add(self, kind: OutputKind, line: OpenLine, text: str) -> None:
        *whole, rest = _encodable(text).split("\n")
        if whole:
            whole[0] = line.take() + whole[0]
            line.last = whole[-1]
            self._append(kind, "", _cut_all(whole))
        if rest:
            line.add(rest)

    def _steer(self, kind: OutputKind, line: OpenLine, text: str) -> None:
        *whole, rest = _encodable(text).split("\n")
        for piece in whole:
            line.draw(piece)
            if ended := line.end():
                self._append(kind, "", _cut_all(ended))
        line.draw(rest)

    def _shorten(self, kind: OutputKind, line: OpenLine) -> None:
        """Hand on what is too long to be held back."""
        *whole, rest = _cut(line.take())
        self._append(kind, "", whole)
        line.add(rest)

    def write_bytes(self, kind: OutputKind, data: bytes, source: Hashable = None) -> None:
        """Take bytes that were meant as UTF-8, cut anywhere; what is not UTF-8 becomes escapes."""
        lines = self._err if kind is _STDERR else self._out
        key = get_ident() if source is None else source
        line = lines.get(key) or lines.setdefault(key, OpenLine())
        if line.decoder is None:
            line.decoder = _new_decoder("backslashreplace")
        if text := line.decoder.decode(data):
            self.write(kind, text, source)

    def finish_line(self, kind: OutputKind, source: Hashable) -> None:
        """End the line that a source left open, because nothing more will come from it."""
        lines = self._err if kind is _STDERR else self._out
        if line := lines.pop(source, None):
            self._finish(kind, line)

    def _finish(self, kind: OutputKind, line: OpenLine) -> None:
        decoder, line.decoder = line.decoder, None
        if decoder and (text := decoder.decode(b"", final=True)):
            line.draw(text)
        if ended := line.finish():
            self._append(kind, "", _cut_all(ended))

    def log(self, kind: OutputKind, logger: str, text: str) -> None:
        """Take a whole log record; one with several lines becomes several lines of its kind."""
        name = _encodable(logger.translate(_LOGGER_NAMES))
        lines = (_last_state(line) for line in _encodable(text).split("\n"))
        self._append(kind, name, _cut_all(lines))

    def note(self, text: str) -> None:
        """Say something in the engine's own name."""
        self.log(OutputKind.NOTE, "", text)

    def close(self) -> None:
        """End every unfinished line. What late threads still write afterwards is kept too, after a
        note that says so.
        """
        self.finish_lines()
        self._is_closed = True

    def finish_lines(self) -> None:
        """End every unfinished line, because what comes now is something else."""
        for kind, lines in ((OutputKind.STDOUT, self._out), (_STDERR, self._err)):
            for line in list(lines.values()):
                self._finish(kind, line)

    def _append(self, kind: OutputKind, logger: str, lines: Iterable[str]) -> None:
        now = (self._now() - _EPOCH) // _MILLISECOND
        if self._is_closed:
            self._is_closed = False
            self._buffer.append(line_prefix(now, OutputKind.NOTE) + LATE)
        prefix = line_prefix(now, kind, logger)
        append = self._buffer.append
        for line in lines:
            append(prefix + line)

    def _partial(self) -> str:
        """The line that was written to last, or else one that another source has left open."""
        lines = (self._latest, *list(self._out.values()), *list(self._err.values()))
        return next((text for line in lines if (text := line.text)), "")


def _last_state(line: str) -> str:
    r"""What a terminal would show last of a line with `\r` in it."""
    return line.rstrip("\r").rpartition("\r")[2] if "\r" in line else line


def _cut_all(lines: Iterable[str]) -> Iterable[str]:
    return (piece for line in lines for piece in _cut(line))


def _cut(line: str) -> list[str]:
    """A line in lengths that memory and screens can bear."""
    if len(line) <= MAX_LINE:
        return [line]
    return [line[start : start + MAX_LINE] for start in range(0, len(line), MAX_LINE)]


def _encodable(text: str) -> str:
    """The text with lone surrogates, which no encoding can carry, written as escapes."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()
    return text
