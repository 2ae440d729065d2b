"""An output as rows, taken in a slice at a time, with the search that goes on in it."""

from collections.abc import Callable, Iterator
from time import monotonic

from rich.text import Text

from taskconsole.widgets.output.levels import Threshold
from taskconsole.widgets.output.line_format import LineFormat
from taskconsole.widgets.output.reading import is_at_hand, read_numbered, read_one
from taskconsole.widgets.output.rows import Rows
from taskconsole.widgets.output.search import LOCAL_LINES, Candidates, Search
from taskconsole.widgets.output.wrapping import break_offsets
from taskengine.output import Output


class LogContent:
    """What a log view shows of an output: lines from `threshold` up, wrapped at `width` cells.

    `width` None leaves lines whole.
    """

    def __init__(
        self, output: Output, line_format: LineFormat, threshold: Threshold, width: int | None
    ) -> None:
        self.output = output
        self.format = line_format
        self.rows = Rows(_height_of(line_format, threshold, width))
        self.partial = ""
        self.search: Search | None = None
        self.current_hit: int | None = None
        self._threshold = threshold
        self._width = width

    @property
    def is_current(self) -> bool:
        """Whether everything there is has been looked at."""
        is_read = self.output.extent == self.rows.extent and self.output.partial == self.partial
        return is_read and self.is_complete

    @property
    def is_complete(self) -> bool:
        """Whether the last `catch_up` had the time to look at everything."""
        return self.rows.is_complete and (self.search is None or self.search.is_complete)

    def catch_up(self, seconds: float) -> None:
        """Take in what is new, and go on with the search, for about so long."""
        deadline = monotonic() + seconds
        rows = self.rows
        rows.catch_up(self.output)
        while not (rows.is_complete or rows.wanted) and monotonic() < deadline:
            rows.catch_up(self.output)
        self.partial = self.output.partial
        rows.partial_rows = self._partial_rows()
        if self.search:
            self._go_on_searching(self.search, deadline)

    def _go_on_searching(self, search: Search, deadline: float) -> None:
        search.advance(self.output)
        while not (search.is_complete or search.is_waiting(self.output)) and (
            monotonic() < deadline
        ):
            search.advance(self.output)

    def _partial_rows(self) -> int:
        if not self.partial:
            return 0
        if self._width is None:
            return 1
        plain = self.partial_text().plain
        return 1 + len(break_offsets(plain, self._width, self.format.indent))

    def partial_text(self) -> Text:
        """What was written after the last line break."""
        return self.format.partial(self.partial)

    @property
    def is_waiting(self) -> bool:
        """Whether all that can be done at the moment is to wait for lines, or for others to find
        more.
        """
        if self.search is None or self.search.is_complete:
            return self.rows.wanted is not None
        if not (self.rows.is_complete or self.rows.wanted):
            return False
        return self.search.is_waiting(self.output)

    @property
    def wanted(self) -> range | None:
        """Lines that have to come before it can go on; None where none are waited for."""
        return self.rows.wanted or (self.search.wanted if self.search else None)

    def has_line(self, line: int) -> bool:
        """Whether a line, and the one before it, can be read at this moment."""
        return is_at_hand(self.output, self.rows.extent, line - 1, line + 1)

    def start_search(self, query: str, *, has_finder: bool = False) -> None:
        """Begin to look for a text in the lines that are shown; an empty one ends the search.

        What memory can't hold is left to others if there are any, who offer candidates.
        """
        extent = self.output.extent
        candidates = Candidates() if has_finder and extent.kept > LOCAL_LINES else None
        admits = self._threshold.admits
        self.search = Search(query, extent.total, admits, candidates) if query else None
        self.current_hit = None

    def go_on_as(self, other: "LogContent") -> None:
        """Search anew for what is searched for in another content, from the same hit."""
        if other.search:
            has_finder = other.search.candidates is not None
            self.start_search(other.search.query, has_finder=has_finder)
            self.current_hit = other.current_hit

    def newest_hit(self) -> int | None:
        """The number of the last line that was found, if there is one."""
        return self.search.hits[-1] if self.search and self.search.hits else None

    def next_hit(self, direction: int, top: int) -> int | None:
        """The hit below (1) or above (-1) the current one, or else the one nearest to `top`."""
        if self.search is None:
            return None
        here = top if self.current_hit is None else self.current_hit
        return self.search.next_hit(here) if direction > 0 else self.search.previous_hit(here)

    def line_and_previous(self, line: int) -> tuple[str, str]:
        """An encoded line and the one before it; empty where there is none any more."""
        return read_one(self.output, line), read_one(self.output, line - 1) if line else ""

    def shown_lines(self, start: int, stop: int) -> Iterator[tuple[int, str]]:
        """The lines from `start` up to `stop` as they are shown, with their numbers, as far as they
        are at hand.
        """
        extent = self.rows.extent
        for line, encoded in read_numbered(self.output, extent, start, min(stop, extent.total)):
            if self._threshold.admits(encoded):
                yield line, self.format.text(encoded).plain


def _height_of(
    line_format: LineFormat, threshold: Threshold, width: int | None
) -> Callable[[str], int] | None:
    """How many rows a line takes; None where that is one for every line."""
    if width is not None:
        return lambda line: line_format.height(line, width) if threshold.admits(line) else 0
    return threshold.admits if threshold else None
