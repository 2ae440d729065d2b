"""Which numbers the runs of a range of time are found among."""

from collections.abc import Iterator
from sqlite3 import Connection

from taskengine.history.sqlite.instants import to_micros
from taskengine.records import RunQuery

_SPAN_BITS = 10  # as in the trigger that fills the table


def spans_of(connection: Connection, query: RunQuery, before: int | None) -> Iterator[range]:
    """Ranges of numbers, highest first, that hold all runs below `before` that were queued in the
    query's range of time, and some others.
    """
    lowest, highest = connection.execute(
        "SELECT (SELECT min(id) FROM runs), (SELECT max(id) FROM runs)"
    ).fetchone()
    if lowest is None:
        return
    end = highest + 1 if before is None else min(before, highest + 1)
    for span in _rough_spans(connection, query, lowest, end):
        if part := range(max(span.start, lowest), min(span.stop, end)):
            yield part


def _rough_spans(connection: Connection, query: RunQuery, lowest: int, end: int) -> Iterator[range]:
    if query.since is None and query.until is None:
        yield range(lowest, end)
        return
    conditions, parameters = ["span <= ?"], [end >> _SPAN_BITS]
    if query.since is not None:
        conditions.append("latest >= ?")
        parameters.append(to_micros(query.since))
    if query.until is not None:
        conditions.append("earliest < ?")
        parameters.append(to_micros(query.until))
    rows = connection.execute(
        f"SELECT span FROM run_spans WHERE {' AND '.join(conditions)} ORDER BY span DESC",  # noqa: S608
        parameters,
    )
    yield from _joined(span for (span,) in rows)


def _joined(spans: Iterator[int]) -> Iterator[range]:
    """The numbers of spans, those that lie side by side in one range."""
    first = last = None
    for span in spans:
        if first is not None and last is not None and span < first - 1:
            yield range(first << _SPAN_BITS, (last + 1) << _SPAN_BITS)
            first = last = None
        first, last = span, span if last is None else last
    if first is not None and last is not None:
        yield range(first << _SPAN_BITS, (last + 1) << _SPAN_BITS)
