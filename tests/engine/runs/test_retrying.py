"""Attempts: which failures are followed by another, when, and what is recorded of them."""

import asyncio
from datetime import timedelta

import pytest

from support.events import Events
from support.project import Project
from taskengine import Engine, RunState, TaskCancelled, TaskFailed
from taskengine.events import (
    AttemptEnded,
    RunEnded,
    RunEvent,
    RunJoined,
    RunProgressed,
    RunQueued,
    RunStarted,
)
from taskengine.output import OutputLine
from taskengine.testing import ManualClock

FAILS_TWICE = """
event.context.progress(event.context.attempt)
if event.context.attempt < 3:
    raise ValueError(f"not yet: {event.context.attempt}\\nsecond line")
return event.context.attempt
"""
FIRM = "backoff={'initial': 10, 'factor': 3, 'jitter': 0}"


@pytest.mark.parametrize("kind", ["async def", "def"])
async def test_attempts_follow_each_other_until_one_succeeds(
    project: Project, driven: Engine, clock: ManualClock, kind: str
) -> None:
    project.task("job.py", FAILS_TWICE, options=f"retries=3, {FIRM}", kind=kind)
    events = Events(driven)
    await driven.start()
    begun = clock.now()
    call = asyncio.create_task(driven.run_task("job"))

    first = (await events.next(AttemptEnded)).run
    clock.advance(10)
    second = (await events.next(AttemptEnded)).run
    clock.advance(30)

    assert await call == 3
    assert (first.state, first.attempt, first.next_attempt_at) == (
        RunState.WAITING,
        1,
        begun + timedelta(seconds=10),
    )
    assert second.next_attempt_at == begun + timedelta(seconds=40)
    run = (await events.next(RunEnded)).run
    assert (run.attempt, run.max_attempts, run.next_attempt_at) == (3, 4, None)
    assert (run.started_at, run.ended_at) == (begun, begun + timedelta(seconds=40))
    assert [(one.number, one.state, one.started_at) for one in run.attempts] == [
        (1, RunState.FAILED, begun),
        (2, RunState.FAILED, begun + timedelta(seconds=10)),
    ]
    assert [one.error.message for one in run.attempts if one.error] == [
        "not yet: 1\nsecond line",
        "not yet: 2\nsecond line",
    ]
    told = [type(event) for event in events.seen if isinstance(event, RunEvent)]
    attempt = [RunStarted, RunProgressed]
    assert told == [
        RunQueued,
        *attempt,
        AttemptEnded,
        *attempt,
        AttemptEnded,
        *attempt,
        RunEnded,
    ]


async def test_the_output_says_of_each_attempt_why_it_failed_and_when_the_next_comes(
    project: Project, driven: Engine, clock: ManualClock
) -> None:
    project.task(
        "job.py",
        "print(event.context.attempt, end='')\n" + FAILS_TWICE,
        options=f"retries=3, {FIRM}",
    )
    events = Events(driven)
    await driven.start()
    call = asyncio.create_task(driven.run_task("job"))
    for seconds in (10, 30):
        await events.next(AttemptEnded)
        clock.advance(seconds)
    await call

    output = driven.history.output(1)
    assert output is not None
    assert [OutputLine.decode(line).text for line in output.read(0, 10)] == [
        "1",
        "attempt 1 of 4 failed: ValueError: not yet: 1; the next in 10 s",
        "2",
        "attempt 2 of 4 failed: ValueError: not yet: 2; the next in 30 s",
        "3",
    ]


async def test_the_last_failure_is_the_runs(
    project: Project, driven: Engine, clock: ManualClock
) -> None:
    project.task("job.py", FAILS_TWICE, options=f"retries=1, {FIRM}")
    events = Events(driven)
    await driven.start()
    call = asyncio.create_task(driven.run_task("job"))
    await events.next(AttemptEnded)
    clock.advance(10)

    with pytest.raises(ValueError, match="not yet: 2"):
        await call
    run = (await events.next(RunEnded)).run
    assert (run.state, run.attempt, len(run.attempts)) == (RunState.FAILED, 2, 1)


@pytest.mark.parametrize(
    ("retry_on", "raised", "is_retried"),
    [
        ("ConnectionError", "ConnectionResetError()", True),
        ("OSError", "ConnectionResetError()", True),
        ("'builtins.OSError'", "ConnectionResetError()", True),
        ("ConnectionError", "ValueError()", False),
        ("'Flaky'", "Flaky()", True),
        ("'tasks.job.Flaky'", "Flaky()", True),
        ("'other.Flaky'", "Flaky()", False),
        ("['KeyError', 'ValueError']", "ValueError()", True),
        ("Exception", "SystemExit(3)", True),
        ("'TaskFailed'", "SystemExit(3)", True),
        ("ValueError", "SystemExit(3)", False),
    ],
)
async def test_only_the_failures_that_are_named_are_followed_by_another_attempt(
    project: Project,
    driven: Engine,
    clock: ManualClock,
    retry_on: str,
    raised: str,
    is_retried: bool,
) -> None:
    project.write(
        "tasks/job.py",
        f"""
        from taskengine import task

        class Flaky(Exception):
            pass

        @task(retries=1, retry_on={retry_on}, {FIRM})
        def run(event):
            if event.context.attempt == 1:
                raise {raised}
        """,
    )
    events = Events(driven)
    await driven.start()
    run = await driven.start_run("job")
    told = await events.next(RunEvent, lambda event: isinstance(event, AttemptEnded | RunEnded))
    clock.advance(10)

    assert isinstance(told, AttemptEnded) is is_retried
    ended = await driven.wait(run.id)
    assert ended.state is (RunState.DONE if is_retried else RunState.FAILED)


@pytest.mark.parametrize(
    "body",
    [
        "from taskengine import InvalidPayload\nraise InvalidPayload('bad')",
        "await event.context.run_task('job')",
        "from taskengine import TaskCancelled\nraise TaskCancelled('a child was cancelled')",
    ],
)
async def test_what_another_attempt_cannot_change_is_final(
    project: Project, driven: Engine, body: str
) -> None:
    project.task("job.py", body, options=f"retries=5, {FIRM}")
    await driven.start()
    run = await driven.start_run("job")

    ended = await driven.wait(run.id)

    assert (ended.state, ended.attempt, ended.attempts) == (RunState.FAILED, 1, ())


async def test_a_run_that_waits_for_its_next_attempt_is_cancelled_at_once(
    project: Project, driven: Engine
) -> None:
    project.task("job.py", FAILS_TWICE, options=f"retries=3, {FIRM}")
    events = Events(driven)
    await driven.start()
    call = asyncio.create_task(driven.run_task("job"))
    waiting = (await events.next(AttemptEnded)).run

    assert await driven.cancel_run(waiting.id)

    with pytest.raises(TaskCancelled):
        await call
    run = (await events.next(RunEnded)).run
    assert (run.state, run.attempt, run.next_attempt_at) == (RunState.CANCELLED, 1, None)
    assert len(events.of(RunStarted)) == 1


async def test_a_call_between_two_attempts_joins_the_run(
    project: Project, driven: Engine, clock: ManualClock
) -> None:
    project.task("job.py", FAILS_TWICE, options=f"retries=3, {FIRM}")
    events = Events(driven)
    await driven.start()
    first = asyncio.create_task(driven.run_task("job"))
    await events.next(AttemptEnded)
    second = asyncio.create_task(driven.run_task("job"))
    await events.next(RunJoined)
    clock.advance(10)
    await events.next(AttemptEnded)
    clock.advance(30)

    assert [await first, await second] == [3, 3]


async def test_queued_runs_wait_for_all_attempts_of_the_one_before(
    project: Project, driven: Engine, clock: ManualClock
) -> None:
    project.task("job.py", FAILS_TWICE, options=f"retries=2, concurrency='queue', {FIRM}")
    events = Events(driven)
    await driven.start()
    first = await driven.start_run("job")
    second = await driven.start_run("job")
    for _ in range(2):
        for seconds in (10, 30):
            await events.next(AttemptEnded)
            clock.advance(seconds)
        await events.next(RunEnded)

    told = [event.run.id for event in events.seen if isinstance(event, RunStarted | RunEnded)]
    assert told == [first.id] * 4 + [second.id] * 4


async def test_each_attempt_has_an_event_of_its_own_to_poll_and_late_words_count_for_nothing(
    project: Project, driven: Engine, clock: ManualClock
) -> None:
    project.task(
        "job.py",
        """
        contexts = event.context.extra["contexts"]
        contexts.append(event.context)
        if event.context.attempt == 1:
            event.context.cancelled.set()
            raise ValueError
        contexts[0].progress(99)
        event.context.progress(1)
        return event.context.cancelled.is_set()
        """,
        options=f"retries=1, {FIRM}",
        kind="def",
    )
    events = Events(driven)
    await driven.start()
    call = asyncio.create_task(driven.run_task("job", context={"contexts": []}))
    await events.next(AttemptEnded)
    clock.advance(10)

    assert await call is False
    assert [
        event.run.progress.done for event in events.of(RunProgressed) if event.run.progress
    ] == [1]


async def test_exit_codes_and_results_that_json_cannot_carry_are_tried_again_too(
    project: Project, driven: Engine, clock: ManualClock
) -> None:
    project.task("job.py", "return {1, 2}", options=f"retries=1, {FIRM}")
    events = Events(driven)
    await driven.start()
    call = asyncio.create_task(driven.run_task("job"))
    await events.next(AttemptEnded)
    clock.advance(10)

    with pytest.raises(TaskFailed, match="type set"):
        await call
