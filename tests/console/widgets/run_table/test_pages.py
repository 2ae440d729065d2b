"""Rows that are held in pages, and let go where nobody looks."""

from support.past import summary
from taskconsole.widgets.run_table.pages import HELD_AT_MOST, PAGE, Pages
from taskengine.records import RunSummary


def runs(top: int, size: int = PAGE) -> tuple[RunSummary, ...]:
    return tuple(summary(number) for number in range(top, top - size, -1))


def filled(count: int) -> Pages:
    """As many full pages."""
    pages = Pages()
    for number in range(count, 0, -1):
        pages.append(runs(number * PAGE), (number - 1) * PAGE + 1 if number > 1 else None)
    return pages


def ids(pages: Pages) -> list[int]:
    found = map(pages.at, range(pages.count))
    return [run.id for run in found if run]


def test_rows_follow_each_other_over_pages() -> None:
    pages = filled(3)
    assert pages.is_complete
    assert ids(pages) == list(range(3 * PAGE, 0, -1))
    assert [pages.row_of(one) for one in (3 * PAGE, PAGE, 1)] == [0, 2 * PAGE, 3 * PAGE - 1]
    assert pages.row_of(3 * PAGE + 1) is None


def test_what_is_far_from_sight_is_let_go_and_can_be_held_again() -> None:
    pages = filled(HELD_AT_MOST + 5)
    last = pages.covering(range(pages.count - 1, pages.count))
    pages.let_go(last)
    assert len(ids(pages)) == HELD_AT_MOST * PAGE
    assert pages.at(0) is not None
    gone = pages.covering(range(PAGE, PAGE + 1))[0]
    assert gone.runs is None
    assert gone.before is not None
    pages.put(gone, runs(gone.before - 1))
    assert pages.at(PAGE) == summary(gone.before - 1)


def test_the_first_page_is_split_when_many_runs_have_come() -> None:
    pages = filled(2)
    newest = pages.newest
    assert newest is not None
    pages.put(newest, runs(5 * PAGE, 4 * PAGE))
    assert ids(pages) == list(range(5 * PAGE, 0, -1))
    assert pages.row_of(4 * PAGE) == PAGE
    assert newest.size == PAGE


def test_a_page_without_runs_moves_the_rest_only() -> None:
    pages = Pages()
    pages.append((), 900)
    pages.append((), 500)
    pages.append((summary(300),), None)
    assert ids(pages) == [300]
    assert pages.row_of(300) == 0
    assert pages.page_of(950) is pages.newest


def test_a_run_that_is_not_listed_yet_belongs_to_no_page() -> None:
    pages = Pages()
    pages.append(runs(1_000), 801)
    assert pages.page_of(700) is None
    assert pages.page_of(801) is pages.newest
