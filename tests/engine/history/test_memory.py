"""The history that lives in memory."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from taskengine.history.memory import MemoryHistory
from taskengine.history.retention import HistorySettings, Retention
from taskengine.output import OutputBuffer
from taskengine.run import JsonValue, Run, RunError, RunState, Trigger

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def run(run_id: int, task: str = "job", state: RunState = RunState.QUEUED) -> Run:
    return Run(id=run_id, task=task, payload={}, trigger=Trigger.MANUAL, state=state, queued_at=NOW)


async def ended(history: MemoryHistory, task: str = "job", text: str = "") -> int:
    run_id = history.next_id()
    output = OutputBuffer()
    output.append(text)
    await history.keep_queued(run(run_id, task), output, begins=True)
    await history.keep_ended(run(run_id, task, RunState.DONE))
    return run_id


async def test_runs_come_newest_first_and_by_task() -> None:
    history = MemoryHistory()
    ids = [await ended(history, task) for task in ("a", "b", "a")]

    assert [one.id for one in history.recent(None, 10)] == ids[::-1]
    assert [one.id for one in history.recent("a", 10)] == [ids[2], ids[0]]
    assert [one.id for one in history.recent(None, 1)] == [ids[2]]
    assert history.recent("unknown", 10) == []


async def test_the_oldest_runs_make_room_but_never_one_that_goes_on() -> None:
    history = MemoryHistory(max_runs=3)
    going_on = history.next_id()
    await history.keep_queued(run(going_on), OutputBuffer(), begins=True)

    ids = [await ended(history) for _ in range(5)]

    assert {one.id for one in history.recent(None, 10)} == {going_on, *ids[-2:]}
    assert history.run(ids[0]) is None
    assert history.output(ids[0]) is None


async def test_runs_make_room_by_what_they_wrote() -> None:
    history = MemoryHistory(max_chars=250)
    ids = [await ended(history, text="x" * 100) for _ in range(4)]

    assert [one.id for one in history.recent(None, 10)] == [ids[3], ids[2]]


async def test_what_is_written_after_a_runs_end_does_not_blur_the_account() -> None:
    history = MemoryHistory(max_chars=250)
    for _ in range(3):
        run_id = history.next_id()
        output = OutputBuffer()
        await history.keep_queued(run(run_id), output, begins=True)
        await history.keep_ended(run(run_id, state=RunState.DONE))
        output.append("x" * 1_000)
    ids = [await ended(history, text="x" * 100) for _ in range(6)]

    assert [one.id for one in history.recent(None, 10)] == [ids[5], ids[4]]


LARGE: JsonValue = {"text": ["x" * 100]}


@pytest.mark.parametrize(
    "facts",
    [
        {"result": LARGE},
        {"payload": {"given": LARGE}},
        {"payload": {"x" * 100: None}},
        {"error": RunError(type="ValueError", message="x" * 100)},
        {"error": RunError(type="ValueError", message="", traceback="x" * 100)},
    ],
)
async def test_runs_make_room_by_their_results_payloads_and_errors(
    facts: dict[str, Any],
) -> None:
    history = MemoryHistory(max_chars=300)
    for _ in range(4):
        one = replace(run(history.next_id(), state=RunState.DONE), **facts)
        await history.keep_queued(one, OutputBuffer(), begins=True)
        await history.keep_ended(one)

    assert [one.id for one in history.recent(None, 10)] == [4, 3]


async def test_runs_make_room_by_results_of_very_many_values() -> None:
    history = MemoryHistory(max_chars=250_000)
    for _ in range(4):
        one = replace(run(history.next_id(), state=RunState.DONE), result=["x" * 10] * 10_000)
        await history.keep_queued(one, OutputBuffer(), begins=True)
        await history.keep_ended(one)

    assert [one.id for one in history.recent(None, 10)] == [4, 3]


async def test_no_runs_are_given_when_none_are_asked_for() -> None:
    history = MemoryHistory()
    await ended(history)

    assert history.recent(None, 0) == []
    assert history.recent("job", 0) == []


async def test_outcomes_and_the_last_run_outlive_the_runs_themselves() -> None:
    history = MemoryHistory(max_runs=1)
    for _ in range(3):
        await ended(history, "a")
    await ended(history, "b")

    assert history.outcomes("a") == (RunState.DONE,) * 3
    last = history.last_ended("a")
    assert last is not None
    assert last.state is RunState.DONE
    assert history.outcomes("unknown") == ()


async def test_a_task_keeps_as_many_runs_as_it_asks_for() -> None:
    history = MemoryHistory()
    history.configure(HistorySettings(tasks={"job": Retention(runs=2)}))

    ids = [await ended(history) for _ in range(5)]
    other = [await ended(history, "other") for _ in range(3)]

    assert [one.id for one in history.recent("job", 10)] == ids[:-3:-1]
    assert len(history.recent("other", 10)) == len(other)


async def test_a_run_that_goes_on_is_kept_beside_those_a_task_asks_for() -> None:
    history = MemoryHistory()
    history.configure(HistorySettings(tasks={"job": Retention(runs=1)}))
    going_on = history.next_id()
    await history.keep_queued(run(going_on), OutputBuffer(), begins=True)

    ids = [await ended(history) for _ in range(2)]

    assert history.run(going_on) is not None
    assert history.run(ids[0]) is None


async def test_a_task_keeps_its_runs_as_long_as_it_asks_for() -> None:
    history = MemoryHistory()
    history.configure(HistorySettings(tasks={"job": Retention(age=timedelta(days=7))}))

    for day in (0, 1, 7.5):
        done = replace(run(history.next_id(), "job", RunState.DONE), ended_at=NOW + day * DAY)
        await history.keep_queued(done, OutputBuffer(), begins=True)
        await history.keep_ended(done)

    assert [one.ended_at for one in history.recent("job", 10)] == [NOW + 7.5 * DAY, NOW + DAY]


async def test_a_run_that_took_long_does_not_go_before_those_that_ended_earlier() -> None:
    history = MemoryHistory(max_runs=3)
    long = history.next_id()
    await history.keep_queued(run(long), OutputBuffer(), begins=True)
    ids = [await ended(history) for _ in range(3)]
    await history.keep_ended(run(long, state=RunState.DONE))
    latest = await ended(history)

    assert {one.id for one in history.recent(None, 10)} == {ids[-1], long, latest}
