"""What a handle tells of runs to come, and of fires that were missed."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from support.engines import NOON
from support.events import Events
from support.project import Project
from taskengine import Engine, Trigger
from taskengine.client.local import LocalHandle
from taskengine.events import FireMissed, RunEnded
from taskengine.testing import ManualClock

MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at noon, UTC."""
    return ManualClock(NOON)


@pytest.fixture
def engine(project: Project, clock: ManualClock) -> Engine:
    """An engine on the test's project, in UTC."""
    project.write("taskconsole.toml", 'timezone = "UTC"')
    return Engine(project.root, clock=clock)


@pytest.fixture
async def handle(engine: Engine) -> AsyncIterator[LocalHandle]:
    """A handle that the test starts once its files are written."""
    handle = LocalHandle(engine)
    yield handle
    await handle.stop()


async def started(handle: LocalHandle, engine: Engine) -> Events:
    events = Events(engine)
    await handle.start()
    await handle.load()
    await events.live()
    return events


async def test_the_agenda_holds_scheduled_and_delayed_runs_in_order(
    project: Project, engine: Engine, handle: LocalHandle
) -> None:
    project.task("a.py", "return 1", options="schedule='*/10 * * * *'")
    project.task("b.py", "return 1", options="schedule='15 * * * *'")
    await started(handle, engine)
    delayed = await handle.run_later("b", {}, NOON + 12 * MINUTE)

    agenda = handle.agenda(5)

    assert [(fire.at, fire.task, fire.kind) for fire in agenda] == [
        (NOON + 10 * MINUTE, "a", Trigger.SCHEDULE),
        (NOON + 12 * MINUTE, "b", Trigger.DELAYED),
        (NOON + 15 * MINUTE, "b", Trigger.SCHEDULE),
        (NOON + 20 * MINUTE, "a", Trigger.SCHEDULE),
        (NOON + 30 * MINUTE, "a", Trigger.SCHEDULE),
    ]
    assert handle.delayed_runs() == (delayed,)
    assert await handle.cancel_delayed(delayed.id)
    assert handle.delayed_runs() == ()


async def test_an_agenda_of_nothing_is_empty(handle: LocalHandle, engine: Engine) -> None:
    assert handle.agenda(5) == ()
    await started(handle, engine)
    assert handle.agenda(5) == ()


async def test_what_comes_next_comes_with_its_jitter(
    project: Project, engine: Engine, handle: LocalHandle
) -> None:
    project.task("late.py", "return 1", options="schedule='0 * * * *', jitter=600")
    await started(handle, engine)
    view = handle.task("late")
    assert view is not None
    [schedule] = view.schedules
    assert 0 < schedule.delay < 600

    first = NOON + 60 * MINUTE + timedelta(seconds=schedule.delay)
    assert handle.next_fires("late", 2) == (first, first + 60 * MINUTE)
    assert handle.task_status("late").next_fire == first
    assert [fire.at for fire in handle.agenda(1)] == [first]


async def test_missed_fires_can_be_run_or_dismissed(
    project: Project, engine: Engine, handle: LocalHandle, clock: ManualClock
) -> None:
    for name in ("a", "b"):
        project.task(f"{name}.py", "return 1", options="schedule='0 * * * *', catch_up='skip'")
    events = await started(handle, engine)
    clock.advance(90 * 60)
    await events.next(FireMissed)
    await events.next(FireMissed)
    first, second = handle.missed_fires()

    run = await handle.run_missed(first.id)
    assert await handle.dismiss_missed(second.id)

    ended = (await events.next(RunEnded)).run
    assert (ended.id, ended.task, ended.scheduled_time) == (run.id, "a", NOON + 60 * MINUTE)
    assert handle.missed_fires() == ()
