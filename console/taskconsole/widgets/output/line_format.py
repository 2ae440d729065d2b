"""How one line of output is written on the screen: time, level, logger, text, in styles."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import lru_cache

from rich.cells import cell_len
from rich.style import Style
from rich.text import Span, Text

from taskconsole.widgets.output.reading import KIND_AT, SEPARATOR
from taskconsole.widgets.output.tracebacks import Frames
from taskconsole.widgets.output.wrapping import break_offsets, row_count
from taskconsole.widgets.safe_text import MAX_SHOWN, make_safe
from taskengine.output import OutputKind, OutputLine

TIME_WIDTH = len("00:00:00.000  ")

# What stands before the text, and the component class that colours it.
_MARKS: dict[OutputKind, tuple[str, str]] = {
    OutputKind.STDOUT: ("", "log--text"),
    OutputKind.STDERR: ("2> ", "log--stderr"),
    OutputKind.DEBUG: ("DEBUG    ", "log--debug"),
    OutputKind.INFO: ("INFO     ", "log--info"),
    OutputKind.WARNING: ("WARNING  ", "log--warning"),
    OutputKind.ERROR: ("ERROR    ", "log--error"),
    OutputKind.CRITICAL: ("CRITICAL ", "log--critical"),
    OutputKind.NOTE: ("── ", "log--note"),
}
# The kinds whose text has a colour too.
_TEXT_CLASSES = {
    OutputKind.DEBUG: "log--debug",
    OutputKind.ERROR: "log--error-text",
    OutputKind.CRITICAL: "log--error-text",
    OutputKind.NOTE: "log--note",
}
_LEVELS = frozenset(OutputKind) - {OutputKind.STDOUT, OutputKind.STDERR, OutputKind.NOTE}
_ROOT_LOGGERS = {"", "root"}

COMPONENT_CLASSES = {mark_class for _, mark_class in _MARKS.values()} | {
    "log--time",
    "log--error-text",
    "log--logger",
    "log--partial",
    "log--gap",
    "log--to-come",
    "log--hit",
    "log--current-hit",
    "log--more",
    *Frames.COMPONENT_CLASSES,
}


@dataclass(frozen=True, slots=True)
class LineFormat:
    """How lines are written. `style_of` gives the style of a component class."""

    zone: tzinfo
    timestamps: bool = True
    style_of: Callable[[str], Style] = lambda _component: Style.null()
    frames: Frames = field(default_factory=Frames)

    @property
    def indent(self) -> int:
        """How far a wrapped line's further rows are set in."""
        return TIME_WIDTH if self.timestamps else 0

    def text(self, encoded: str, previous: str = "") -> Text:
        """The whole line. `previous` is the line before it, which tells tracebacks apart."""
        line = OutputLine.decode(encoded)
        text = self._header(line)
        if _goes_on(line, encoded, previous):
            text = Text(" " * text.cell_len, end="", no_wrap=True)
        start = len(text)
        safe = make_safe(line.text)
        text.append(safe.plain, self._body_style(line.kind))
        self._highlight_frame(text, start, safe.plain, previous)
        text.spans.extend(Span(start + a, start + b, style) for a, b, style in safe.spans)
        return text

    def partial(self, written: str) -> Text:
        """What was written after the last line break, set in as lines are."""
        text = Text(" " * self.indent, end="", no_wrap=True)
        text.append(make_safe(written).plain, self.style_of("log--partial"))
        return text

    def height(self, encoded: str, width: int) -> int:
        """How many rows the line takes when it is wrapped at `width` cells."""
        header, _, text = encoded[KIND_AT:].partition(SEPARATOR)
        if text.isascii() and text.isprintable() and len(text) <= MAX_SHOWN:
            cells = self.indent + _header_width(header) + len(text)
            return row_count(cells, width, self.indent)
        return 1 + len(break_offsets(self.text(encoded).plain, width, self.indent))

    def _header(self, line: OutputLine) -> Text:
        text = Text(end="", no_wrap=True)
        if self.timestamps:
            text.append(f"{clock_time(line.time, self.zone)}  ", self.style_of("log--time"))
        mark, mark_class = _MARKS[line.kind]
        if mark:
            text.append(mark, self.style_of(mark_class))
        if line.logger not in _ROOT_LOGGERS:
            text.append(f"{make_safe(line.logger).plain}  ", self.style_of("log--logger"))
        return text

    def _body_style(self, kind: OutputKind) -> Style:
        return self.style_of(_TEXT_CLASSES.get(kind, "log--text"))

    def _highlight_frame(self, text: Text, start: int, body: str, previous: str) -> None:
        before = previous.partition(SEPARATOR)[2]
        for component, first, last in self.frames.highlight(body, before):
            text.stylize(self.style_of(component), start + first, start + last)


def _goes_on(line: OutputLine, encoded: str, previous: str) -> bool:
    """Whether it is an indented line of one record with the line before it, as in a traceback."""
    header = encoded.partition(SEPARATOR)[0] + SEPARATOR
    return line.kind in _LEVELS and line.text[:1].isspace() and previous.startswith(header)


@lru_cache(maxsize=1024)
def _header_width(header: str) -> int:
    """How many cells mark and logger take; `header` is the kind's letter and the logger."""
    kind, logger = OutputKind(header[0]), header[1:]
    logger_width = 0 if logger in _ROOT_LOGGERS else cell_len(make_safe(logger).plain) + 2
    return len(_MARKS[kind][0]) + logger_width


def clock_time(milliseconds: int, zone: tzinfo) -> str:
    """`14:03:18.120` of milliseconds since the epoch."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{_clock_seconds(seconds, zone)}.{rest:03}"


@lru_cache(maxsize=4096)
def _clock_seconds(seconds: int, zone: tzinfo) -> str:
    return f"{datetime.fromtimestamp(seconds, zone):%H:%M:%S}"
