"""What of a log goes on a clipboard: lines as they are shown, as far as a clipboard bears them."""

from dataclasses import dataclass

from textual.selection import Selection

from taskconsole.phrases import count
from taskconsole.widgets.output.log_content import LogContent
from taskconsole.widgets.output.reading import bring

LARGEST_COPY = 1_000_000
_LINES_AT_ONCE = 2_000


class Excerpt:
    """Lines of a log, or parts of them, to be copied. The text ends soon after it is too long."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0

    @property
    def text(self) -> str:
        """The lines, with breaks between them."""
        return "\n".join(self._parts)

    @property
    def is_too_long(self) -> bool:
        """Whether no clipboard can be expected to hold it."""
        return self._length - 1 > LARGEST_COPY

    @property
    def size(self) -> str:
        """`1 line`, `12 lines`."""
        return count(len(self._parts), "line")

    def add(self, part: str) -> None:
        """Append a line."""
        self._parts.append(part)
        self._length += len(part) + 1


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be copied of some lines, which selections count in, and what to call it."""

    what: str
    lines: range
    selection: Selection


def wish(content: LogContent, selection: Selection | None) -> Wish:
    """To have what is selected, else the line that was found, else the whole log."""
    if selection:
        return Wish("the selection", _lines_of(content, selection), selection)
    whole, hit = Selection(None, None), content.current_hit
    if hit is not None:
        return Wish("the line", range(hit, hit + 1), whole)
    return Wish("the log", range(content.rows.extent.total), whole)


def _lines_of(content: LogContent, selection: Selection) -> range:
    first = selection.start.y if selection.start else 0
    last = selection.end.y if selection.end else content.rows.extent.total
    return range(first, last + 1)


async def brought(content: LogContent, wish: Wish) -> Excerpt:
    """What is wished for; lines come from elsewhere where they must. Raises EngineUnreachable."""
    excerpt, lines = Excerpt(), wish.lines
    for start in range(lines.start, lines.stop, _LINES_AT_ONCE):
        stop = min(start + _LINES_AT_ONCE, lines.stop)
        await bring(content.output, content.rows.extent, start, stop)
        if _add(excerpt, content, wish.selection, range(start, stop)):
            break
    return excerpt


def at_hand(content: LogContent, selection: Selection) -> Excerpt:
    """What is selected, as far as its lines are at hand."""
    excerpt = Excerpt()
    _add(excerpt, content, selection, _lines_of(content, selection))
    return excerpt


def _add(excerpt: Excerpt, content: LogContent, selection: Selection, lines: range) -> bool:
    """Whether it is too long by now."""
    for line, plain in content.shown_lines(lines.start, lines.stop):
        first, last = selection.get_span(line) or (0, 0)
        excerpt.add(plain[first : None if last == -1 else last])
        if excerpt.is_too_long:
            return True
    return False
