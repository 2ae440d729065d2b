"""What a test can learn of one task, run with nothing else around it."""

import asyncio
import logging
import sys
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from support.project import Project
from taskengine import (
    InvalidPayload,
    RunState,
    TaskEvent,
    TaskFailed,
    TaskNotFound,
    TaskTimeout,
    Trigger,
    run_task,
    task,
)
from taskengine.events import AttemptEnded, RunEnded, RunQueued
from taskengine.output import OutputKind
from taskengine.run import Progress
from taskengine.testing import ManualClock, TaskBench

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@task
async def talkative(event: TaskEvent) -> object:
    print("printed")
    print("in error", file=sys.stderr)
    event.context.log.info("of the task")
    logging.getLogger("a.module").warning("of a module")
    event.context.progress(1, 2, "half")
    return event.payload


@task
def failing(event: TaskEvent) -> None:
    raise LookupError("no such customer")


async def test_a_run_is_told_with_all_that_it_did(task_bench: TaskBench) -> None:
    outcome = await task_bench.run(talkative, {"to": "Ann"})

    assert (outcome.state, outcome.result) == (RunState.DONE, {"to": "Ann"})
    assert outcome.text == "printed\nin error"
    assert [(one.kind, one.logger, one.text) for one in outcome.logs] == [
        (OutputKind.INFO, "task.talkative", "of the task"),
        (OutputKind.WARNING, "a.module", "of a module"),
    ]
    assert outcome.progress == [Progress(done=1, total=2, message="half")]
    assert isinstance(outcome.events[0], RunQueued)
    assert isinstance(outcome.events[-1], RunEnded)


async def test_the_result_of_a_run_that_failed_is_its_exception(task_bench: TaskBench) -> None:
    outcome = await task_bench.run(failing)

    assert (outcome.state, type(outcome.exception)) == (RunState.FAILED, LookupError)
    with pytest.raises(LookupError, match="no such customer"):
        _ = outcome.result


def test_a_test_without_a_loop_runs_both_kinds_of_tasks(task_bench: TaskBench) -> None:
    assert task_bench.run_blocking(talkative, {"n": 1}).result == {"n": 1}
    assert task_bench.run_blocking(failing).state is RunState.FAILED


async def test_a_test_with_a_loop_is_not_blocked(task_bench: TaskBench) -> None:
    with pytest.raises(RuntimeError, match=r"await run\(\)"):
        task_bench.run_blocking(talkative)


async def test_the_task_runs_on_the_loop_of_the_test(task_bench: TaskBench) -> None:
    loop = asyncio.get_running_loop()

    async def here(_: TaskEvent) -> bool:
        return asyncio.get_running_loop() is loop

    assert (await task_bench.run(here)).result is True


async def test_the_event_is_what_the_test_says(task_bench: TaskBench) -> None:
    async def look(event: TaskEvent) -> object:
        context = event.context
        return [event.name, context.trigger.value, context.extra["pool"] is pool, context.attempt]

    pool = object()
    outcome = await task_bench.run(
        look, context={"pool": pool}, name="db:look", trigger=Trigger.CLI
    )

    assert outcome.result == ["db:look", "cli", True, 1]


async def test_a_task_can_be_run_as_its_schedule_would(task_bench: TaskBench) -> None:
    async def look(event: TaskEvent) -> object:
        assert event.context.scheduled_time == NOON
        return event.payload

    outcome = await task_bench.run(look, {"a": 1}, scheduled_time=NOON)

    assert outcome.run.trigger is Trigger.SCHEDULE
    assert outcome.result == {"a": 1, "scheduledTime": int(NOON.timestamp() * 1000)}


@dataclass
class Cleanup:
    days: int


async def clean(event: TaskEvent[Cleanup]) -> int:
    return event.payload.days


async def test_a_typed_payload_is_checked_as_ever(task_bench: TaskBench) -> None:
    assert (await task_bench.run(clean, {"days": 3}, scheduled_time=NOON)).result == 3
    with pytest.raises(InvalidPayload, match="days"):
        await task_bench.run(clean, {"days": "many"})


async def test_children_are_stubbed_by_values_functions_and_exceptions() -> None:
    async def parent(_: TaskEvent) -> object:
        answers = [await run_task("value"), await run_task("function", {"n": 2})]
        with pytest.raises(ConnectionError, match="refused"):
            await run_task("broken")
        return answers

    bench = TaskBench(stubs={"value": [1], "broken": ConnectionError("refused")})
    bench.stub("function", lambda event: event.payload["n"] * 2)
    outcome = await bench.run(parent)

    assert outcome.result == [[1], 4]
    assert [(run.task, run.payload, run.state) for run in outcome.children] == [
        ("value", {}, RunState.DONE),
        ("function", {"n": 2}, RunState.DONE),
        ("broken", {}, RunState.FAILED),
    ]


async def test_a_child_that_nobody_stubbed_is_not_there(task_bench: TaskBench) -> None:
    async def parent(_: TaskEvent) -> object:
        return await run_task("missing")

    assert isinstance((await task_bench.run(parent)).exception, TaskNotFound)


async def test_the_clock_moves_on_to_each_further_attempt() -> None:
    clock = ManualClock(NOON)
    began = []

    @task(retries=3, backoff={"initial": 60, "factor": 10, "cap": 3600, "jitter": 0})
    async def stubborn(event: TaskEvent) -> int:
        began.append(clock.now() - NOON)
        if event.context.attempt < 4:
            raise OSError("not yet")
        return event.context.attempt

    outcome = await TaskBench(clock=clock).run(stubborn)

    assert outcome.result == 4
    assert began == [timedelta(seconds=one) for one in (0, 60, 660, 4260)]
    assert sum(isinstance(one, AttemptEnded) for one in outcome.events) == 3


async def test_a_timeout_is_as_long_as_the_tests_clock_says(task_bench: TaskBench) -> None:
    @task(timeout="1h")
    async def slow(_: TaskEvent) -> None:
        task_bench.clock.advance(3601)
        await asyncio.Event().wait()

    outcome = await task_bench.run(slow)

    assert outcome.state is RunState.TIMEOUT
    assert isinstance(outcome.exception, TaskTimeout)


async def test_a_task_that_never_ends_fails_the_test() -> None:
    async def endless(_: TaskEvent) -> None:
        await asyncio.Event().wait()

    with pytest.raises(TimeoutError, match=r"`endless` did not end within 0\.1 s"):
        await TaskBench(timeout=0.1).run(endless)


async def test_a_timeout_error_of_the_task_is_the_tasks_own(task_bench: TaskBench) -> None:
    async def impatient(_: TaskEvent) -> None:
        raise TimeoutError("the server is slow")

    assert str((await task_bench.run(impatient)).exception) == "the server is slow"


async def test_an_exit_is_told_as_the_engine_tells_it(task_bench: TaskBench) -> None:
    outcome = await task_bench.run(lambda _: sys.exit(3))

    assert isinstance(outcome.exception, TaskFailed)
    assert outcome.run.task == "<lambda>"


async def test_options_that_are_wrong_fail_the_test(task_bench: TaskBench) -> None:
    @task(timeout="soon")
    async def hasty(_: TaskEvent) -> None: ...

    with pytest.raises(ValueError, match="soon"):
        await task_bench.run(hasty)


async def test_a_task_of_a_project_is_run_by_its_name(project: Project) -> None:
    project.task("db/migrate.py", "return await event.context.run_task('db:connect')")
    project.task("db/connect.py", "return 'to the real thing'")
    bench = TaskBench(project.root)

    assert (await bench.run("db:migrate")).result == "to the real thing"
    bench.stub("db:connect", "to nothing")
    assert (await bench.run("db:migrate")).result == "to nothing"
    with pytest.raises(TaskNotFound):
        await bench.run("db:migrat")


async def test_levels_are_the_tests_own_again_afterwards(task_bench: TaskBench) -> None:
    root = logging.getLogger()
    before = root.level
    outcome = await TaskBench(log_level="ERROR").run(talkative)

    assert (outcome.logs, root.level) == ([], before)


async def test_nothing_of_a_run_is_left(task_bench: TaskBench) -> None:
    streams, others = (sys.stdout, sys.stderr), set(threading.enumerate())
    await task_bench.run(talkative)
    left = set(threading.enumerate()) - others
    for thread in [one for one in left if one.name.startswith("taskengine")]:
        await asyncio.to_thread(thread.join, 20)
        assert not thread.is_alive()

    assert (sys.stdout, sys.stderr) == streams
