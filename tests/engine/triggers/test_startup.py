"""Tasks that run before schedules begin."""

import os
from datetime import timedelta

from support.engines import NOON, StartEngine, notes
from support.project import Project
from taskengine import RunState, Trigger
from taskengine.events import FireMissed, RunEnded, RunStarted
from taskengine.testing import ManualClock

AT_STARTUP = "run_on_startup=True"
EVERY_MINUTE = "schedule='* * * * *'"


async def test_they_run_once_and_schedules_begin_when_they_are_over(
    project: Project, clock: ManualClock, start: StartEngine
) -> None:
    project.task("warm.py", "return 'warm'", options=AT_STARTUP)
    project.task("wait.py", "event.context.cancelled.wait()", options=AT_STARTUP, kind="def")
    project.task("often.py", "return 1", options=f"{EVERY_MINUTE}, catch_up='all'")
    engine, events = await start()
    warm = (await events.next(RunEnded)).run
    [waiting] = engine.active_runs_of("wait")
    clock.advance(150)
    assert (warm.task, warm.trigger, warm.scheduled_time) == ("warm", Trigger.STARTUP, None)

    await engine.cancel_run(waiting.id)
    assert (await engine.wait(waiting.id)).state is RunState.CANCELLED

    fired = (await events.next(RunEnded, lambda event: event.run.task == "often")).run
    assert (fired.task, fired.scheduled_time) == ("often", NOON + timedelta(minutes=1))
    assert notes(engine) == [
        "schedules begin when these runs at startup are over: wait, warm",
        "schedules begin; the runs at startup are over: wait cancelled, warm done",
    ]


async def test_what_comes_due_meanwhile_is_made_up_for_by_the_rule(
    project: Project, clock: ManualClock, start: StartEngine
) -> None:
    project.task("wait.py", "event.context.cancelled.wait()", options=AT_STARTUP, kind="def")
    project.task("often.py", "return 1", options=EVERY_MINUTE)
    engine, events = await start()
    waiting = (await events.next(RunStarted)).run
    clock.advance(10.5 * 60)
    await engine.cancel_run(waiting.id)

    missed = (await events.next(FireMissed)).missed
    fired = (await events.next(RunEnded, lambda event: event.run.task == "often")).run

    assert (missed.first, missed.count) == (NOON + timedelta(minutes=1), 9)
    assert fired.scheduled_time == NOON + timedelta(minutes=10)


async def test_one_that_fails_or_can_not_begin_keeps_nothing_back(
    project: Project, clock: ManualClock, start: StartEngine
) -> None:
    project.task("fails.py", "raise RuntimeError('no')", options=AT_STARTUP)
    project.task("needs.py", "return 1", options=f"{AT_STARTUP}, key='to'")
    project.task("often.py", "return 1", options=EVERY_MINUTE)
    engine, events = await start()
    clock.advance(60)

    assert (await events.next(RunEnded)).run.state is RunState.FAILED
    assert (await events.next(RunEnded)).run.task == "often"
    assert notes(engine)[0].startswith("needs could not be run at startup: ")


async def test_an_engine_that_only_looks_runs_none_at_startup(
    project: Project, start: StartEngine
) -> None:
    project.task("warm.py", "return 'warm'", options=AT_STARTUP)
    project.task("other.py", "return 1")
    engine, events = await start(scheduler=False)

    await engine.run_task("other")

    assert [event.run.task for event in events.of(RunStarted)] == ["other"]


async def test_a_body_that_does_not_return_after_its_timeout_keeps_no_schedule_back(
    project: Project, clock: ManualClock, start: StartEngine
) -> None:
    gate = project.root / "gate"
    os.mkfifo(gate)
    project.task(
        "stuck.py",
        f"from pathlib import Path\nPath({str(gate)!r}).read_text()",
        options=f"{AT_STARTUP}, timeout=60",
        kind="def",
    )
    project.task("often.py", "return 1", options=EVERY_MINUTE)
    engine, events = await start()
    await events.next(RunStarted)
    clock.advance(60)

    assert (await events.next(RunEnded)).run.task == "often"
    [stuck] = engine.active_runs()
    assert stuck.stopping
    gate.write_text("go on")
    await engine.wait(stuck.id)
