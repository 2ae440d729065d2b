"""What of a log goes on a clipboard: lines as they are shown, as far as a clipboard bears them."""

from textual.selection import Selection

from taskconsole.phrases import count
from taskconsole.widgets.output.log_content import LogContent

LARGEST_COPY = 1_000_000


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


def lines_of(content: LogContent, start: int, stop: int) -> Excerpt:
    """The shown ones of the lines from `start` up to `stop`."""
    return selected_in(content, Selection(None, None), start, stop)


def selected_in(content: LogContent, selection: Selection, start: int, stop: int) -> Excerpt:
    """What is selected in the lines from `start` up to `stop`. Selections count in lines."""
    excerpt = Excerpt()
    for line, plain in content.shown_lines(start, stop):
        first, last = selection.get_span(line) or (0, 0)
        excerpt.add(plain[first : None if last == -1 else last])
        if excerpt.is_too_long:
            break
    return excerpt
