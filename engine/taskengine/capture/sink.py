"""A run's output while it is written: pieces of text come in from any thread, lines go out."""

import codecs
from collections.abc import Callable, Hashable, Iterable
from datetime import datetime
from threading import get_ident

from taskengine.output import OutputBuffer, OutputKind, line_prefix

MAX_LINE = 65_536
_Source = tuple[OutputKind, Hashable]
_new_decoder = codecs.getincrementaldecoder("utf-8")
_LOGGER_NAMES = str.maketrans("\n\r\x1f", "   ")


class RunOutput:
    """Makes lines of what is written and hands them to a buffer, each with its time.

    Text is assembled per kind and source; the source is the writing thread unless the caller names
    another. So prints of two threads never mix within a line. Methods may be called from every
    thread, also from code that interrupts another call in the same thread.
    """

    def __init__(self, buffer: OutputBuffer, now: Callable[[], datetime]) -> None:
        self._buffer = buffer
        self._now = now
        # Needs no lock: a thread only ever touches the keys of its own, one atomic step at a time.
        self._unfinished: dict[_Source, str] = {}
        self._decoders: dict[_Source, codecs.IncrementalDecoder] = {}

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
        key = (kind, get_ident() if source is None else source)
        unfinished = self._unfinished
        if key in unfinished:
            text = unfinished.pop(key, "") + text
        if not text.isascii() or "\r" in text or len(text) > MAX_LINE:
            self._write_unusual(key, text)
            return
        *lines, rest = text.split("\n")
        if lines:
            self._append(kind, "", lines)
        if rest:
            unfinished[key] = self._buffer.partial = rest
        else:
            self._show_partial()

    def _write_unusual(self, key: _Source, text: str) -> None:
        *lines, rest = text.split("\n")
        *whole, kept = _tidy(rest)
        whole = [*(piece for line in lines for piece in _tidy(line)), *whole]
        if whole:
            self._append(key[0], "", whole)
        if kept:
            self._unfinished[key] = kept + "\r" if rest.endswith("\r") else kept
            self._buffer.partial = kept
        else:
            self._show_partial()

    def write_bytes(self, kind: OutputKind, data: bytes, source: Hashable = None) -> None:
        """Take bytes that were meant as UTF-8, cut anywhere; what is not UTF-8 becomes escapes."""
        key = (kind, get_ident() if source is None else source)
        decoder = self._decoders.get(key)
        if decoder is None:
            decoder = self._decoders[key] = _new_decoder("backslashreplace")
        text = decoder.decode(data)
        if text:
            self.write(kind, text, source)

    def finish_line(self, kind: OutputKind, source: Hashable) -> None:
        """End the line that a source left open, because nothing more will come from it."""
        decoder = self._decoders.pop((kind, source), None)
        if decoder is not None:
            self.write(kind, decoder.decode(b"", final=True), source)
        rest = self._unfinished.pop((kind, source), "")
        if rest:
            self._append(kind, "", _tidy(rest))
            self._show_partial()

    def log(self, kind: OutputKind, logger: str, text: str) -> None:
        """Take a whole log record; one with several lines becomes several lines of its kind."""
        name = _encodable(logger.translate(_LOGGER_NAMES))
        self._append(kind, name, [piece for line in text.split("\n") for piece in _tidy(line)])

    def note(self, text: str) -> None:
        """Say something in the engine's own name."""
        self.log(OutputKind.NOTE, "", text)

    def close(self) -> None:
        """End every unfinished line. What late threads still write afterwards is kept too."""
        for kind, source in [*self._decoders, *self._unfinished]:
            self.finish_line(kind, source)

    def _append(self, kind: OutputKind, logger: str, lines: Iterable[str]) -> None:
        prefix = line_prefix(int(self._now().timestamp() * 1000), kind, logger)
        append = self._buffer.append
        for line in lines:
            append(prefix + line)

    def _show_partial(self) -> None:
        """Show the line that another thread or stream has left open, if there is one."""
        others = list(self._unfinished.values()) if self._unfinished else [""]
        self._buffer.partial = others[-1].removesuffix("\r")


def _tidy(line: str) -> list[str]:
    r"""A line as it is kept: what a terminal would show last after `\r`, without lone surrogates,
    cut to lengths that memory and screens can bear.
    """
    shown = _encodable(line.rstrip("\r").rpartition("\r")[2])
    return [shown[start : start + MAX_LINE] for start in range(0, len(shown) or 1, MAX_LINE)]


def _encodable(text: str) -> str:
    """The text with lone surrogates, which no encoding can carry, written as escapes."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()
    return text
