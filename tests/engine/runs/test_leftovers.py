"""What an engine does with the runs that the one before it left undone."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from support.engines import notes
from support.events import Events
from support.faults import locked_by_other_process
from support.project import Project
from support.restarts import engine_on, held_up, let_go
from support.story import check_story, stories
from taskengine import Engine, EngineNotRunning, MemoryHistory, Run, RunState, Trigger
from taskengine.events import RunEnded, RunQueued, RunStarted
from taskengine.history.history import History
from taskengine.output import OutputLine

RERUN = "on_interrupt='rerun'"


async def ended(events: Events, run_id: int) -> Run:
    """Wait until a run is over in this engine."""
    return (await events.next(RunEnded, lambda event: event.run.id == run_id)).run


async def all_ended(events: Events, count: int) -> list[int]:
    """The numbers of the next runs that end, in their order."""
    return [(await events.next(RunEnded)).run.id for _ in range(count)]


async def begin(engine: Engine, events: Events, task: str, *payloads: int) -> list[int]:
    """Begin a run that is held up for each number, the first of which has begun when this returns;
    their numbers.
    """
    runs = [await engine.start_run(task, {"n": one}) for one in payloads]
    await events.next(RunStarted, lambda event: event.run.id == runs[0].id)
    return [run.id for run in runs]


async def test_a_run_that_was_in_the_queue_goes_on_as_the_run_that_it_was(
    project: Project,
) -> None:
    held_up(project, "job.py", "concurrency='queue', key=lambda payload: 'all'")
    async with engine_on(project) as (engine, events):
        await begin(engine, events, "job", 1)
        left = await engine.start_run("job", {"n": 2}, trigger=Trigger.CLI)
        call = asyncio.create_task(engine.wait(left.id))
    told = await call
    let_go(project)
    async with engine_on(project) as (engine, events):
        run = await ended(events, left.id)
        output = engine.history.output(left.id)
        assert output is not None
        lines = [OutputLine.decode(line).text for line in output.read(0, 10)]
        assert "1 run of the engine before was in the queue, which goes on: #2 job" in notes(engine)

    assert told.state is RunState.INTERRUPTED
    assert (run.state, run.result, lines) == (RunState.DONE, {"n": 2}, ["it works on {'n': 2}"])
    assert (run.trigger, run.key, run.queued_at) == (left.trigger, left.key, left.queued_at)
    assert run.error is None
    check_story(stories(events.seen)[left.id])


async def test_the_queue_goes_on_when_a_file_that_was_locked_can_be_written(
    project: Project,
) -> None:
    held_up(project, "job.py", "concurrency='queue', key=lambda payload: 'all'")
    async with engine_on(project) as (engine, events):
        _, left = await begin(engine, events, "job", 1, 2)
    let_go(project)
    with ExitStack() as lock:
        lock.enter_context(locked_by_other_process(project.root / ".taskconsole" / "history.db"))
        async with engine_on(project) as (engine, events):
            assert engine.history.run(left) is not None
            lock.close()
            run = await ended(events, left)

    assert (run.state, run.result) == (RunState.DONE, {"n": 2})


async def test_whoever_waits_for_a_queued_run_hears_that_it_is_left_to_the_next_engine(
    project: Project,
) -> None:
    held_up(project, "job.py")
    async with engine_on(project) as (engine, events):
        await begin(engine, events, "job", 1)
        call = asyncio.create_task(engine.run_task("job", {"n": 2}))
        await events.next(RunQueued)
        await engine.stop(grace=0)
        with pytest.raises(EngineNotRunning, match="stays in the queue for the next engine"):
            await call


async def test_where_no_engine_comes_after_nothing_is_left_in_the_queue(project: Project) -> None:
    held_up(project, "job.py")
    async with engine_on(project, history=MemoryHistory()) as (engine, events):
        await begin(engine, events, "job", 1)
        call = asyncio.create_task(engine.run_task("job", {"n": 2}))
        left = (await events.next(RunQueued)).run
        await engine.stop(grace=0)
        with pytest.raises(EngineNotRunning, match="stopped before the run was over"):
            await call

    assert kept(engine.history, left.id).state is RunState.INTERRUPTED


async def test_what_was_cancelled_in_the_queue_stays_cancelled(project: Project) -> None:
    held_up(project, "job.py")
    async with engine_on(project) as (engine, events):
        _, cancelled, left = await begin(engine, events, "job", 1, 2, 3)
        await engine.cancel_run(cancelled)
    let_go(project)
    async with engine_on(project) as (engine, events):
        await ended(events, left)

        assert [event.run.id for event in events.of(RunQueued)] == [left]
        assert kept(engine.history, cancelled).state is RunState.CANCELLED


async def test_what_is_left_goes_on_in_its_order_behind_what_was_interrupted(
    project: Project,
) -> None:
    held_up(project, "job.py", f"concurrency='queue', {RERUN}")
    async with engine_on(project) as (engine, events):
        first, *left = await begin(engine, events, "job", 1, 2, 3)
    let_go(project)
    async with engine_on(project) as (engine, events):
        order = await all_ended(events, 3)
        again = kept(engine.history, order[0])

    assert order == [left[-1] + 1, *left]
    assert (again.rerun_of, again.trigger, again.payload) == (first, Trigger.RERUN, {"n": 1})


async def test_what_is_left_waits_for_its_turn_whatever_the_task_says_of_calls(
    project: Project,
) -> None:
    held_up(project, "job.py")
    async with engine_on(project) as (engine, events):
        _, *left = await begin(engine, events, "job", 1, 2, 3)
    held_up(project, "job.py", "concurrency='skip'")
    let_go(project)
    async with engine_on(project) as (_, events):
        assert await all_ended(events, 2) == left

    assert {event.run.state for event in events.of(RunEnded)} == {RunState.DONE}


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (None, "Task `job` is not available!"),
        ("from taskengine import task\nthis is no python\n", "Task `job` is not implemented!"),
        (
            """
            from typing import TypedDict
            from taskengine import TaskEvent, task

            class Job(TypedDict):
                name: str

            @task(concurrency="queue")
            async def run(event: TaskEvent[Job]) -> None: ...
            """,
            "name",
        ),
    ],
)
async def test_a_run_whose_task_can_run_it_no_more_ends_as_failed(
    project: Project, written: str | None, reason: str
) -> None:
    held_up(project, "job.py")
    async with engine_on(project) as (engine, events):
        _, left = await begin(engine, events, "job", 1, 2)
    if written is None:
        (project.root / "tasks/job.py").unlink()
    else:
        project.write("tasks/job.py", written)
    async with engine_on(project) as (engine, events):
        run = await ended(events, left)
        assert any(f"#{left} job" in note and reason in note for note in notes(engine))
    async with engine_on(project) as (engine, _):
        known = kept(engine.history, left)

    assert run.state is RunState.FAILED
    assert run.error is not None
    assert reason in run.error.message
    assert (known.state, known.error) == (run.state, run.error)
    check_story(stories(events.seen)[left])


async def test_an_engine_that_only_looks_takes_up_nothing_until_it_schedules(
    project: Project,
) -> None:
    held_up(project, "job.py", f"concurrency='queue', {RERUN}")
    async with engine_on(project) as (engine, events):
        first, left = await begin(engine, events, "job", 1, 2)
    let_go(project)
    async with engine_on(project, scheduler=False) as (engine, events):
        assert kept(engine.history, left).state is RunState.QUEUED
        assert events.of(RunQueued) == []
        assert any("stands still until schedules fire" in note for note in notes(engine))
    async with engine_on(project, scheduler=False) as (engine, events):
        await engine.set_scheduling(on=True)
        again, resumed = await all_ended(events, 2)

        assert (kept(engine.history, again).rerun_of, resumed) == (first, left)


async def test_an_interrupted_run_is_run_again_only_if_its_task_says_so(project: Project) -> None:
    held_up(project, "again.py", RERUN)
    held_up(project, "once.py", "")
    async with engine_on(project) as (engine, events):
        [again] = await begin(engine, events, "again", 1)
        [once] = await begin(engine, events, "once", 2)
    let_go(project)
    async with engine_on(project) as (engine, events):
        rerun = (await events.next(RunEnded)).run
        said = notes(engine)
    async with engine_on(project) as (engine, events):
        assert notes(engine) == []
        assert kept(engine.history, once).state is RunState.INTERRUPTED

    assert (rerun.rerun_of, rerun.result) == (again, {"n": 1})
    assert f"#{again} again is run again as #{rerun.id}" in said
    assert f"2 runs of the engine before were interrupted: #{again} again, #{once} once" in said


async def test_a_run_that_is_interrupted_three_times_in_a_row_is_run_again_no_more(
    project: Project,
) -> None:
    held_up(project, "job.py", RERUN)
    async with engine_on(project) as (engine, events):
        await begin(engine, events, "job", 1)
    for _ in range(2):
        async with engine_on(project) as (_, events):
            await events.next(RunStarted)
    async with engine_on(project) as (engine, events):
        await engine.set_scheduling(on=True)  # nothing new, and answered after the leftovers
        said = notes(engine)

    assert events.of(RunQueued) == []
    assert "#3 job is not run again: it was interrupted 3 times in a row" in said


async def test_a_part_of_a_run_that_is_run_again_is_not_run_again_besides(
    project: Project,
) -> None:
    project.task("whole.py", "await event.context.run_task('part', event.payload)", options=RERUN)
    held_up(project, "part.py", RERUN)
    async with engine_on(project) as (engine, events):
        whole = await engine.start_run("whole", {"n": 1})
        await events.next(RunStarted, lambda event: event.run.task == "part")
    let_go(project)
    async with engine_on(project) as (engine, events):
        await events.next(RunEnded, lambda event: event.run.task == "whole")

    queued = [event.run for event in events.of(RunQueued)]
    assert [(run.task, run.rerun_of) for run in queued] == [("whole", whole.id), ("part", None)]


async def test_a_part_of_a_run_is_interrupted_with_it_and_not_left_in_the_queue(
    project: Project,
) -> None:
    held_up(project, "part.py")
    project.task("whole.py", "await event.context.run_task('part', {})")
    async with engine_on(project) as (engine, events):
        await begin(engine, events, "part", 1)
        await engine.start_run("whole")
        part = await events.next(RunQueued, lambda event: event.run.parent_id is not None)
    let_go(project)
    async with engine_on(project) as (engine, events):
        assert events.of(RunQueued) == []
        assert kept(engine.history, part.run.id).state is RunState.INTERRUPTED


PROGRAM = """
import asyncio
from taskengine import Engine

async def main():
    async with Engine(".") as engine:
        runs = [await engine.start_run("job", {"n": n}) for n in range(3)]
        print(*(run.id for run in runs), flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_what_a_killed_engine_left_is_taken_up_too(project: Project) -> None:
    held_up(project, "job.py", f"concurrency='queue', {RERUN}")
    first, *left = await asyncio.to_thread(runs_of_killed_engine, project.root)
    let_go(project)
    async with engine_on(project) as (engine, events):
        order = await all_ended(events, 3)
        runs = [kept(engine.history, run_id) for run_id in (first, *order)]

    assert order[1:] == left
    assert [run.state for run in runs] == [RunState.INTERRUPTED, *[RunState.DONE] * 3]
    assert [run.payload["n"] for run in runs] == [0, 0, 1, 2]
    assert runs[1].rerun_of == first


def runs_of_killed_engine(root: Path) -> Sequence[int]:
    """The numbers of runs that an engine was killed over, the first of which had begun."""
    argv = [sys.executable, "-c", PROGRAM]
    with subprocess.Popen(argv, cwd=root, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        try:
            numbers = [int(number) for number in program.stdout.readline().split()]
        finally:
            program.send_signal(signal.SIGKILL)
    return numbers


def kept(history: History, run_id: int) -> Run:
    """A run as the history has it."""
    run = history.run(run_id)
    assert run is not None
    return run
