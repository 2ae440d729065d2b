"""Schedules that fire when they are called for, and not by the engine's clock."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from support.engines import NOON, StartEngine, notes
from support.project import Project
from taskengine import Engine, EngineNotRunning, Trigger
from taskengine.events import CatalogChanged, FireMissed, RunEnded
from taskengine.history.memory import MemoryHistory
from taskengine.records import FireOutcome
from taskengine.schedule.cron import Cron
from taskengine.testing import ManualClock
from taskengine.triggers.called import CalledFire, CallOutcome, instant_of_call

HOUR = timedelta(hours=1)
EXTERNAL = 'timezone = "UTC"\nscheduler = "external"\n'
INTERNAL = 'timezone = "UTC"\n'


@pytest.fixture(autouse=True)
def external(project: Project, utc: None) -> None:
    project.write("taskconsole.toml", EXTERNAL)


def outcomes(fires: Sequence[CalledFire]) -> list[tuple[str, CallOutcome]]:
    return [(fire.task, fire.outcome) for fire in fires]


async def runs_of(engine: Engine, fires: Sequence[CalledFire]) -> list[object]:
    runs = [await engine.wait(fire.run_id) for fire in fires if fire.run_id is not None]
    assert all(run.trigger is Trigger.SCHEDULE for run in runs)
    return [(run.task, run.result, run.scheduled_time) for run in runs]


async def test_the_clock_fires_nothing_and_a_call_fires_all_of_its_expression_once_a_minute(
    project: Project, clock: ManualClock, start: StartEngine
) -> None:
    project.task("hourly.py", "return event.payload", options="schedule='0 * * * *'")
    project.task("other.py", "return 1", options="schedule='@hourly'")
    project.task("nightly.py", "return 1", options="schedule='0 3 * * *'")
    engine, events = await start()
    assert engine.next_fire("hourly") == NOON + HOUR
    clock.advance(3.5 * 3600)
    now = clock.now()

    fires = await engine.fire("0 * * * *")

    at = NOON + 3.5 * HOUR
    assert await runs_of(engine, fires) == [
        ("hourly", {"scheduledTime": int(at.timestamp() * 1000)}, at),
        ("other", 1, at),
    ]
    clock.set(now + timedelta(seconds=59))
    assert outcomes(await engine.fire("0 * * * *")) == [
        ("hourly", CallOutcome.CLAIMED),
        ("other", CallOutcome.CLAIMED),
    ]
    clock.set(now + timedelta(seconds=60))
    assert [one.outcome for one in await engine.fire("0 * * * *")] == [CallOutcome.FIRED] * 2
    assert await engine.fire("1 2 3 4 *") == []
    assert await engine.fire("every day, please") == []

    assert engine.missed_fires() == ()
    assert events.of(FireMissed) == []
    assert engine.next_fire("hourly") == NOON + 4 * HOUR
    assert [one.at for one in await engine.history.fires.past("hourly", 10)] == [
        at + timedelta(minutes=1),
        at,
    ]
    assert [note.partition(":")[0] for note in notes(engine)] == [
        "a call for '1 2 3 4 *' fires nothing",
        "a call for 'every day, please' fires nothing",
    ]


async def test_what_is_paused_or_held_is_let_pass_and_what_can_not_begin_is_told(
    project: Project, start: StartEngine
) -> None:
    options = "schedule='0 9 * * MON-FRI'"
    project.task("rested.py", "return 1", options=options)
    project.task("ready.py", "return 2", options=options)
    project.write(
        "tasks/typed.py",
        """
        from typing import TypedDict

        from taskengine import Schedule, TaskEvent, task

        class Report(TypedDict):
            to: str

        @task(schedule=Schedule("0 9 * * 1-5", timezone="Asia/Tokyo"))
        async def run(event: TaskEvent[Report]):
            return 3
        """,
    )
    engine, _ = await start()
    await engine.pause("rested", "in August")

    fires = await engine.fire("0 9 * * 1-5")

    assert outcomes(fires) == [
        ("ready", CallOutcome.FIRED),
        ("rested", CallOutcome.PAUSED),
        ("typed", CallOutcome.REFUSED),
    ]
    assert fires[2].reason == "The payload is no Report: to: is missing"
    assert any(note.startswith("typed could not be fired at 12:00:00") for note in notes(engine))
    await engine.set_scheduling(on=False)
    assert {one.outcome for one in await engine.fire("0 9 * * 1-5")} == {CallOutcome.HELD}


async def test_a_task_that_runs_already_is_joined_or_skips_the_fire(
    project: Project, clock: ManualClock, start: StartEngine
) -> None:
    body = "import asyncio\nawait asyncio.Event().wait()"
    project.task("joins.py", body, options="schedule='* * * * *'")
    project.task("skips.py", body, options="schedule='* * * * *', concurrency='skip'")
    engine, _ = await start()
    first = await engine.fire("* * * * *")
    clock.advance(60)

    again = await engine.fire("* * * * *")

    assert outcomes(again) == [("joins", CallOutcome.FIRED), ("skips", CallOutcome.SKIPPED)]
    assert again[0].run_id == first[0].run_id
    past = await engine.history.fires.past("skips", 1)
    assert [(one.outcome, one.run_id) for one in past] == [(FireOutcome.SKIPPED, again[1].run_id)]
    await engine.stop(grace=0)


async def test_all_else_that_begins_by_itself_goes_on(
    project: Project, clock: ManualClock, start: StartEngine
) -> None:
    project.task("boot.py", "return 'up'", options="run_on_startup=True")
    project.task("later.py", "return 'late'", options="schedule='* * * * *'")
    engine, events = await start()
    assert (await events.next(RunEnded)).run.result == "up"
    await engine.run_after(30, "later")
    clock.advance(90)

    assert (await events.next(RunEnded)).run.trigger is Trigger.DELAYED
    assert [run.task for run in engine.history.recent(None, 10)] == ["later", "boot"]


async def test_what_passed_before_the_engine_began_is_no_miss_unless_its_own_clock_fires_again(
    project: Project, clock: ManualClock, history: MemoryHistory, start: StartEngine
) -> None:
    options = "schedule='0 * * * *', catch_up='all'"
    project.task("hourly.py", "return 1", options=options)
    first, _ = await start()
    await first.stop()
    clock.advance(5 * 3600 + 60)

    second, events = await start()
    clock.advance(3600)
    await second.fire("0 * * * *")
    await events.next(RunEnded)
    assert second.missed_fires() == ()
    assert len(history.recent("hourly", 10)) == 1

    # The config is changed while it lives: its clock goes on from here.
    project.write("taskconsole.toml", INTERNAL + "[tasks.planned]\ndescription = 'A sign of it'")
    await events.next(CatalogChanged, lambda event: event.added == ("planned",))
    clock.advance(3600)
    run = (await events.next(RunEnded)).run
    assert run.scheduled_time == NOON + 7 * HOUR
    assert len(history.recent("hourly", 10)) == 2


async def test_a_call_waits_for_an_engine_that_is_just_starting(
    project: Project, clock: ManualClock, history: MemoryHistory
) -> None:
    project.task("boot.py", "return 1", options="run_on_startup=True")
    project.task("hourly.py", "return 2", options="schedule='0 * * * *'")
    async with Engine(project.root, clock=clock, history=history) as engine:
        [fire] = await engine.fire("0 * * * *")
        assert await runs_of(engine, [fire]) == [("hourly", 2, NOON)]
        assert [run.task for run in history.recent(None, 10)] == ["hourly", "boot"]

    with pytest.raises(EngineNotRunning):
        await engine.fire("0 * * * *")

    unloaded = Engine(project.root, clock=clock, history=MemoryHistory())
    await unloaded.start(load=False)
    call = asyncio.ensure_future(unloaded.fire("0 * * * *"))
    await unloaded.stop()
    with pytest.raises(EngineNotRunning):
        await call


@pytest.mark.parametrize(
    ("expression", "seconds", "at"),
    [
        ("0 12 * * *", 0, 0),
        ("0 12 * * *", 59.9, 0),
        ("0 12 * * *", 61, 60),
        ("0 3 * * *", 2000.5, 1980),
        ("*/10 * * * * *", 25.5, 20),
        ("* * * * *", 125, 120),
    ],
)
def test_a_call_is_for_the_expressions_instant_of_the_last_minute_or_for_its_own_minute(
    expression: str, seconds: float, at: float
) -> None:
    moment: datetime = instant_of_call(Cron(expression), NOON + timedelta(seconds=seconds))
    assert moment == NOON + timedelta(seconds=at)
