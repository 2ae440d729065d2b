"""A project's engine is stopped and started again: what it knew is there at once."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from support.events import Events
from support.project import Project
from support.restarts import engine_on, held_up, let_go
from taskengine import (
    Engine,
    EngineAlreadyRunning,
    HistoryTooNew,
    MemoryHistory,
    ProjectHistory,
    Run,
    RunQuery,
    RunState,
)
from taskengine.events import EngineState, RunEnded, RunQueued, ScheduleResumed
from taskengine.history.sqlite.pauses import Pauses
from taskengine.output import OutputLine
from taskengine.problem import ProblemKind
from taskengine.records import StateKind
from taskengine.testing import ManualClock

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HISTORY = ".taskconsole/history.db"


@pytest.fixture
def job(project: Project) -> Project:
    """A project with a task that writes a line, and fails if it is told to."""
    project.write("taskconsole.toml", 'timezone = "UTC"\n')
    project.task(
        "job.py",
        """
        print("looking at", event.payload)
        if event.payload.get("fails"):
            raise ValueError("as it was told")
        return {"result": event.payload["n"]}
        """,
        options="schedule='* * * * *'",
    )
    return project


async def ended(engine: Engine, payload: dict[str, object]) -> Run:
    """Run the job and give back the run when it is over."""
    return await engine.wait((await engine.start_run("job", payload)).id)


async def test_runs_are_there_with_all_that_is_known_of_them(job: Project) -> None:
    async with engine_on(job) as (engine, _):
        before = [await ended(engine, {"n": 1}), await ended(engine, {"n": 2, "fails": True})]
    async with engine_on(job) as (engine, _):
        after = [engine.history.run(run.id) for run in before]
        page = await engine.history.runs(RunQuery(task="job"))
        waited_for = await engine.wait(before[0].id)

    assert after == before
    assert waited_for == before[0]
    assert before[1].error is not None
    assert before[1].error.traceback
    assert [(run.id, run.state) for run in page.runs] == [
        (before[1].id, RunState.FAILED),
        (before[0].id, RunState.DONE),
    ]


async def test_what_runs_wrote_is_there(job: Project) -> None:
    async with engine_on(job) as (engine, _):
        run = await ended(engine, {"n": 1})
    async with engine_on(job) as (engine, _):
        output = engine.history.output(run.id)
        assert output is not None
        lines = [OutputLine.decode(line).text for line in output.read(0, output.extent.total)]

    assert lines == ["looking at {'n': 1}"]


async def test_numbers_go_on_where_they_were(job: Project) -> None:
    async with engine_on(job) as (engine, _):
        first = await ended(engine, {"n": 1})
    async with engine_on(job) as (engine, _):
        second = await ended(engine, {"n": 1})
        again = await engine.rerun(first.id)

    assert [first.id, second.id, again.id] == [1, 2, 3]
    assert (again.rerun_of, again.payload) == (first.id, first.payload)


async def test_what_a_tasks_runs_add_up_to_is_there(job: Project) -> None:
    async with engine_on(job) as (engine, _):
        await ended(engine, {"n": 1})
        last = await ended(engine, {"n": 2, "fails": True})
    async with engine_on(job) as (engine, _):
        statistics = engine.history.statistics("job")
        outcomes, found = engine.history.outcomes("job"), engine.history.last_ended("job")

    assert (statistics.total, statistics.success_rate) == (2, 0.5)
    assert list(outcomes) == [RunState.DONE, RunState.FAILED]
    assert found is not None
    assert (found.id, found.state) == (last.id, RunState.FAILED)


async def test_a_pause_holds_until_it_is_resumed(job: Project) -> None:
    job.task("other.py", "return 1", options="schedule='* * * * *'")
    clock = ManualClock(NOON)
    async with engine_on(job, clock=clock) as (engine, _):
        await engine.pause("job", "migration under way")
    async with engine_on(job, clock=clock) as (engine, events):
        assert engine.pause_reason("job") == "migration under way"
        clock.advance(60)
        await events.next(RunEnded, lambda event: event.run.task == "other")
        await engine.resume("job")
        await events.next(ScheduleResumed)
        clock.advance(60)
        fired = (await events.next(RunQueued, lambda event: event.run.task == "job")).run
    async with engine_on(job, clock=clock) as (engine, _):
        assert engine.pause_reason("job") is None

    assert fired.scheduled_time == NOON + timedelta(minutes=2)


async def test_a_pause_outlasts_its_task_and_can_be_taken_back_without_it(job: Project) -> None:
    text = (job.root / "tasks/job.py").read_text()
    async with engine_on(job) as (engine, _):
        await engine.pause("job", "for a while")
    (job.root / "tasks/job.py").unlink()
    async with engine_on(job) as (engine, _):
        assert engine.catalog.entries == {}
    job.write("tasks/job.py", text)
    async with engine_on(job) as (engine, _):
        assert engine.pause_reason("job") == "for a while"
    (job.root / "tasks/job.py").unlink()
    async with engine_on(job) as (engine, _):
        await engine.resume("job")
    async with engine_on(job) as (engine, _):
        assert engine.pause_reason("job") is None


async def test_a_run_that_was_put_off_begins_when_its_time_has_come(job: Project) -> None:
    clock = ManualClock(NOON)
    async with engine_on(job, clock=clock) as (engine, _):
        delayed = await engine.run_after(3600, "job", {"n": 7})
        await engine.cancel_delayed((await engine.run_after(60, "job", {"n": 8})).id)
    async with engine_on(job, clock=clock) as (engine, events):
        assert engine.delayed_runs() == (delayed,)
        await engine.pause("job")
        clock.advance(3600)
        run = (await events.next(RunEnded)).run
    async with engine_on(job, clock=clock) as (engine, _):
        assert engine.delayed_runs() == ()

    assert (run.payload, run.scheduled_time) == ({"n": 7}, delayed.at)


async def test_a_run_that_was_in_the_queue_goes_on(project: Project) -> None:
    held_up(project, "job.py")
    async with engine_on(project) as (engine, _):
        for number in range(2):
            left = await engine.start_run("job", {"n": number})
    let_go(project)
    async with engine_on(project) as (_, events):
        run = (await events.next(RunEnded)).run

    assert (run.id, run.result) == (left.id, {"n": 1})


async def test_texts_that_were_kept_with_the_project_are_there(job: Project) -> None:
    async with engine_on(job) as (engine, _):
        await engine.history.state.keep(StateKind.DRAFT, "job", '{"n": 1')
    async with engine_on(job) as (engine, _):
        assert engine.history.state.all(StateKind.DRAFT) == {"job": '{"n": 1'}


async def test_what_is_kept_in_memory_is_gone(job: Project) -> None:
    async with engine_on(job, history=MemoryHistory()) as (engine, _):
        await ended(engine, {"n": 1})
        assert engine.history.path is None

    assert not (job.root / ".taskconsole").exists()


async def test_an_engine_without_a_project_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with Engine():
        pass

    assert list(tmp_path.iterdir()) == []


async def test_a_project_belongs_to_one_engine(job: Project) -> None:
    async with engine_on(job) as (engine, _):
        second = Engine(job.root)
        with pytest.raises(EngineAlreadyRunning) as refusal:
            await second.start()
        assert second.state is EngineState.STOPPED
        assert await engine.run_task("job", {"n": 1}) == 1
    async with engine_on(job) as (engine, _):
        assert await engine.run_task("job", {"n": 2}) == 2

    assert refusal.value.root == job.root


async def test_engines_that_say_so_share_a_project(job: Project) -> None:
    def shared() -> ProjectHistory:
        return ProjectHistory(job.root, exclusive=False, pauses=Pauses(busy=60))

    async with (
        engine_on(job, history=shared(), scheduler=False) as (one, _),
        Engine(job.root, history=shared(), scheduler=False) as two,
    ):
        ran = await ended(one, {"n": 1})
        page = await two.history.runs(RunQuery())

    assert [run.id for run in page.runs] == [ran.id]


async def test_a_history_of_a_later_version_is_refused_and_left_alone(job: Project) -> None:
    async with engine_on(job):
        pass
    path = job.root / HISTORY
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 1000")
    connection.close()
    before = path.read_bytes()
    engine = Engine(job.root)

    with pytest.raises(HistoryTooNew, match="1000"):
        await engine.start()

    assert engine.state is EngineState.STOPPED
    assert path.read_bytes() == before


async def test_what_is_wrong_with_the_history_is_a_problem_of_the_engine(job: Project) -> None:
    job.write(HISTORY, "this is no database, and long enough to be seen as none" * 100)
    engine = Engine(job.root)
    events = Events(engine)
    async with engine:
        await events.live()
        kinds = [problem.kind for problem in engine.problems]
        assert await engine.run_task("job", {"n": 1}) == 1

    assert kinds == [ProblemKind.DAMAGED_HISTORY]
