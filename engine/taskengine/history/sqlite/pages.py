"""Pages of the runs that a query asks for. Nothing here counts or sorts what it does not give.

The numbers of runs are walked down in windows, and an index gives the candidates in each, newest
first; a window grows while little is found. Where most candidates have to be passed over, time runs
out before the numbers do, and the page says where the next one goes on.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from sqlite3 import Connection
from time import monotonic

from taskengine.history.sqlite.filters import Filter, filter_of
from taskengine.history.sqlite.readable import Row, readable
from taskengine.history.sqlite.rows import load_runs
from taskengine.history.sqlite.spans import spans_of
from taskengine.history.sqlite.sql import marks
from taskengine.history.sqlite.summary_rows import COLUMNS, summary_of_row
from taskengine.history.summary import has_words
from taskengine.records import RunPage, RunQuery, RunSummary

_FIRST_WINDOW = 2_000
_GROWTH = 4
_MOST_SEARCHED = 100
_FIRST_PAGE = 0.035
_NEXT_PAGE = 0.012


def page_of(
    connection: Connection, query: RunQuery, before: int | None, limit: int, budget: float
) -> RunPage:
    """The first `limit` runs below the number `before` that a query asks for, or those of them that
    are found in about `budget` seconds; at least one window is searched. A limit counts as 1 or
    more.
    """
    deadline = monotonic() + budget
    limit = max(limit, 1)
    found: list[RunSummary] = []
    spans = spans_of(connection, query, before)
    for runs, end in _finds(connection, filter_of(connection, query), spans, limit):
        found += runs
        if len(found) >= limit:
            return RunPage(tuple(found[:limit]), found[limit - 1].id)
        if monotonic() >= deadline:
            return RunPage(tuple(found), end)
    return RunPage(tuple(found))


def seconds_for(before: int | None) -> float:
    """How long a page may be looked for: whoever has seen the first one is scrolling, and can be
    given the next in smaller pieces.
    """
    return _FIRST_PAGE if before is None else _NEXT_PAGE


def merged(
    page: RunPage, live: Mapping[int, RunSummary | None], before: int | None, limit: int
) -> RunPage:
    """A stored page together with what memory holds, which is newer than what is stored.

    `live` has each run in memory by its number, None for those that the query does not ask for. It
    must be taken before the page is read: what leaves memory in between is then in both. `before`
    and `limit` are what the page was asked for with.
    """
    end = sys.maxsize if before is None else before
    start = 0 if page.before is None else page.before
    runs = [run for run in page.runs if run.id not in live]
    runs += [run for run in live.values() if run and start <= run.id < end]
    runs.sort(key=lambda run: run.id, reverse=True)
    limit = max(limit, 1)
    return RunPage(tuple(runs[:limit]), runs[limit - 1].id if len(runs) > limit else page.before)


def _finds(
    connection: Connection, wanted: Filter, spans: Iterable[range], limit: int
) -> Iterator[tuple[list[RunSummary], int]]:
    """What is found, in parts, each with the number down to which nothing else is to be found."""
    most = min(limit, _MOST_SEARCHED) if wanted.words else limit
    width = _FIRST_WINDOW
    for numbers in spans:
        end = numbers.stop
        while end > numbers.start:
            window = range(max(numbers.start, end - width), end)
            runs, end = _found_in(connection, wanted, window, most)
            yield runs, end
            width = min(width * _GROWTH, wanted.reach or sys.maxsize)


def _found_in(
    connection: Connection, wanted: Filter, numbers: range, most: int
) -> tuple[list[RunSummary], int]:
    """What is found among these numbers, and the number down to which they were searched."""
    end, late = numbers.start, list[RunSummary]()
    if wanted.late:  # first: what comes into the index in the meantime is found twice, not never
        late, end = _found_in(connection, wanted.late, numbers, most)
    rows = _candidates(connection, wanted, range(end, numbers.stop), most)
    if len(rows) == most:
        end = rows[-1][0]
    runs = _with_words(connection, list(readable(rows, summary_of_row)), wanted.words)
    found = {run.id: run for run in (*late, *runs) if run.id >= end}
    return [found[number] for number in sorted(found, reverse=True)], end


def _candidates(connection: Connection, wanted: Filter, numbers: range, limit: int) -> list[Row]:
    number = wanted.number
    sql = (
        f"SELECT {COLUMNS} FROM {wanted.tables} WHERE {wanted.condition}"  # noqa: S608
        f" AND {number} >= ? AND {number} < ? ORDER BY {number} DESC LIMIT ?"
    )
    parameters = (*wanted.parameters, numbers.start, numbers.stop, limit)
    return connection.execute(sql, parameters).fetchall()


def _with_words(
    connection: Connection, runs: list[RunSummary], words: Sequence[str]
) -> list[RunSummary]:
    if not (words and runs):
        return runs
    whole = load_runs(connection, f"WHERE id IN ({marks(runs)})", [run.id for run in runs])
    right = {run.id for run in whole if has_words(run, words)}
    return [run for run in runs if run.id in right]
