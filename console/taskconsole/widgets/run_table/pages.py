"""The runs of a table as pages: where each begins is remembered, what is far from sight is let go.

A page covers all run numbers from where the next one begins up to where it begins itself. It can
so be fetched again at any time, whatever has come, changed or gone meanwhile.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

from taskengine.records import RunSummary

PAGE = 200
HELD_AT_MOST = 40  # pages


@dataclass(slots=True, eq=False)
class Page:
    """Some rows that follow each other, newest first; `runs` is None while they are not held.

    `before` is the number above all of them, None for the newest.
    """

    before: int | None
    size: int
    runs: tuple[RunSummary, ...] | None


class Pages:
    """Rows from the newest run on. `rest` is where the next page begins, None after the last."""

    def __init__(self) -> None:
        self._pages: list[Page] = []
        self._starts: list[int] = []
        self.count = 0
        self.rest: int | None = None
        self.is_begun = False

    @property
    def is_complete(self) -> bool:
        """Whether every run that there is has its row."""
        return self.is_begun and self.rest is None

    def at(self, row: int) -> RunSummary | None:
        """The run in a row; None where it is not held, or beyond the last one."""
        if not 0 <= row < self.count:
            return None
        number = bisect_right(self._starts, row) - 1
        runs = self._pages[number].runs
        return runs[row - self._starts[number]] if runs is not None else None

    def row_of(self, run_id: int) -> int | None:
        """The row of a run that is held."""
        page = self.page_of(run_id)
        for offset, run in enumerate((page.runs if page else None) or ()):
            if run.id == run_id:
                return self._starts[self._number_of(run_id)] + offset
        return None

    def page_of(self, run_id: int) -> Page | None:
        """The page that a run belongs to, whether or not it is there."""
        if not self._pages or (self.rest is not None and run_id < self.rest):
            return None
        return self._pages[self._number_of(run_id)]

    def _number_of(self, run_id: int) -> int:
        """Which page a number belongs to: the last one that begins above it."""
        return bisect_left(self._pages, -run_id, lo=1, key=lambda page: -(page.before or 0)) - 1

    def covering(self, rows: range) -> list[Page]:
        """The pages that some rows belong to."""
        if not rows or not self._pages:
            return []
        first = bisect_right(self._starts, max(rows.start, 0)) - 1
        last = bisect_right(self._starts, rows.stop - 1) - 1
        return self._pages[first : last + 1]

    @property
    def newest(self) -> Page | None:
        """The first page, where new runs appear."""
        return self._pages[0] if self._pages else None

    def end_of(self, page: Page) -> int | None:
        """The lowest number that may belong to a page; None: any."""
        number = self._pages.index(page)
        return self._pages[number + 1].before if number + 1 < len(self._pages) else self.rest

    def append(self, runs: tuple[RunSummary, ...], rest: int | None) -> None:
        """Add what comes after the last row. A page without any only moves `rest`."""
        before = self.rest
        if runs or not self._pages:
            self._pages.append(Page(before, len(runs), runs))
        self.rest, self.is_begun = rest, True
        self._count()

    def put(self, page: Page, runs: tuple[RunSummary, ...]) -> None:
        """Hold what a page has now; the first one is split when it has grown too long."""
        number = self._pages.index(page)
        page.runs, page.size = runs, len(runs)
        if number == 0 and len(runs) > 2 * PAGE:
            older = runs[PAGE:]
            page.runs, page.size = runs[:PAGE], PAGE
            self._pages.insert(1, Page(runs[PAGE - 1].id, len(older), older))
        self._count()

    def let_go(self, kept: Iterable[Page]) -> None:
        """Hold no more pages than there may be: those far from `kept` go, never the newest."""
        near = {id(page) for page in kept}
        held = [(place, page) for place, page in enumerate(self._pages) if page.runs is not None]
        places = [place for place, page in held if id(page) in near] or [0]
        centre = places[len(places) // 2]
        others = [one for one in held if one[0] and id(one[1]) not in near]
        others.sort(key=lambda one: abs(one[0] - centre))
        for _, page in others[max(HELD_AT_MOST - len(held) + len(others), 0) :]:
            page.runs = None

    def _count(self) -> None:
        starts = list(accumulate((page.size for page in self._pages), initial=0))
        self.count = starts.pop()
        self._starts = starts
