"""Pages of the runs that are kept in memory."""

from collections.abc import Callable, Iterable
from time import thread_time

from taskengine.history.summary import matches, summary_of
from taskengine.output import Output
from taskengine.records import RunPage, RunQuery, RunSummary
from taskengine.run import Run

BUDGET = 0.02
"""For how many seconds of a CPU runs are looked at for one page; an event loop waits for it."""


def page_of(
    runs: Iterable[Run],
    outputs: Callable[[int], Output | None],
    query: RunQuery,
    limit: int,
    budget: float = BUDGET,
) -> RunPage:
    """The first `limit` of these runs, which come by descending number, that a query asks for; or
    those that are found in about `budget` seconds of work, however long other threads keep this
    one from it. A limit counts as 1 or more.
    """
    deadline = thread_time() + budget
    found: list[RunSummary] = []
    for run in runs:
        if matches(run, query):
            if len(found) >= max(limit, 1):
                return RunPage(tuple(found), found[-1].id)
            found.append(summary_of(run, outputs(run.id)))
        if thread_time() >= deadline:
            return RunPage(tuple(found), run.id)
    return RunPage(tuple(found))
