"""What a screen learns of the past through its handle."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from support.events import Events
from support.project import Project
from support.restarts import held_up
from taskengine import Engine, MemoryHistory, Run, RunQuery, RunState, Trigger
from taskengine.client.local import LocalHandle
from taskengine.events import RunEnded
from taskengine.records import FireOutcome, StateKind
from taskengine.testing import ManualClock

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at noon."""
    return ManualClock(NOON)


@pytest.fixture
async def engine(project: Project, clock: ManualClock) -> AsyncIterator[Engine]:
    """A living engine with a task that writes lines, and fails if it is told to."""
    project.write("taskconsole.toml", 'timezone = "UTC"\n')
    project.task(
        "job.py",
        """
        print("a first line")
        print("the SECOND one")
        if event.payload.get("fails"):
            raise ValueError("as it was told")
        """,
        options="schedule='0 * * * *'",
    )
    held_up(project, "held.py")
    engine = Engine(project.root, clock=clock)
    events = Events(engine)
    async with engine:
        await events.live()
        yield engine
        await engine.stop(grace=0)


async def ran(handle: LocalHandle, **payload: object) -> Run:
    """Run the job, and give back the run when it is over."""
    return await handle.wait((await handle.start_run("job", payload)).id)


async def test_runs_come_in_pages_with_the_newest_first(engine: Engine) -> None:
    handle = LocalHandle(engine)
    ids = [(await ran(handle, n=n)).id for n in range(3)]

    first = await handle.runs(RunQuery(task="job"), limit=2)
    rest = await handle.runs(RunQuery(task="job"), before=first.before, limit=2)
    none = await handle.runs(RunQuery(triggers=frozenset({Trigger.SCHEDULE})))

    assert [run.id for run in (*first.runs, *rest.runs)] == ids[::-1]
    assert len(first.runs) == 2
    assert none.runs == ()


async def test_runs_add_up(engine: Engine) -> None:
    handle = LocalHandle(engine)
    await ran(handle)
    await ran(handle, fails=True)

    assert handle.statistics("job").counts == {RunState.DONE: 1, RunState.FAILED: 1}
    assert handle.statistics("unknown").total == 0


async def test_payloads_come_back_each_once(engine: Engine) -> None:
    handle = LocalHandle(engine)
    for n in (1, 2, 1):
        await ran(handle, n=n)

    assert await handle.past_payloads("job") == [{"n": 1}, {"n": 2}]


async def test_what_became_of_fires_is_told(engine: Engine, clock: ManualClock) -> None:
    handle, events = LocalHandle(engine), Events(engine)
    clock.set(NOON + timedelta(hours=1))
    run = (await events.next(RunEnded)).run

    [fire] = await handle.past_fires("job")
    assert (fire.at, fire.outcome) == (NOON + timedelta(hours=1), FireOutcome.FIRED)
    assert fire.run_id == run.id


async def test_a_text_is_found_in_what_a_run_wrote(engine: Engine) -> None:
    handle = LocalHandle(engine)
    run = await ran(handle)

    found = [line async for batch in handle.search_output(run.id, "second") for line in batch]

    assert found == [1]


async def test_texts_are_kept_with_the_project(engine: Engine) -> None:
    handle = LocalHandle(engine)
    await handle.keep(StateKind.DRAFT, "job", "{")
    await handle.keep(StateKind.DRAFT, "other", "{}")
    await handle.keep(StateKind.DRAFT, "other", None)

    assert handle.kept(StateKind.DRAFT) == {"job": "{"}
    assert handle.kept(StateKind.PRESET) == {}


async def test_the_status_says_where_runs_are_kept(project: Project, engine: Engine) -> None:
    async with Engine(history=MemoryHistory()) as other:
        assert LocalHandle(other).status.history is None

    status = LocalHandle(engine).status
    assert status.history == project.root / ".taskconsole/history.db"
    assert status.history_problem == ""


async def test_the_status_says_why_nothing_can_be_written(project: Project) -> None:
    (project.root / ".taskconsole/history.db").mkdir(parents=True)
    async with Engine(project.root) as engine:
        assert "can't be written" in LocalHandle(engine).status.history_problem
