"""Pages of runs in memory, when time runs out."""

import time
from math import inf

from support.past_runs import various_runs
from taskengine.history.memory_pages import BUDGET, page_of
from taskengine.history.summary import matches
from taskengine.records import RunQuery

RUNS = various_runs(seed=8, count=60)[::-1]


def test_pages_that_run_out_of_time_add_up_to_all_that_is_asked_for() -> None:
    query = RunQuery(text="order")
    found: list[int] = []
    before: int | None = RUNS[0].id + 1
    pages = 0
    while before is not None:
        below = [run for run in RUNS if run.id < before]
        page = page_of(below, lambda _: None, query, 10, budget=0.0)
        found += [run.id for run in page.runs]
        before = page.before
        pages += 1

    assert found == [run.id for run in RUNS if matches(run, query)]
    assert pages == len(RUNS) + 1


def test_a_page_says_that_there_is_more_only_if_there_is() -> None:
    whole = page_of(RUNS, lambda _: None, RunQuery(), len(RUNS), budget=inf)
    part = page_of(RUNS, lambda _: None, RunQuery(), len(RUNS) - 1, budget=inf)

    assert whole.before is None
    assert part.before == RUNS[-2].id


def test_a_page_is_whole_however_long_others_keep_it_from_being_made() -> None:
    page = page_of(RUNS[:3], lambda _: time.sleep(BUDGET), RunQuery(), 10)

    assert [run.id for run in page.runs] == [run.id for run in RUNS[:3]]
    assert page.before is None
