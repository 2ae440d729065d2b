"""Fires that passed unfired: made up for by the task's rule, or kept for the user to decide."""

from datetime import timedelta

import pytest

from support.engines import NOON, StartEngine
from support.project import Project
from taskengine import Engine, MissedFiresNotFound, RunState, TaskNotFound, Trigger
from taskengine.events import FireMissed, MissedFiresCleared, RunEnded
from taskengine.records import FireOutcome
from taskengine.testing import ManualClock

HOUR = timedelta(hours=1)


def hourly(project: Project, options: str = "") -> None:
    project.task("hourly.py", "return event.payload", options=f"schedule='0 * * * *', {options}")


async def test_all_makes_up_for_every_fire_in_its_order(
    project: Project, clock: ManualClock, start: StartEngine
) -> None:
    hourly(project, "catch_up='all', concurrency='queue'")
    engine, events = await start()
    clock.advance(5.5 * 3600)

    runs = [(await events.next(RunEnded)).run for _ in range(5)]

    assert [run.scheduled_time for run in runs] == [NOON + n * HOUR for n in range(1, 6)]
    assert engine.missed_fires() == ()


async def test_skip_makes_up_for_nothing_and_keeps_what_was_missed(
    project: Project, clock: ManualClock, start: StartEngine
) -> None:
    hourly(project, "catch_up='skip'")
    engine, events = await start()
    clock.advance(5.5 * 3600)

    missed = (await events.next(FireMissed)).missed

    assert engine.missed_fires() == (missed,)
    assert (missed.task, missed.cron, missed.timezone) == ("hourly", "0 * * * *", "UTC")
    assert (missed.first, missed.last, missed.count) == (NOON + HOUR, NOON + 5 * HOUR, 5)
    assert engine.history.recent(None, 1) == []


async def test_a_start_makes_up_for_nothing_unless_the_task_asks_for_it(
    project: Project, clock: ManualClock, start: StartEngine
) -> None:
    hourly(project)
    project.task("asks.py", "return 1", options="schedule='30 * * * *', catch_up='latest'")
    first, _ = await start()
    await first.stop()
    clock.advance(3 * 3600 + 600)

    second, events = await start()
    made_up = (await events.next(RunEnded)).run
    missed = {one.task: (one.first, one.last, one.count) for one in second.missed_fires()}

    assert (made_up.task, made_up.scheduled_time) == ("asks", NOON + 2.5 * HOUR)
    assert missed == {
        "hourly": (NOON + HOUR, NOON + 3 * HOUR, 3),
        "asks": (NOON + HOUR / 2, NOON + 1.5 * HOUR, 2),
    }


async def test_a_quick_restart_fires_what_it_passed_over(
    project: Project, clock: ManualClock, start: StartEngine
) -> None:
    hourly(project)
    first, _ = await start()
    clock.advance(3590)
    await first.stop()
    clock.advance(20)

    _, events = await start()

    assert (await events.next(RunEnded)).run.scheduled_time == NOON + HOUR


async def test_what_fired_before_a_restart_does_not_fire_after_it(
    project: Project, clock: ManualClock, start: StartEngine
) -> None:
    hourly(project)
    first, events = await start()
    clock.advance(3600)
    await events.next(RunEnded)
    await first.stop()

    clock.advance(-10)
    second, events = await start()
    clock.advance(15)
    clock.advance(3600)

    assert (await events.next(RunEnded)).run.scheduled_time == NOON + 2 * HOUR
    assert second.missed_fires() == ()


async def test_an_engine_that_only_looks_keeps_what_was_missed_before_it(
    project: Project, clock: ManualClock, start: StartEngine
) -> None:
    hourly(project, "catch_up='all'")
    first, _ = await start()
    await first.stop()
    clock.advance(2.5 * 3600)

    second, events = await start(scheduler=False)
    await events.next(FireMissed)
    await second.stop()
    third, _ = await start()

    assert [(one.first, one.count) for one in third.missed_fires()] == [(NOON + HOUR, 2)]
    assert third.history.recent(None, 1) == []


async def missing_two(
    project: Project, clock: ManualClock, start: StartEngine
) -> tuple[Engine, int]:
    """An engine whose schedule has missed two fires, and their number."""
    project.write(
        "taskconsole.toml",
        """
        timezone = "UTC"
        [scheduled_tasks]
        "0 * * * *" = { task = "hourly", payload = { n = 1 } }
        """,
    )
    project.task("hourly.py", "return event.payload", options="catch_up='skip'")
    engine, events = await start()
    clock.advance(2.5 * 3600)
    return engine, (await events.next(FireMissed)).missed.id


async def test_missed_fires_are_run_once_for_the_last_of_them(
    project: Project, clock: ManualClock, start: StartEngine
) -> None:
    engine, missed_id = await missing_two(project, clock, start)

    run = await engine.wait((await engine.run_missed(missed_id)).id)

    last = NOON + 2 * HOUR
    assert (run.state, run.trigger, run.scheduled_time) == (
        RunState.DONE,
        Trigger.SCHEDULE,
        last,
    )
    assert run.result == {"n": 1, "scheduledTime": int(last.timestamp() * 1000)}
    assert engine.missed_fires() == ()
    [past] = await engine.history.fires.past("hourly", 10)
    assert (past.outcome, past.count, past.run_id) == (FireOutcome.MADE_UP, 2, run.id)
    with pytest.raises(MissedFiresNotFound, match=f"#{missed_id} are not known any more"):
        await engine.run_missed(missed_id)


async def test_missed_fires_stay_if_they_can_not_be_run(
    project: Project, clock: ManualClock, start: StartEngine
) -> None:
    engine, missed_id = await missing_two(project, clock, start)
    await engine.stop()
    (project.root / "tasks/hourly.py").unlink()
    project.write("taskconsole.toml", "")
    engine, _ = await start()

    with pytest.raises(TaskNotFound):
        await engine.run_missed(missed_id)

    assert [one.id for one in engine.missed_fires()] == [missed_id]


async def test_missed_fires_can_be_dismissed(
    project: Project, clock: ManualClock, start: StartEngine
) -> None:
    engine, missed_id = await missing_two(project, clock, start)
    cleared = []
    engine.subscribe(
        lambda event: cleared.append(event) if isinstance(event, MissedFiresCleared) else None
    )

    assert await engine.dismiss_missed(missed_id)
    assert not await engine.dismiss_missed(missed_id)

    assert engine.missed_fires() == ()
    assert [event.missed.id for event in cleared] == [missed_id]


async def test_paused_fires_are_no_misses_even_over_a_suspend(
    project: Project, clock: ManualClock, start: StartEngine
) -> None:
    hourly(project, "catch_up='all'")
    project.task("other.py", "return 1", options="schedule='0 * * * *', catch_up='all'")
    engine, events = await start()
    await engine.pause("hourly")
    clock.advance(5.5 * 3600)
    await events.next(RunEnded)
    await engine.resume("hourly")
    clock.advance(3600)

    await events.next(RunEnded, lambda event: event.run.task == "hourly")

    assert engine.missed_fires() == ()
    assert [run.scheduled_time for run in engine.history.recent("hourly", 10)] == [NOON + 6 * HOUR]
