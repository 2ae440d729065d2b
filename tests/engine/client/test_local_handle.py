"""An engine in this process as a screen sees it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from support.project import Project
from taskengine import Engine, RunState, TaskNotFound, Trigger
from taskengine.client.local import LocalHandle
from taskengine.events import EngineState, EngineStateChanged, Event, RunEnded
from taskengine.output import OutputLine
from taskengine.records import RunQuery
from taskengine.testing import ManualClock

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
async def handle(project: Project) -> AsyncIterator[LocalHandle]:
    """A handle that the test starts once its files are written."""
    project.write("taskconsole.toml", 'timezone = "Europe/Berlin"\n')
    handle = LocalHandle(Engine(project.root, clock=ManualClock(NOON)))
    yield handle
    await handle.stop()


async def test_it_knows_tasks_with_their_schedules_in_words(
    project: Project, handle: LocalHandle
) -> None:
    project.task("db/clean.py", "return 1", options="description='Clean', schedule='0 * * * *'")
    await handle.start()
    await handle.load()

    [view] = handle.tasks()

    assert (view.name, view.description, view.line) == ("db:clean", "Clean", 5)
    assert view.path == project.root / "tasks/db/clean.py"
    [schedule] = view.schedules
    assert (schedule.cron, schedule.timezone) == ("0 * * * *", "Europe/Berlin")
    assert schedule.short_words == "hourly at :00"
    assert schedule.source == "tasks/db/clean.py:4"
    assert handle.task("db:clean") == view
    assert handle.task("unknown") is None


async def test_it_tells_how_the_engine_is(project: Project, handle: LocalHandle) -> None:
    assert handle.status.state is EngineState.STOPPED

    await handle.start()
    await handle.load()

    status = handle.status
    assert status.state in {EngineState.STARTING, EngineState.LIVE}
    assert (status.root, status.timezone, status.scheduling) == (
        project.root,
        "Europe/Berlin",
        True,
    )
    assert status.tasks_dir == project.root / "tasks"
    assert handle.now() == NOON


async def test_a_run_by_hand_shows_in_the_status_of_its_task(
    project: Project, handle: LocalHandle
) -> None:
    project.task("echo.py", "print('hello')\nreturn event.payload")
    await handle.start()
    await handle.load()

    run = await handle.start_run("echo", {"a": 1})
    over = await handle.wait(run.id)

    assert (run.trigger, over.result) == (Trigger.MANUAL, {"a": 1})
    status = handle.task_status("echo")
    assert (status.active, status.last, status.outcomes) == ((), over, (RunState.DONE,))
    assert [one.id for one in (await handle.runs(RunQuery(task="echo"))).runs] == [over.id]
    assert handle.run(run.id) == await handle.find_run(run.id) == over
    output = handle.output(run.id)
    assert output is not None
    assert [OutputLine.decode(line).text for line in output.read(0, 10)] == ["hello"]
    again = await handle.wait((await handle.rerun(run.id)).id)
    assert (again.trigger, again.result) == (Trigger.RERUN, {"a": 1})


async def test_fires_are_known_ahead_and_pauses_are_shown(
    project: Project, handle: LocalHandle
) -> None:
    project.task("job.py", "return 1", options="schedule=['0 * * * *', '30 * * * *']")
    await handle.start()
    loaded = asyncio.Event()
    handle.listen(
        lambda batch: loaded.set() if any(map(_is_live, batch)) else None,
    )
    await handle.load()
    await asyncio.wait_for(loaded.wait(), 20)

    assert handle.task_status("job").next_fire == NOON + timedelta(minutes=30)
    assert handle.next_fires("job", 3) == tuple(
        NOON + timedelta(minutes=minutes) for minutes in (30, 60, 90)
    )
    await handle.pause("job", "upgrade")
    status = handle.task_status("job")
    assert (status.paused, status.pause_reason) == (True, "upgrade")
    await handle.resume("job")
    assert not handle.task_status("job").paused


def _is_live(event: Event) -> bool:
    return isinstance(event, EngineStateChanged) and event.state is EngineState.LIVE


async def test_events_come_on_the_listeners_loop_until_it_stops_listening(
    project: Project, handle: LocalHandle
) -> None:
    project.task("job.py", "return 1")
    await handle.start()
    await handle.load()
    ended: asyncio.Queue[int] = asyncio.Queue()

    def listener(batch: Sequence[Event]) -> None:
        assert asyncio.get_running_loop() is loop
        for event in batch:
            if isinstance(event, RunEnded):
                ended.put_nowait(event.run.id)

    loop = asyncio.get_running_loop()
    stop_listening = handle.listen(listener)
    run = await handle.start_run("job", {})
    assert await asyncio.wait_for(ended.get(), 20) == run.id

    stop_listening()
    await handle.wait((await handle.start_run("job", {})).id)
    assert ended.empty()


async def test_it_gives_the_source_of_a_task(project: Project, handle: LocalHandle) -> None:
    path = project.task("job.py", "return 1")
    await handle.start()
    await handle.load()

    source = await handle.source("job")

    assert (source.path, source.line) == (path, 5)
    assert source.text == path.read_text()
    with pytest.raises(TaskNotFound):
        await handle.source("unknown")


async def test_it_writes_a_first_task_that_runs(project: Project, handle: LocalHandle) -> None:
    path = await handle.create_example()
    await handle.start()
    await handle.load()

    run = await handle.wait((await handle.start_run("hello", {"name": "Ada"})).id)

    assert path == project.root / "tasks/hello.py"
    assert run.result == "greeted Ada"
    with pytest.raises(FileExistsError):
        await handle.create_example()
