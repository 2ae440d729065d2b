"""What a stopping engine does with its runs: grace, then cancel, then kill; at once if asked."""

import asyncio
import threading

import pytest

from support.events import Events
from support.project import Project
from taskengine import Engine, EngineNotRunning, RunState
from taskengine.events import AttemptEnded, EngineState, RunEnded, RunQueued, RunStarted

WAITS = "event.context.extra['gate'].wait()\nreturn 'whole'"
FOREVER = "import asyncio\nawait asyncio.Event().wait()"
SOON = 60
BODIES = {
    "async def": (
        "await asyncio.to_thread(event.context.extra['gate'].wait)",
        "await event.context.run_task",
    ),
    "def": ("event.context.extra['gate'].wait()", "event.context.run_task_blocking"),
}


async def test_running_runs_end_and_queued_ones_are_left_to_the_next_engine_at_once(
    project: Project, engine: Engine
) -> None:
    project.task("job.py", WAITS, options="concurrency='queue'", kind="def")
    events = Events(engine)
    await engine.start()
    gate = threading.Event()
    running = await engine.start_run("job", None, {"gate": gate})
    queued = asyncio.create_task(engine.run_task("job", None, {"gate": gate}))
    await events.next(RunQueued, lambda event: event.run.id != running.id)

    stopping = asyncio.create_task(engine.stop(grace=60))
    with pytest.raises(EngineNotRunning, match="stays in the queue for the next engine"):
        await queued
    interrupted = (await events.next(RunEnded)).run
    gate.set()
    await stopping

    assert (interrupted.state, interrupted.started_at) == (RunState.INTERRUPTED, None)
    over = engine.history.run(running.id)
    assert over is not None
    assert (over.state, over.result) == (RunState.DONE, "whole")


async def test_a_run_that_waits_for_its_next_attempt_is_interrupted_at_once(
    project: Project, engine: Engine
) -> None:
    project.task("job.py", "raise ValueError('first')", options="retries=3, backoff=3600")
    events = Events(engine)
    await engine.start()
    run = await engine.start_run("job")
    await events.next(AttemptEnded)

    async with asyncio.timeout(SOON):
        await engine.stop(grace=60)

    over = engine.history.run(run.id)
    assert over is not None
    assert (over.state, over.attempt, len(over.attempts)) == (RunState.INTERRUPTED, 1, 1)


async def test_an_attempt_that_fails_meanwhile_is_followed_by_no_other(
    project: Project, engine: Engine
) -> None:
    project.task(
        "job.py",
        "event.context.extra['gate'].wait()\nraise ValueError",
        options="retries=3, backoff=3600",
        kind="def",
    )
    events = Events(engine)
    await engine.start()
    gate = threading.Event()
    run = await engine.start_run("job", None, {"gate": gate})
    await events.next(RunStarted)
    stopping = asyncio.create_task(engine.stop(grace=60))
    await events.state(EngineState.STOPPING)
    gate.set()

    async with asyncio.timeout(SOON):
        await stopping

    over = engine.history.run(run.id)
    assert over is not None
    assert (over.state, len(over.attempts)) == (RunState.INTERRUPTED, 1)


@pytest.mark.parametrize("kind", BODIES)
async def test_children_of_running_runs_may_still_begin(
    project: Project, engine: Engine, kind: str
) -> None:
    wait, call = BODIES[kind]
    project.task(
        "parent.py",
        f"""
        import asyncio
        event.context.extra["begun"].set()
        {wait}
        return [{call}("child", {{"n": n}}) for n in range(3)]
        """,
        kind=kind,
    )
    project.task("child.py", "return event.payload['n']", options="concurrency='queue'")
    events = Events(engine)
    await engine.start()
    gate, begun = threading.Event(), threading.Event()
    parent = asyncio.create_task(engine.run_task("parent", None, {"gate": gate, "begun": begun}))
    await asyncio.to_thread(begun.wait)

    stopping = asyncio.create_task(engine.stop(grace=60))
    await events.state(EngineState.STOPPING)
    with pytest.raises(EngineNotRunning, match="stopping"):
        await engine.run_task("child", {"n": 9})
    gate.set()

    assert await parent == [0, 1, 2]
    await stopping


async def test_a_queued_run_that_a_running_one_waits_for_is_let_through(
    project: Project, engine: Engine
) -> None:
    project.task("child.py", WAITS, options="concurrency='queue'", kind="def")
    project.task(
        "parent.py",
        "return await event.context.extra['engine'].run_task('child', None, event.context.extra)",
    )
    events = Events(engine)
    await engine.start()
    gate = threading.Event()
    extra = {"gate": gate, "engine": engine}
    await engine.start_run("child", None, extra)
    parent = asyncio.create_task(engine.run_task("parent", None, extra))
    await events.next(RunQueued, lambda event: event.run.parent_id is not None)

    stopping = asyncio.create_task(engine.stop(grace=60))
    await events.state(EngineState.STOPPING)
    gate.set()

    assert await parent == "whole"
    await stopping


async def test_work_that_a_run_waits_for_is_waited_for(project: Project, engine: Engine) -> None:
    project.task(
        "later.py",
        """
        import asyncio
        async def finish():
            await asyncio.to_thread(event.context.extra["gate"].wait)
            print("finished")
        event.context.wait_until(finish())
        return "returned"
        """,
    )
    events = Events(engine)
    await engine.start()
    gate = threading.Event()
    run = await engine.start_run("later", None, {"gate": gate})
    await events.next(RunStarted)
    stopping = asyncio.create_task(engine.stop(grace=60))
    await events.state(EngineState.STOPPING)
    gate.set()
    await stopping

    over, output = engine.history.run(run.id), engine.history.output(run.id)
    assert over is not None
    assert output is not None
    assert (over.state, output.extent.total) == (RunState.DONE, 1)


async def test_after_the_grace_runs_are_asked_to_stop_and_may_tidy_up(
    project: Project, engine: Engine
) -> None:
    project.task(
        "polite.py",
        """
        import asyncio
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            print("tidied up")
        """,
    )
    events = Events(engine)
    await engine.start()
    call = asyncio.create_task(engine.run_task("polite"))
    await events.next(RunStarted)

    await engine.stop(grace=0)

    with pytest.raises(EngineNotRunning):
        await call
    run = (await events.next(RunEnded)).run
    output = engine.history.output(run.id)
    assert output is not None
    assert (run.state, output.extent.total) == (RunState.INTERRUPTED, 1)


async def test_a_second_stop_without_grace_stops_at_once(project: Project, engine: Engine) -> None:
    project.task("slow.py", FOREVER)
    project.task(
        "stubborn.py",
        """
        import asyncio
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            event.context.extra["asked"].set()
            await asyncio.Event().wait()
        """,
    )
    events = Events(engine)
    await engine.start()
    asked = threading.Event()
    for name in ("slow", "stubborn"):
        await engine.start_run(name, None, {"asked": asked})
        await events.next(RunStarted)
    first = asyncio.create_task(engine.stop(grace=3600))
    await events.state(EngineState.STOPPING)

    async with asyncio.timeout(SOON):
        await engine.stop(grace=0)
        await first

    assert asked.is_set()
    states = {run.task: run.state for run in engine.history.recent(None, 5)}
    assert states == {"slow": RunState.INTERRUPTED, "stubborn": RunState.INTERRUPTED}


async def test_a_second_stop_with_grace_hurries_nobody(project: Project, engine: Engine) -> None:
    project.task("job.py", WAITS, kind="def")
    events = Events(engine)
    await engine.start()
    gate = threading.Event()
    await engine.start_run("job", None, {"gate": gate})
    await events.next(RunStarted)
    stops = [asyncio.create_task(engine.stop(grace=60)), asyncio.create_task(engine.stop())]
    await events.state(EngineState.STOPPING)
    gate.set()
    await asyncio.gather(*stops)

    assert (await events.next(RunEnded)).run.state is RunState.DONE


async def test_the_grace_is_that_of_the_config(project: Project, engine: Engine) -> None:
    project.write("taskconsole.toml", "stop_grace = 0\n")
    project.task("slow.py", FOREVER)
    events = Events(engine)
    await engine.start()
    await events.live()
    await engine.start_run("slow")
    await events.next(RunStarted)

    async with asyncio.timeout(9):
        await engine.stop()

    assert (await events.next(RunEnded)).run.state is RunState.INTERRUPTED


async def test_a_run_that_was_cancelled_and_never_returns_is_left_behind_as_cancelled(
    project: Project, engine: Engine
) -> None:
    project.task("stuck.py", "event.context.extra['gate'].wait()", kind="def")
    events = Events(engine)
    await engine.start()
    gate = threading.Event()
    run = await engine.start_run("stuck", None, {"gate": gate})
    await events.next(RunStarted)
    await engine.cancel_run(run.id)

    await engine.stop(grace=0)
    gate.set()

    over = engine.history.run(run.id)
    assert over is not None
    assert (over.state, over.stopping) == (RunState.CANCELLED, False)
    assert len(events.of(RunEnded)) == 1
