"""Draws what a log view shows, row by row, and remembers the lines it drew."""

from dataclasses import dataclass

from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.cache import LRUCache
from textual.selection import Selection
from textual.strip import Strip

from taskconsole.formatting import format_count
from taskconsole.widgets.output.log_content import LogContent
from taskconsole.widgets.output.rows import Place, Special
from taskconsole.widgets.output.wrapping import break_offsets

_LINES_KEPT = 1_024
_MORE = "\u203a"
_TO_COME = "…"


@dataclass(frozen=True, slots=True)
class Drawn:
    """One row: its strip, the line it belongs to, and which of its characters it begins with."""

    strip: Strip
    line: int
    start: int = 0

    def cut(self, first: int, width: int, base: Style, more: Style) -> Strip:
        """So many of the row's cells from `first` on, with a mark in `more` if others follow."""
        strip = self.strip.crop_extend(first, first + width, base)
        if self.strip.cell_length > first + width:
            strip = Strip([*strip.crop(0, width - 1), Segment(_MORE, more)], width)
        if first:
            strip = strip.apply_offsets(self.start + first, self.line)
        return strip.apply_style(base)


class Painter:
    """Draws the rows of one content. `width` is where lines are wrapped; None leaves them whole.

    `missing` are the lines, from the first to the last, that were not at hand when they were to be
    drawn; a mark stands for them.
    """

    def __init__(self, content: LogContent, width: int | None) -> None:
        self.missing = range(0)
        self.selection: Selection | None = None
        self.selection_style = Style.null()
        self._content = content
        self._console = Console()
        self._width = width
        self._kept: LRUCache[int, list[Drawn]] = LRUCache(_LINES_KEPT)

    def forget(self) -> None:
        """Draw every line anew when it is next seen."""
        self._kept.clear()

    def draw(self, row: int) -> Drawn | None:
        """A row, or None if there is nothing in it."""
        place = self._content.rows.place(row)
        rows = self._rows_at(place)
        return rows[min(place.section, len(rows) - 1)] if rows else None

    def _rows_at(self, place: Place) -> list[Drawn]:
        extent = self._content.rows.extent
        match place.line:
            case Special.NOTHING:
                return []
            case Special.GAP:
                return [self._drawn(self._gap(extent.dropped), extent.gap_start)]
            case Special.PARTIAL:
                return self._broken(extent.total, self._content.partial_text())
            case int(line):
                return self._kept.get(line) or self._draw_line(line)

    def _draw_line(self, line: int) -> list[Drawn]:
        if not self._content.has_line(line):
            return [self._mark_missing(line)]
        encoded, previous = self._content.line_and_previous(line)
        if not encoded:
            return []
        text = self._content.format.text(encoded, previous)
        self._highlight_hits(line, text)
        span = self.selection.get_span(line) if self.selection else None
        if span is not None:
            start, end = span
            text.stylize(self.selection_style, start, len(text) if end == -1 else end)
        rows = self._broken(line, text)
        if span is None:
            self._kept[line] = rows
        return rows

    def _mark_missing(self, line: int) -> Drawn:
        first = max(line - 1, 0)  # it tells how to draw the line
        known = self.missing or range(first, line + 1)
        self.missing = range(min(known.start, first), max(known.stop, line + 1))
        style = self._content.format.style_of("log--to-come")
        return self._drawn(Text(" " * self._content.format.indent + _TO_COME, style), line)

    def _highlight_hits(self, line: int, text: Text) -> None:
        if self._content.search is None:
            return
        component = "log--current-hit" if line == self._content.current_hit else "log--hit"
        style = self._content.format.style_of(component)
        for match in self._content.search.pattern.finditer(text.plain, self._content.format.indent):
            text.stylize(style, match.start(), match.end())

    def _gap(self, dropped: int) -> Text:
        words = f"… {format_count(dropped)} {'line' if dropped == 1 else 'lines'} dropped …"
        return Text(
            " " * self._content.format.indent + words, self._content.format.style_of("log--gap")
        )

    def _broken(self, line: int, text: Text) -> list[Drawn]:
        """A whole line as one row, or as many as it needs where lines are wrapped."""
        if self._width is None:
            return [self._drawn(text, line)]
        indent = self._content.format.indent
        offsets = break_offsets(text.plain, self._width, indent)
        first, *others = text.divide(offsets) if offsets else [text]
        margin = " " * indent
        return [self._drawn(first, line)] + [
            self._drawn(part, line, start, margin)
            for part, start in zip(others, offsets, strict=True)
        ]

    def _drawn(self, text: Text, line: int, start: int = 0, margin: str = "") -> Drawn:
        """A row that knows which characters of the line it holds, for selecting with the mouse."""
        text.end = ""
        segments = list(text.render(self._console))
        if margin:
            segments.insert(0, Segment(margin))
        start -= len(margin)
        strip = Strip(segments, len(margin) + text.cell_len)
        return Drawn(strip.apply_offsets(start, line), line, start)
