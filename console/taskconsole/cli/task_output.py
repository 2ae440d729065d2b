"""What tasks write, as a command passes it on.

A terminal is given nothing that could steer it; a pipe or a file gets the text as it is. Lines of a
log begin with their level, so that they differ from what was printed.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TextIO

import click

from taskconsole.cli.printing import has_colours, safe
from taskengine.output import OutputKind, OutputLine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LEVELS = {
    OutputKind.DEBUG: "DEBUG",
    OutputKind.INFO: "INFO",
    OutputKind.WARNING: "WARNING",
    OutputKind.ERROR: "ERROR",
    OutputKind.CRITICAL: "CRITICAL",
}
_COLOURS = {
    OutputKind.STDERR: "yellow",
    OutputKind.DEBUG: "bright_black",
    OutputKind.NOTE: "bright_black",
    OutputKind.WARNING: "yellow",
    OutputKind.ERROR: "red",
    OutputKind.CRITICAL: "red",
}
_ROOTS = frozenset({"", "root"})
_OWN_LOGGERS = "task."


class TaskOutput:
    """Writes lines to a stream; one that can't be written to is written to no more, so that what is
    at work goes on. `fault` says why.
    """

    def __init__(self, stream: TextIO, *, timestamps: bool = False) -> None:
        self._stream = stream
        self._timestamps = timestamps
        self._is_terminal = stream.isatty()
        self._has_colours = has_colours(stream)
        self.fault: OSError | None = None

    def write(self, lines: Iterable[OutputLine]) -> None:
        """Write lines, and let them be seen."""
        if self.fault is None:
            self._write("".join(f"{self._text(line)}\n" for line in lines))

    def say(self, text: str) -> None:
        """Write a line of the command's own."""
        if self.fault is None:
            self._write(f"{safe(text)}\n")

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError as error:
            self.fault = error

    def _text(self, line: OutputLine) -> str:
        text = line_text(line)
        if self._is_terminal:
            text = safe(text)
        if self._has_colours and (colour := _COLOURS.get(line.kind)):
            text = click.style(text, fg=colour)
        if not self._timestamps:
            return text
        return f"{instant_of(line).isoformat(timespec='milliseconds')} {text}"


def line_text(line: OutputLine) -> str:
    """A line with its level, and with its logger if that is not the task's own."""
    level = _LEVELS.get(line.kind)
    if level is None:
        return f"* {line.text}" if line.kind is OutputKind.NOTE else line.text
    is_own = line.logger in _ROOTS or line.logger.startswith(_OWN_LOGGERS)
    return f"{level} {line.text}" if is_own else f"{level} {line.logger}: {line.text}"


def instant_of(line: OutputLine) -> datetime:
    """When a line was written, in this machine's zone."""
    return (_EPOCH + timedelta(milliseconds=line.time)).astimezone()
