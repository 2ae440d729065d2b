"""Pages of stored runs: all that is asked for, each once, newest first, whatever the limits."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from sqlite3 import Connection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.past_runs import LONG, NOW, TASKS, WORDS, history_file, past_run, various_runs
from support.thorough import examples
from taskengine.history.sqlite.indexing import index_ended
from taskengine.history.sqlite.pages import merged, page_of
from taskengine.history.sqlite.rows import Standing, save_run
from taskengine.history.summary import matches, summary_of
from taskengine.records import RunPage, RunQuery
from taskengine.run import Run, RunError, RunState, Trigger

RUNS = various_runs(seed=5, count=1_500)
BY_NUMBER = {run.id: run for run in RUNS}
LAST = RUNS[-1].id
FOREVER = 60.0

instants = st.integers(-10, 70_000).map(lambda seconds: NOW + timedelta(seconds=seconds))
texts = st.lists(
    st.sampled_from([*WORDS, LONG, LONG[:9], "o", "ord", "ValueError", "n", "unheard"]), max_size=3
).map(" ".join)
queries = st.builds(
    RunQuery,
    task=st.none() | st.sampled_from([*TASKS, "unknown"]),
    states=st.frozensets(st.sampled_from(RunState), max_size=3),
    triggers=st.frozensets(st.sampled_from(Trigger), max_size=3),
    since=st.none() | instants,
    until=st.none() | instants,
    text=st.just("") | texts,
)


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    with history_file(tmp_path_factory.mktemp("history") / "history.db", RUNS) as connection:
        yield connection


@pytest.fixture(scope="module")
def half_indexed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """Of the runs in here, every other one is yet to be put into the full-text index."""
    path = tmp_path_factory.mktemp("history") / "history.db"
    with history_file(path, RUNS[-400::2]) as connection:
        for run in RUNS[-399::2]:
            save_run(connection, run, Standing(engine=1))
            index_ended(connection, [run])
        yield connection


def walked(page_below: Callable[[int | None], RunPage], before: int | None = None) -> list[int]:
    """The numbers on all pages, from below a number on."""
    numbers: list[int] = []
    while True:
        page = page_below(before)
        numbers += [run.id for run in page.runs]
        if page.before is None:
            return numbers
        assert before is None or page.before < before, "a page must lead on"
        before = page.before


@given(
    query=queries,
    before=st.none() | st.integers(-5, LAST + 5),
    limit=st.integers(1, 200),
    budget=st.sampled_from([0.0, FOREVER]),
)
@examples(60)
def test_pages_hold_all_that_is_asked_for_once_and_newest_first(
    stored: Connection, query: RunQuery, before: int | None, limit: int, budget: float
) -> None:
    wanted = [run.id for run in reversed(RUNS) if before is None or run.id < before]
    expected = [one for one in wanted if matches(BY_NUMBER[one], query)]

    found = walked(lambda below: page_of(stored, query, below, limit, budget), before)

    assert found == expected


@st.composite
def live_runs(draw: st.DrawFn) -> dict[int, Run]:
    """What memory holds: stored runs that have changed since, and newer or unstored ones."""
    changed = draw(st.sets(st.sampled_from(RUNS[-30:]).map(lambda run: run.id), max_size=15))
    added = draw(st.sets(st.integers(RUNS[-30].id, LAST + 20), max_size=15))
    states = st.sampled_from(RunState)
    runs = [replace(BY_NUMBER[one], state=draw(states)) for one in sorted(changed)]
    runs += [past_run(one, state=draw(states)) for one in sorted(added - BY_NUMBER.keys())]
    return {run.id: run for run in runs}


@given(
    live=live_runs(),
    states=st.frozensets(st.sampled_from(RunState), max_size=4),
    limit=st.integers(20, 60),
    budget=st.sampled_from([0.0, FOREVER]),
)
@examples(25)
def test_what_memory_holds_takes_the_place_of_what_is_stored(
    stored: Connection,
    live: dict[int, Run],
    states: frozenset[RunState],
    limit: int,
    budget: float,
) -> None:
    query = RunQuery(states=states)
    asked = {
        number: summary_of(run, None) if matches(run, query) else None
        for number, run in live.items()
    }
    world = sorted((BY_NUMBER | live).values(), key=lambda run: run.id, reverse=True)

    def page_below(before: int | None) -> RunPage:
        page = merged(page_of(stored, query, before, limit, budget), asked, before, limit)
        assert len(page.runs) <= limit
        assert all(run.id not in asked or run is asked[run.id] for run in page.runs)
        return page

    assert walked(page_below) == [run.id for run in world if matches(run, query)]


def test_a_run_comes_as_it_was_stored(tmp_path: Path) -> None:
    run = past_run(
        7,
        task="mail",
        payload={"to": "ä", "n": 1},
        trigger=Trigger.RERUN,
        state=RunState.FAILED,
        scheduled_time=NOW,
        key="ä",
        attempt=2,
        max_attempts=3,
        error=RunError(type="ValueError", message="bad\nvery"),
        parent_id=3,
        rerun_of=4,
    )

    with history_file(tmp_path / "history.db", [run]) as connection:
        page = page_of(connection, RunQuery(), None, 10, FOREVER)

    assert page == RunPage((summary_of(run, None),))
    assert page.runs[0].error == "ValueError: bad"


def test_an_empty_history_gives_an_empty_last_page(tmp_path: Path) -> None:
    with history_file(tmp_path / "history.db") as connection:
        assert page_of(connection, RunQuery(since=NOW), None, 10, FOREVER) == RunPage()


def test_a_full_page_says_where_the_next_one_goes_on(stored: Connection) -> None:
    page = page_of(stored, RunQuery(), None, 10, FOREVER)

    assert [run.id for run in page.runs] == [run.id for run in RUNS[:-11:-1]]
    assert page.before == page.runs[-1].id


def test_when_time_runs_out_a_page_goes_on_below_what_was_searched(stored: Connection) -> None:
    nothing = RunQuery(task="import", text="unheard ord")

    page = page_of(stored, nothing, None, 10, 0.0)

    assert page.runs == ()
    assert page.before is not None
    assert RUNS[0].id < page.before < LAST


@pytest.mark.parametrize("number", [2**70, -(2**70), 0])
def test_a_page_may_be_asked_for_below_any_number(stored: Connection, number: int) -> None:
    page = page_of(stored, RunQuery(), number, 10, FOREVER)

    assert len(page.runs) == (10 if number > 0 else 0)


def test_a_limit_of_nothing_counts_as_one(stored: Connection) -> None:
    assert [run.id for run in page_of(stored, RunQuery(), None, 0, FOREVER).runs] == [LAST]


HOSTILE = (
    '"', '""', "*", '"*"', "NEAR", "NEAR(a b, 1)", "AND", "OR", "NOT", "a NOT b", "-x", "^order",
    "text:order", "{text}:order", "(", ")))", "'; DROP TABLE runs; --", "%", "_", "\x00", "\ud800",
    "🙂", "😀😀", "ﬁ", "İ", "ß", "क्षि", "مرحبا", "日本語", "e\u0301", "\u200b", "order\x00\x1f",
    "x" * 100_000, "order " * 20_000, " ".join(map(str, range(20_000))), '"*-(' * 25_000, "+", "\\",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_breaks_a_query(stored: Connection, text: str) -> None:
    query = RunQuery(text=text)

    found = walked(lambda before: page_of(stored, query, before, 500, FOREVER))

    assert found == [run.id for run in reversed(RUNS) if matches(run, query)]


@pytest.mark.parametrize("text", ["", " ", '"*-(', "🙂 ,;", "\x00"])
def test_text_without_a_word_is_no_filter(stored: Connection, text: str) -> None:
    page = page_of(stored, RunQuery(text=text), None, 10, FOREVER)

    assert page == page_of(stored, RunQuery(), None, 10, FOREVER)


def test_runs_that_are_gone_are_found_no_more(tmp_path: Path) -> None:
    runs = [past_run(number, payload={"word": "order"}) for number in (1, 2, 3)]
    with history_file(tmp_path / "history.db", runs) as connection:
        connection.execute("DELETE FROM runs WHERE id = 2")

        page = page_of(connection, RunQuery(text="order"), None, 10, FOREVER)

    assert [run.id for run in page.runs] == [3, 1]


def test_a_run_that_is_stored_late_with_an_early_instant_is_found_by_it(tmp_path: Path) -> None:
    early = past_run(5_000, queued_at=NOW - timedelta(days=400))
    runs = [*(past_run(number) for number in range(1, 20)), early]
    with history_file(tmp_path / "history.db", runs) as connection:
        page = page_of(connection, RunQuery(until=NOW), None, 10, FOREVER)

    assert [run.id for run in page.runs] == [5_000]


def plan_of(connection: Connection, query: RunQuery) -> str:
    """How SQLite goes about a page of this query."""
    asked: list[str] = []
    connection.set_trace_callback(asked.append)
    page_of(connection, query, None, 10, FOREVER)
    connection.set_trace_callback(None)
    sql = next(one for one in asked if "payload_start" in one)
    return " / ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}"))


@pytest.mark.parametrize(
    "query",
    [
        RunQuery(),
        RunQuery(task="import"),
        RunQuery(states=frozenset({RunState.FAILED})),
        RunQuery(task="import", states=frozenset({RunState.FAILED})),
        RunQuery(triggers=frozenset({Trigger.MANUAL})),
        RunQuery(text="order"),
        RunQuery(task="mail", text="order"),
        RunQuery(since=NOW, task="mail"),
    ],
)
def test_nothing_is_sorted_for_a_page(stored: Connection, query: RunQuery) -> None:
    plan = plan_of(stored, query)

    assert "SCAN runs" not in plan
    assert "TEMP B-TREE" not in plan


@given(query=queries, limit=st.integers(5, 60), budget=st.sampled_from([0.0, FOREVER]))
@examples(25)
def test_runs_whose_words_are_not_indexed_yet_are_found_all_the_same(
    half_indexed: Connection, query: RunQuery, limit: int, budget: float
) -> None:
    expected = [run.id for run in reversed(RUNS[-400:]) if matches(run, query)]

    assert walked(lambda before: page_of(half_indexed, query, before, limit, budget)) == expected


@pytest.mark.parametrize("limit", [1, 2, 3, 5])
def test_runs_not_indexed_yet_come_once_and_in_their_place_among_those_passed_over(
    tmp_path: Path, limit: int
) -> None:
    words = {number: LONG if number % 3 == 0 else "international" for number in range(1, 40)}
    runs = [past_run(number, payload={"word": word}) for number, word in words.items()]
    with history_file(tmp_path / "history.db", runs[::2]) as connection:
        for run in runs[1::2]:
            save_run(connection, run, Standing(engine=1))
            index_ended(connection, [run])
        query = RunQuery(text=LONG)

        found = walked(lambda before: page_of(connection, query, before, limit, FOREVER))

    assert found == list(range(39, 0, -3))
