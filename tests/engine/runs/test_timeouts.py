"""Attempts that take too long."""

import asyncio
import threading
from datetime import timedelta

import pytest

from support.events import Events
from support.project import Project
from taskengine import Engine, RunState, TaskTimeout
from taskengine.events import AttemptEnded, RunEnded, RunQueued, RunStarted, RunStopping
from taskengine.output import OutputLine
from taskengine.testing import ManualClock

FIRM = "backoff={'initial': 10, 'jitter': 0}"


async def test_an_async_run_that_takes_too_long_is_cancelled_where_it_awaits(
    project: Project, driven: Engine, clock: ManualClock
) -> None:
    project.task("slow.py", "import asyncio\nawait asyncio.Event().wait()", options="timeout=5")
    events = Events(driven)
    await driven.start()
    call = asyncio.create_task(driven.run_task("slow"))
    await events.next(RunStarted)
    clock.advance(5)

    with pytest.raises(TaskTimeout, match="longer than 5 s") as timed_out:
        await call
    assert timed_out.value.status_code == 504
    run = (await events.next(RunEnded)).run
    assert (run.state, run.error and run.error.type) == (RunState.TIMEOUT, "TaskTimeout")
    assert run.duration(clock.now()) == timedelta(seconds=5)


async def test_a_run_that_is_in_time_hears_nothing_of_its_timeout(
    project: Project, driven: Engine, clock: ManualClock
) -> None:
    project.task("job.py", "event.context.extra['gate'].wait()", options="timeout=5", kind="def")
    events = Events(driven)
    await driven.start()
    gate = threading.Event()
    run = await driven.start_run("job", None, {"gate": gate})
    await events.next(RunStarted)
    clock.advance(4.9)
    gate.set()

    assert (await driven.wait(run.id)).state is RunState.DONE
    clock.advance(60)
    assert await driven.run_task("job", None, {"gate": gate}) is None


async def test_a_sync_body_that_goes_on_is_shown_as_stopping_and_holds_its_key(
    project: Project, driven: Engine, clock: ManualClock
) -> None:
    project.task(
        "slow.py",
        """
        event.context.cancelled.wait()
        event.context.extra["gate"].wait()
        return "a value that counts for nothing"
        """,
        options="timeout=5, concurrency='queue'",
        kind="def",
    )
    events = Events(driven)
    await driven.start()
    gate = threading.Event()
    call = asyncio.create_task(driven.run_task("slow", None, {"gate": gate}))
    await events.next(RunStarted)
    clock.advance(5)

    with pytest.raises(TaskTimeout):
        await call
    stopping = (await events.next(RunStopping)).run
    assert (stopping.state, stopping.stopping) == (RunState.RUNNING, True)
    after = await driven.start_run("slow", None, {"gate": gate})
    assert after.state is RunState.QUEUED
    gate.set()
    ended = (await events.next(RunEnded)).run
    assert (ended.id, ended.state, ended.result) == (stopping.id, RunState.TIMEOUT, None)
    assert (await events.next(RunStarted)).run.id == after.id


async def test_work_that_the_run_waits_for_stands_under_the_same_timeout(
    project: Project, driven: Engine, clock: ManualClock
) -> None:
    project.task(
        "later.py",
        """
        import asyncio
        async def forever():
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0)
                print("tidied up")
        event.context.wait_until(forever())
        event.context.progress(1)
        return "returned"
        """,
        options="timeout=5",
    )
    events = Events(driven)
    await driven.start()
    run = await driven.start_run("later")
    await events.next(RunStarted)
    clock.advance(5)

    assert (await driven.wait(run.id)).state is RunState.TIMEOUT
    output = driven.history.output(run.id)
    assert output is not None
    assert [OutputLine.decode(line).text for line in output.read(0, 5)] == ["tidied up"]


async def test_the_time_that_a_run_waits_for_its_turn_does_not_count(
    project: Project, driven: Engine, clock: ManualClock
) -> None:
    project.task(
        "job.py",
        "event.context.extra['gate'].wait()",
        options="timeout=5, concurrency='queue'",
        kind="def",
    )
    events = Events(driven)
    await driven.start()
    gates = [threading.Event(), threading.Event()]
    runs = [await driven.start_run("job", None, {"gate": gate}) for gate in gates]
    await events.next(RunStarted)
    clock.advance(4)
    gates[0].set()
    await events.next(RunStarted)
    clock.advance(4)
    gates[1].set()

    assert [(await driven.wait(run.id)).state for run in runs] == [RunState.DONE] * 2


async def test_each_attempt_has_the_whole_timeout(
    project: Project, driven: Engine, clock: ManualClock
) -> None:
    project.task(
        "slow.py",
        """
        import asyncio
        if event.context.attempt < 3:
            await asyncio.Event().wait()
        return event.context.attempt
        """,
        options=f"timeout=5, retries=2, {FIRM}",
    )
    events = Events(driven)
    await driven.start()
    call = asyncio.create_task(driven.run_task("slow"))
    for wait in (10, 20):
        await events.next(RunStarted)
        clock.advance(5)
        attempt = (await events.next(AttemptEnded)).attempt
        assert (attempt.state, attempt.ended_at - attempt.started_at) == (
            RunState.TIMEOUT,
            timedelta(seconds=5),
        )
        clock.advance(wait)

    assert await call == 3
    assert events.of(RunStopping) == []
    output = driven.history.output(1)
    assert output is not None
    assert OutputLine.decode(output.read(0, 1)[0]).text == (
        "attempt 1 of 3 timed out: The run took longer than 5 s; the next in 10 s"
    )


async def test_no_attempt_follows_a_body_that_does_not_return_within_a_second(
    project: Project, driven: Engine, clock: ManualClock
) -> None:
    project.task(
        "stuck.py",
        """
        event.context.cancelled.wait()
        event.context.extra["asked"].set()
        event.context.extra["gate"].wait()
        """,
        options=f"timeout=5, retries=9, {FIRM}",
        kind="def",
    )
    events = Events(driven)
    await driven.start()
    gate, asked = threading.Event(), threading.Event()
    call = asyncio.create_task(driven.run_task("stuck", None, {"gate": gate, "asked": asked}))
    await events.next(RunStarted)
    clock.advance(5)
    await asyncio.to_thread(asked.wait)
    assert events.of(RunStopping) == []
    clock.advance(1)

    with pytest.raises(TaskTimeout):
        await call
    assert (await events.next(RunStopping)).run.stopping
    gate.set()
    assert (await events.next(RunEnded)).run.state is RunState.TIMEOUT
    assert events.of(AttemptEnded) == []


@pytest.mark.parametrize(("retry_on", "is_retried"), [("TimeoutError", True), ("KeyError", False)])
async def test_retry_on_may_leave_timeouts_out(
    project: Project, driven: Engine, clock: ManualClock, retry_on: str, is_retried: bool
) -> None:
    project.task(
        "slow.py",
        "import asyncio\nawait asyncio.Event().wait()",
        options=f"timeout=5, retries=1, retry_on={retry_on}, {FIRM}",
    )
    events = Events(driven)
    await driven.start()
    run = await driven.start_run("slow")
    await events.next(RunStarted)
    clock.advance(5)
    if is_retried:
        await events.next(AttemptEnded)
        clock.advance(10)
        await events.next(RunStarted)
        clock.advance(5)

    assert (await driven.wait(run.id)).attempt == 1 + is_retried


async def test_a_cancelled_run_does_not_time_out_as_well(
    project: Project, driven: Engine, clock: ManualClock
) -> None:
    project.task("stuck.py", "event.context.extra['gate'].wait()", options="timeout=5", kind="def")
    events = Events(driven)
    await driven.start()
    gate = threading.Event()
    run = await driven.start_run("stuck", None, {"gate": gate})
    await events.next(RunStarted)
    await driven.cancel_run(run.id)
    clock.advance(5)
    gate.set()

    assert (await driven.wait(run.id)).state is RunState.CANCELLED
    assert len(events.of(RunStopping)) == 1


async def test_a_timeout_is_kept_in_real_time_too(project: Project, engine: Engine) -> None:
    project.task("slow.py", "import asyncio\nawait asyncio.Event().wait()", options="timeout=0.05")
    events = Events(engine)
    await engine.start()

    with pytest.raises(TaskTimeout):
        await engine.run_task("slow")
    assert len(events.of(RunQueued)) == 1
