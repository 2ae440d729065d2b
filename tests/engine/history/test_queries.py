"""What every history answers alike: one in memory, one in a file, and one that is opened again."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

import pytest

from support.past_runs import NOW, past_run, various_runs
from taskengine.history.history import History
from taskengine.history.memory import MemoryHistory
from taskengine.history.sqlite.project_history import ProjectHistory
from taskengine.history.summary import matches
from taskengine.output import OutputBuffer, OutputKind, OutputLine
from taskengine.problem import Problem, ProblemKind
from taskengine.records import RunQuery
from taskengine.run import Run, RunError, RunState, Trigger

Filled: TypeAlias = Callable[[Sequence[Run]], AbstractAsyncContextManager[History]]
FAILED = RunState.FAILED


def lines_of(run: Run) -> list[str]:
    """What a run has written: as many lines as its number says, but no more than 40."""
    return [f"Line {number} of run {run.id}" for number in range(min(run.id, 40))]


def no_trouble(_kind: ProblemKind, problem: Problem | None) -> None:
    assert problem is None


async def keep(history: History, run: Run) -> None:
    """Let a run take place."""
    output = OutputBuffer()
    await history.keep_queued(run, output, begins=True)
    for line in lines_of(run):
        output.append(OutputLine(1_700_000_000_000, OutputKind.STDOUT, "", line).encode())
    if run.state.is_final:
        await history.keep_ended(run)


@asynccontextmanager
async def in_memory(root: Path, runs: Sequence[Run]) -> AsyncIterator[History]:
    history = MemoryHistory()
    for run in runs:
        await keep(history, run)
    yield history


@asynccontextmanager
async def in_file(root: Path, runs: Sequence[Run]) -> AsyncIterator[History]:
    history = ProjectHistory(root)
    await history.open(no_trouble)
    for run in runs:
        await keep(history, run)
    yield history
    await history.close()


@asynccontextmanager
async def in_file_of_the_past(root: Path, runs: Sequence[Run]) -> AsyncIterator[History]:
    async with in_file(root, [run for run in runs if run.state.is_final]):
        pass
    async with in_file(root, [run for run in runs if not run.state.is_final]) as history:
        yield history


@pytest.fixture(params=[in_memory, in_file, in_file_of_the_past], ids=lambda make: make.__name__)
def filled(request: pytest.FixtureRequest, tmp_path: Path) -> Filled:
    """Makes a history in which these runs took place."""
    make = request.param
    return lambda runs: make(tmp_path, runs)


async def numbers_of(history: History, query: RunQuery, limit: int = 100) -> list[int]:
    """The runs on all pages of a query."""
    numbers: list[int] = []
    before: int | None = None
    while True:
        page = await history.runs(query, before=before, limit=limit)
        numbers += [run.id for run in page.runs]
        before = page.before
        if before is None:
            return numbers


QUERIES = (
    RunQuery(),
    RunQuery(task="import"),
    RunQuery(task="unknown"),
    RunQuery(states=frozenset({FAILED})),
    RunQuery(states=frozenset({FAILED, RunState.DONE, RunState.RUNNING})),
    RunQuery(triggers=frozenset({Trigger.MANUAL, Trigger.CLI})),
    RunQuery(since=NOW + timedelta(seconds=20), until=NOW + timedelta(seconds=60)),
    RunQuery(until=NOW),
    RunQuery(text="ORDER"),
    RunQuery(text="strasse timeout"),
    RunQuery(text="unheard"),
    RunQuery(text='"*-('),
    RunQuery(task="mail", states=frozenset({RunState.DONE}), text="42", since=NOW),
)


async def test_pages_hold_the_runs_that_are_asked_for(filled: Filled) -> None:
    runs = various_runs(seed=3, count=120)
    async with filled(runs) as history:
        for query in QUERIES:
            expected = [run.id for run in reversed(runs) if matches(run, query)]
            assert await numbers_of(history, query) == expected
            assert await numbers_of(history, query, limit=30) == expected


async def test_a_page_holds_no_more_than_its_limit_and_begins_where_it_is_told(
    filled: Filled,
) -> None:
    async with filled([past_run(number) for number in range(1, 10)]) as history:
        page = await history.runs(RunQuery(), before=8, limit=3)

        assert [run.id for run in page.runs] == [7, 6, 5]
        assert page.before == 5
        assert len((await history.runs(RunQuery(), limit=0)).runs) == 1
        assert [run.id for run in (await history.runs(RunQuery(), before=2)).runs] == [1]


async def test_a_page_tells_of_each_run_what_lists_show(filled: Filled) -> None:
    run = past_run(
        3,
        task="mail",
        payload={"to": "ä"},
        trigger=Trigger.API,
        state=FAILED,
        key="ä",
        error=RunError(type="ValueError", message="bad\nvery"),
    )
    async with filled([run]) as history:
        (summary,) = (await history.runs(RunQuery())).runs

    assert (summary.id, summary.task, summary.state, summary.trigger) == (
        *(3, "mail", FAILED, Trigger.API),
    )
    assert (summary.queued_at, summary.started_at, summary.ended_at) == (
        *(run.queued_at, run.started_at, run.ended_at),
    )
    assert (summary.payload, summary.error, summary.key, summary.lines) == (
        *('{"to": "ä"}', "ValueError: bad", "ä", 3),
    )


async def test_a_run_is_found_as_it_stands_now(filled: Filled) -> None:
    running = RunQuery(states=frozenset({RunState.RUNNING}))
    going_on = past_run(2, state=RunState.RUNNING, ended_at=None)
    async with filled([past_run(1), going_on]) as history:
        assert await numbers_of(history, running) == [2]

        await history.keep_ended(past_run(2, result="unicorns"))

        assert await numbers_of(history, running) == []
        assert await numbers_of(history, RunQuery(text="unicorn")) == [2]


async def test_the_counters_of_a_task_tell_of_all_its_runs(filled: Filled) -> None:
    states = [RunState.DONE] * 6 + [FAILED, RunState.TIMEOUT, RunState.SKIPPED]
    runs = [past_run(number, state=state) for number, state in enumerate(states, 1)]
    async with filled([*runs, past_run(50, task="other")]) as history:
        statistics = history.statistics("job")

        assert statistics.counts == {
            RunState.DONE: 6,
            FAILED: 1,
            RunState.TIMEOUT: 1,
            RunState.SKIPPED: 1,
        }
        assert statistics.success_rate == pytest.approx(6 / 8)
        assert statistics.p50 == pytest.approx(1, rel=0.05)
        assert history.outcomes("job") == tuple(states)
        assert history.last_ended("job") == runs[-1]
        assert history.statistics("unknown").total == 0
        assert history.statistics("unknown").p95 is None
        assert history.last_ended("unknown") is None


async def test_past_payloads_come_each_once_and_the_latest_first(filled: Filled) -> None:
    payloads = [{"a": 1, "b": 2}, {"a": 1}, {"b": 2, "a": 1}, {"a": True}, {}]
    runs = [past_run(number, payload=payload) for number, payload in enumerate(payloads, 1)]
    runs.append(past_run(6, payload={"scheduledTime": 9, "a": 1}, trigger=Trigger.SCHEDULE))
    async with filled([*runs, past_run(7, task="other", payload={"c": 1})]) as history:
        assert await history.past_payloads("job", 10) == [
            *({"a": 1}, {}, {"a": True}, {"b": 2, "a": 1}),
        ]
        assert await history.past_payloads("job", 2) == [{"a": 1}, {}]
        assert await history.past_payloads("job", 0) == []
        assert await history.past_payloads("unknown", 10) == []


async def test_the_lines_of_a_run_are_searched(filled: Filled) -> None:
    async def hits(run_id: int, text: str, start: int, *, backwards: bool = False) -> list[int]:
        found = history.search_output(run_id, text, start=start, backwards=backwards)
        return [number async for batch in found for number in batch]

    async with filled([past_run(30), past_run(31, state=RunState.RUNNING)]) as history:
        for run_id in (30, 31):
            assert await hits(run_id, "line 2", 0) == [2, *range(20, 30)]
            assert await hits(run_id, "LINE 2", 27) == [27, 28, 29]
            assert await hits(run_id, "line 2", 21, backwards=True) == [21, 20, 2]
            assert await hits(run_id, "nothing", 0) == []
        assert await hits(99, "line", 0) == []


async def test_the_latest_runs_come_newest_first(filled: Filled) -> None:
    runs = [past_run(number, task="odd" if number % 2 else "even") for number in range(1, 7)]
    async with filled(runs) as history:
        assert [run.id for run in history.recent(None, 3)] == [6, 5, 4]
        assert [run.id for run in history.recent("odd", 2)] == [5, 3]
        assert history.recent("odd", 0) == []
        assert history.recent("unknown", 3) == []
        assert history.run(4) == runs[3]
        assert history.run(99) is None
