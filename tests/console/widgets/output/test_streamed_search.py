"""Searching an output that is longer than memory, with the help of those who have it."""

from collections.abc import AsyncIterator, Sequence

from support.widgets import staged
from taskconsole.widgets.output.log_view import LogView
from taskconsole.widgets.output.pulse import Liveliness
from taskconsole.widgets.output.search import LINES_AT_ONCE, LOCAL_LINES, Candidates
from taskengine.output import AtHand, OutputExtent, OutputKind, OutputLine

LINES = 1_000_000
EVERY = 50_000


class LongOutput(AtHand):
    """A million lines, made up when they are read; one of 50,000 says so."""

    partial = ""
    extent = OutputExtent(LINES, LINES, LINES)

    def __init__(self) -> None:
        self.read_lines = 0

    def read(self, start: int, stop: int) -> list[str]:
        self.read_lines += stop - start
        return [
            OutputLine(0, OutputKind.STDOUT, "", text_of(number)).encode()
            for number in range(max(start, 0), min(stop, LINES))
        ]


def text_of(number: int) -> str:
    return f"needle {number}" if number % EVERY == 0 else f"Hay {number}"


class Searcher:
    """Finds the needles from a line on backwards, and whatever else it is told to name."""

    def __init__(self, *others: int) -> None:
        self.started_at: list[int] = []
        self._others = others

    async def find(self, _text: str, start: int) -> AsyncIterator[Sequence[int]]:
        self.started_at.append(start)
        named = [*range(0, start + 1, EVERY), *self._others]
        for number in sorted(named, reverse=True):
            yield [number]


async def test_an_end_of_a_million_lines_is_shown_without_reading_the_others() -> None:
    output = LongOutput()
    async with staged(LogView()) as stage:
        stage.widget.show(output, Liveliness.ENDED)
        await stage.sees("Hay 999999")
        assert output.read_lines < 200


async def test_what_is_older_is_left_to_those_who_have_it() -> None:
    output, searcher = LongOutput(), Searcher()
    async with staged(LogView()) as stage:
        view = stage.widget
        view.show(output, Liveliness.ENDED, searcher.find)
        view.start_search("needle")
        await stage.until(lambda: view.search is not None and view.search.is_complete)
        assert view.search is not None
        assert list(view.search.hits) == list(range(0, LINES, EVERY))
        assert searcher.started_at == [view.search.own_from - 1]
        assert output.read_lines < LOCAL_LINES
        await stage.sees("needle 950000")
        await stage.press("N")
        await stage.sees("needle 900000")


async def test_a_line_that_is_named_is_looked_at_before_it_counts() -> None:
    async with staged(LogView()) as stage:
        view = stage.widget
        view.show(LongOutput(), Liveliness.ENDED, Searcher(7).find)
        view.start_search("Needle")
        await stage.until(lambda: view.search is not None and view.search.is_complete)
        assert view.search is not None
        assert list(view.search.hits) == []


async def test_another_search_ends_the_one_before() -> None:
    searcher = Searcher()
    async with staged(LogView()) as stage:
        view = stage.widget
        view.show(LongOutput(), Liveliness.ENDED, searcher.find)
        view.start_search("nee")
        view.start_search("")
        await stage.pilot.pause(0)
        assert view.search is None
        view.start_search("needle")
        view.wrap = False
        view.timestamps = False
        await stage.until(lambda: view.search is not None and view.search.is_complete)
        assert view.search is not None
        assert len(view.search.hits) == LINES // EVERY


def test_candidates_that_stand_close_together_are_taken_at_once() -> None:
    candidates = Candidates()
    assert candidates.is_waiting
    candidates.offer([3 * LINES_AT_ONCE, 3 * LINES_AT_ONCE - 1, LINES_AT_ONCE, 1])
    assert candidates.first(1) == [3 * LINES_AT_ONCE]
    assert candidates.first(LINES_AT_ONCE) == [3 * LINES_AT_ONCE, 3 * LINES_AT_ONCE - 1]
    candidates.drop(2)
    assert candidates.first(LINES_AT_ONCE) == [LINES_AT_ONCE, 1]
    candidates.drop(2)
    candidates.is_over = True
    assert candidates.is_done
