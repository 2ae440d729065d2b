"""The history that lives in memory."""

from datetime import UTC, datetime

from taskengine.history.memory import MemoryHistory
from taskengine.output import OutputBuffer
from taskengine.run import Run, RunState, Trigger

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def run(run_id: int, task: str = "job", state: RunState = RunState.QUEUED) -> Run:
    return Run(id=run_id, task=task, payload={}, trigger=Trigger.MANUAL, state=state, queued_at=NOW)


async def ended(history: MemoryHistory, task: str = "job", text: str = "") -> int:
    run_id = history.next_id()
    output = OutputBuffer()
    output.append(text)
    await history.keep_queued(run(run_id, task), output)
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
    await history.keep_queued(run(going_on), OutputBuffer())

    ids = [await ended(history) for _ in range(5)]

    assert {one.id for one in history.recent(None, 10)} == {going_on, *ids[-2:]}
    assert history.run(ids[0]) is None
    assert history.output(ids[0]) is None


async def test_runs_make_room_by_what_they_wrote() -> None:
    history = MemoryHistory(max_chars=250)
    ids = [await ended(history, text="x" * 100) for _ in range(4)]

    assert [one.id for one in history.recent(None, 10)] == [ids[3], ids[2]]


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
