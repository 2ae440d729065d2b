"""Cancelling runs, and what a stopping engine does with those that go on."""

import asyncio
import threading

import pytest

from support.events import Events
from support.project import Project
from taskengine import Engine, RunState, TaskCancelled
from taskengine.events import RunEnded, RunQueued, RunStarted, RunStopping


async def test_an_async_run_ends_where_it_awaits(project: Project, engine: Engine) -> None:
    project.task(
        "slow.py",
        """
        import asyncio
        try:
            await asyncio.Event().wait()
        finally:
            print("cleaned up")
        """,
    )
    events = Events(engine)
    await engine.start()
    caller = asyncio.create_task(engine.run_task("slow"))
    started = await events.next(RunStarted)

    assert await engine.cancel_run(started.run.id)

    with pytest.raises(TaskCancelled):
        await caller
    ended = await events.next(RunEnded)
    assert ended.run.state is RunState.CANCELLED
    output = engine.history.output(ended.run.id)
    assert output is not None
    assert "cleaned up" in output.read(0, 1)[0]


async def test_a_sync_run_answers_at_once_and_stops_when_it_looks(
    project: Project, engine: Engine
) -> None:
    project.task(
        "slow.py",
        """
        context = event.context
        context.cancelled.wait()
        context.extra["gate"].wait()
        return "a value that counts for nothing"
        """,
        kind="def",
    )
    events = Events(engine)
    await engine.start()
    gate = threading.Event()
    caller = asyncio.create_task(engine.run_task("slow", None, {"gate": gate}))
    started = await events.next(RunStarted)

    await engine.cancel_run(started.run.id)

    with pytest.raises(TaskCancelled):
        await caller
    stopping = await events.next(RunStopping)
    assert (stopping.run.state, stopping.run.stopping) == (RunState.RUNNING, True)
    assert [run.id for run in engine.active_runs_of("slow")] == [started.run.id]
    gate.set()
    ended = await events.next(RunEnded)
    assert (ended.run.state, ended.run.stopping) == (RunState.CANCELLED, False)
    assert ended.run.result is None


async def test_a_run_that_waits_for_a_thread_never_starts(project: Project, engine: Engine) -> None:
    for number in range(32):
        project.task(f"busy{number}.py", "event.context.extra['gate'].wait()", kind="def")
    project.task("late.py", "print('never')", kind="def")
    events = Events(engine)
    await engine.start()
    gate = threading.Event()
    for number in range(32):
        await engine.start_run(f"busy{number}", None, {"gate": gate})
        await events.next(RunStarted)
    late = await engine.start_run("late")

    await engine.cancel_run(late.id)

    ended = await events.next(RunEnded)
    assert (ended.run.task, ended.run.state, ended.run.started_at) == (
        "late",
        RunState.CANCELLED,
        None,
    )
    gate.set()


async def test_a_run_is_cancelled_only_once_and_not_after_its_end(
    project: Project, engine: Engine
) -> None:
    project.task("job.py", "return 1")
    await engine.start()
    await engine.run_task("job")

    assert not await engine.cancel_run(1)
    assert not await engine.cancel_run(99)


async def test_cancelling_reaches_the_work_that_the_run_waits_for(
    project: Project, engine: Engine
) -> None:
    project.task(
        "later.py",
        """
        import asyncio
        event.context.wait_until(asyncio.Event().wait())
        event.context.progress(1)
        """,
    )
    events = Events(engine)
    await engine.start()
    run = await engine.start_run("later")
    await events.next(RunStarted)

    await engine.cancel_run(run.id)

    assert (await engine.wait(run.id)).state is RunState.CANCELLED


async def test_a_stopping_engine_waits_for_its_runs(project: Project, engine: Engine) -> None:
    project.task("slow.py", "event.context.extra['gate'].wait()\nreturn 'whole'", kind="def")
    events = Events(engine)
    await engine.start()
    gate = threading.Event()
    await engine.start_run("slow", None, {"gate": gate})
    await events.next(RunStarted)

    stopping = asyncio.create_task(engine.stop(grace=60))
    gate.set()
    await stopping

    run = engine.history.run(1)
    assert run is not None
    assert (run.state, run.result) == (RunState.DONE, "whole")


async def test_a_stopping_engine_without_grace_interrupts_and_leaves_behind_what_does_not_stop(
    project: Project, engine: Engine
) -> None:
    project.task("polite.py", "import asyncio\nawait asyncio.Event().wait()")
    project.task("stubborn.py", "event.context.extra['gate'].wait()", kind="def")
    events = Events(engine)
    await engine.start()
    gate = threading.Event()
    await engine.start_run("polite")
    await engine.start_run("stubborn", None, {"gate": gate})
    await events.next(RunStarted)
    await events.next(RunStarted)

    await engine.stop(grace=0)
    gate.set()

    states = {run.task: run.state for run in engine.history.recent(None, 10)}
    assert states == {"polite": RunState.INTERRUPTED, "stubborn": RunState.INTERRUPTED}
    assert len(events.of(RunQueued)) == len(events.of(RunEnded)) == 2
