"""A living engine on a project whose files change and whose schedules fire."""

import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from support.events import Events
from support.project import Project
from taskengine import Engine, RunState, TaskNotFound, Trigger
from taskengine.errors import EngineNotRunning
from taskengine.events import (
    CatalogChanged,
    EngineState,
    EngineStateChanged,
    Event,
    FireMissed,
    ProblemCleared,
    ProblemRaised,
    RunEnded,
    RunQueued,
    SchedulePaused,
    ScheduleResumed,
    SchedulingChanged,
)
from taskengine.problem import ProblemKind
from taskengine.testing import ManualClock

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
EVERY_MINUTE = "schedule='* * * * *'"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def driven(project: Project, clock: ManualClock) -> Engine:
    """An engine whose clock the test moves."""
    project.write("taskconsole.toml", 'timezone = "UTC"\n')
    return Engine(project.root, clock=clock)


@asynccontextmanager
async def import_held_up(project: Project, path: str) -> AsyncIterator[asyncio.Future[int]]:
    """Inside, the import of a task file at `path` does not end; what it gives is done when the
    import has begun.
    """
    pipe = project.root / "pipe"
    os.mkfifo(pipe)
    project.write(
        path,
        f"""
        from taskengine import task

        with open({str(pipe)!r}) as pipe:
            pipe.read()

        @task(description="Known at once")
        def run(event):
            return 1
        """,
    )
    reading = asyncio.create_task(asyncio.to_thread(os.open, pipe, os.O_WRONLY))
    try:
        yield reading
    finally:
        os.close(await reading)


async def test_tasks_are_known_by_name_before_their_code_runs(
    project: Project, engine: Engine
) -> None:
    async with import_held_up(project, "tasks/slow.py"):
        await engine.start()
        early = engine.catalog.entries["slow"]
        state = engine.state
        call = asyncio.create_task(engine.run_task("slow"))

    assert (early.description, early.loaded, state) == (
        "Known at once",
        False,
        EngineState.STARTING,
    )
    assert await call == 1


async def test_an_import_that_takes_long_is_a_problem_while_it_lasts(
    project: Project, driven: Engine, clock: ManualClock
) -> None:
    def is_slow(event: ProblemRaised | ProblemCleared) -> bool:
        return event.problem.kind is ProblemKind.SLOW_IMPORT

    events = Events(driven)
    async with AsyncExitStack() as stack:
        async with import_held_up(project, "tasks/slow.py") as begun:
            await stack.enter_async_context(driven)
            await asyncio.wait({begun})
            clock.advance(10)
            raised = await events.next(ProblemRaised, is_slow)
            assert raised.problem.path == project.root / "tasks/slow.py"
        await events.next(ProblemCleared, is_slow)


async def test_an_import_that_outlives_its_engine_leaves_nothing_behind(
    project: Project, engine: Engine
) -> None:
    finders = list(sys.meta_path)
    async with import_held_up(project, "tasks/slow.py") as begun:
        await engine.start()
        await asyncio.wait({begun})
        [loader] = [one for one in threading.enumerate() if one.name == "taskengine loader"]
        await engine.stop()

    await asyncio.to_thread(loader.join, 20)
    assert not loader.is_alive()
    assert sys.meta_path == finders


async def test_a_schedule_fires_on_the_minute(
    project: Project, driven: Engine, clock: ManualClock
) -> None:
    project.task("tick.py", "return event.payload", options=EVERY_MINUTE)
    events = Events(driven)
    async with driven:
        await events.live()
        assert driven.next_fire("tick") == NOON + timedelta(minutes=1)
        clock.advance(60)
        run = (await events.next(RunEnded)).run

    fire = NOON + timedelta(minutes=1)
    assert (run.trigger, run.scheduled_time) == (Trigger.SCHEDULE, fire)
    assert run.result == {"scheduledTime": int(fire.timestamp() * 1000)}


async def test_schedules_of_the_config_carry_their_payload(
    project: Project, driven: Engine, clock: ManualClock
) -> None:
    project.write(
        "taskconsole.toml",
        """
        timezone = "UTC"
        [scheduled_tasks]
        "* * * * *" = ["a", {task = "b", payload = {n = 1}}]
        """,
    )
    for name in ("a", "b"):
        project.task(f"{name}.py", "return event.payload")
    events = Events(driven)
    async with driven:
        await events.live()
        clock.advance(60)
        runs = [(await events.next(RunEnded)).run for _ in range(2)]

    ms = int((NOON + timedelta(minutes=1)).timestamp() * 1000)
    assert {run.task: run.result for run in runs} == {
        "a": {"scheduledTime": ms},
        "b": {"n": 1, "scheduledTime": ms},
    }


async def test_an_engine_that_only_looks_does_not_fire(
    project: Project, clock: ManualClock
) -> None:
    project.task("tick.py", "return 1", options=EVERY_MINUTE)
    engine = Engine(project.root, clock=clock, scheduler=False)
    events = Events(engine)
    async with engine:
        await events.live()
        clock.advance(600)
        await engine.run_task("tick")

    assert [event.run.trigger for event in events.of(RunQueued)] == [Trigger.API]


async def test_all_schedules_can_be_held_and_let_go_again(
    project: Project, driven: Engine, clock: ManualClock
) -> None:
    project.task("tick.py", "return 1", options=EVERY_MINUTE)
    events = Events(driven)
    async with driven:
        await events.live()
        await driven.set_scheduling(on=False)
        clock.advance(60)
        await driven.run_task("tick")
        assert not driven.scheduling
        await driven.set_scheduling(on=True)
        clock.advance(60)
        fired = await events.next(RunQueued, lambda event: event.run.trigger is Trigger.SCHEDULE)

    assert fired.run.scheduled_time == NOON + timedelta(minutes=2)
    assert [event.on for event in events.of(SchedulingChanged)] == [False, True]


async def test_a_paused_task_does_not_fire_but_can_be_run(
    project: Project, driven: Engine, clock: ManualClock
) -> None:
    project.task("paused.py", "return 1", options=EVERY_MINUTE)
    project.task("other.py", "return 1", options=EVERY_MINUTE)
    events = Events(driven)
    async with driven:
        await events.live()
        await driven.pause("paused", "migration under way")
        assert driven.pause_reason("paused") == "migration under way"
        clock.advance(60)
        await events.next(RunEnded)
        await driven.run_task("paused")
        await driven.resume("paused")
        clock.advance(60)
        await events.next(RunEnded, lambda event: event.run.trigger is Trigger.SCHEDULE)
        await events.next(RunEnded, lambda event: event.run.trigger is Trigger.SCHEDULE)
        with pytest.raises(TaskNotFound):
            await driven.pause("unknown")

    fired = [
        (event.run.task, event.run.scheduled_time)
        for event in events.of(RunQueued)
        if event.run.trigger is Trigger.SCHEDULE
    ]
    one, two = NOON + timedelta(minutes=1), NOON + timedelta(minutes=2)
    assert sorted(fired) == [("other", one), ("other", two), ("paused", two)]
    assert [event.task for event in events.of(SchedulePaused)] == ["paused"]
    assert [event.task for event in events.of(ScheduleResumed)] == ["paused"]


async def test_fires_that_passed_in_a_suspend_are_told(
    project: Project, driven: Engine, clock: ManualClock
) -> None:
    project.task("hourly.py", "return 1", options="schedule='0 * * * *'")
    events = Events(driven)
    async with driven:
        await events.live()
        clock.advance(3 * 3600 + 1800)
        missed = (await events.next(FireMissed)).missed
        run = (await events.next(RunEnded)).run

    assert (missed.task, missed.count) == ("hourly", 2)
    assert run.scheduled_time == NOON + timedelta(hours=3)


async def test_a_new_a_changed_and_a_deleted_file_are_taken_up(
    project: Project, engine: Engine
) -> None:
    project.task("kept.py", "return 1")
    events = Events(engine)
    await engine.start()
    await events.live()

    path = project.task("fresh.py", "return 'first'")
    await events.next(CatalogChanged, lambda event: event.added == ("fresh",))
    assert await engine.run_task("fresh") == "first"

    project.task("fresh.py", "return 'second'")
    await events.next(CatalogChanged, lambda event: event.changed == ("fresh",))
    assert await engine.run_task("fresh") == "second"

    path.unlink()
    await events.next(CatalogChanged, lambda event: event.removed == ("fresh",))
    with pytest.raises(TaskNotFound):
        await engine.run_task("fresh")


async def test_a_broken_edit_keeps_the_last_good_version_and_says_so(
    project: Project, engine: Engine
) -> None:
    project.task("job.py", "return 'good'")
    events = Events(engine)
    await engine.start()
    await events.live()

    project.write("tasks/job.py", "from taskengine import task\nthis is no python\n")
    raised = await events.next(ProblemRaised)
    assert (raised.problem.task, raised.problem.line) == ("job", 2)
    assert await engine.run_task("job") == "good"

    project.task("job.py", "return 'mended'")
    await events.next(ProblemCleared)
    assert await engine.run_task("job") == "mended"
    assert engine.problems == ()


async def test_a_run_goes_on_with_the_code_it_started_with(
    project: Project, engine: Engine
) -> None:
    project.write("tasks/_help.py", "def helper():\n    return 'old'\n")
    project.write(
        "tasks/job.py",
        """
        from taskengine import task
        from tasks._help import helper

        @task
        def run(event):
            event.context.extra["gate"].wait(20)
            return helper()
        """,
    )
    events = Events(engine)
    await engine.start()
    await events.live()
    gate = threading.Event()
    first = await engine.start_run("job", None, {"gate": gate})

    project.write("tasks/_help.py", "def helper():\n    return 'new'\n")
    await events.next(CatalogChanged, lambda _: not engine.problems)
    gate.set()

    assert (await engine.wait(first.id)).result == "old"
    assert await engine.run_task("job", None, {"gate": gate}) == "new"


async def test_a_changed_config_is_taken_up(
    project: Project, driven: Engine, clock: ManualClock
) -> None:
    project.task("job.py", "return 1")
    events = Events(driven)
    async with driven:
        await events.live()
        project.write(
            "taskconsole.toml", 'timezone = "UTC"\n[scheduled_tasks]\n"* * * * *" = "job"\n'
        )
        await events.next(CatalogChanged, lambda event: event.changed == ("job",))
        assert driven.next_fire("job") == NOON + timedelta(minutes=1)
        clock.advance(60)

        assert (await events.next(RunEnded)).run.state is RunState.DONE


async def test_the_states_of_an_engine_are_told_in_order(project: Project, engine: Engine) -> None:
    events = Events(engine)
    await engine.start()
    await events.live()
    await engine.stop()
    await events.next(EngineStateChanged, lambda event: event.state is EngineState.STOPPED)

    states = [event.state for event in events.of(EngineStateChanged)]
    assert states == [
        EngineState.STARTING,
        EngineState.LIVE,
        EngineState.STOPPING,
        EngineState.STOPPED,
    ]


class BrokenClock(ManualClock):
    """A clock that fails when the scheduler wants to sleep."""

    async def sleep_until(self, instant: datetime) -> None:
        raise OSError("the clock is broken")


async def test_an_engine_whose_scheduler_dies_says_that_it_is_dead(project: Project) -> None:
    engine = Engine(project.root, clock=BrokenClock(NOON))
    events = Events(engine)
    async with engine:
        died = await events.next(EngineStateChanged, lambda event: event.state is EngineState.DEAD)

        assert "the clock is broken" in died.reason
        extent = engine.output.extent
        assert any("Traceback" in line for line in engine.output.read(0, extent.total))


class GivenUp(Engine):
    """An engine whose start is called off at its last step."""

    async def load(self, *, first: str | None = None) -> None:
        task = asyncio.current_task()
        assert task
        task.cancel()
        await super().load(first=first)


async def test_a_start_that_is_given_up_at_its_last_step_leaves_nothing(project: Project) -> None:
    engine = GivenUp(project.root)
    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(engine.start())

    assert engine.state is EngineState.STOPPED
    assert not engine.is_alive


async def test_who_waits_for_an_engine_hears_of_what_it_has_died(
    project: Project, engine: Engine, tmp_path: Path
) -> None:
    project.task("a.py", "return 1")
    other = Project(tmp_path / "other")
    other.task("a.py", "return 2")
    events = Events(engine)
    await engine.start()
    await events.live()
    second = Engine(other.root)
    await second.start(load=False)
    try:
        calls = [
            asyncio.ensure_future(second.fire("0 3 * * *")),
            asyncio.ensure_future(second.run_task("a")),
        ]
        await asyncio.sleep(0)  # what is asked for first comes first
        await second.load()  # in vain: the process has a project open whose tasks have these names
        for call in calls:
            with pytest.raises(EngineNotRunning, match=r"engine is dead: loading failed: .* open"):
                await call
    finally:
        await second.stop()


async def test_an_engine_can_be_stopped_from_several_places_at_once(
    project: Project, engine: Engine
) -> None:
    project.task("slow.py", "import asyncio\nawait asyncio.Event().wait()")
    await engine.start()
    await engine.start_run("slow")

    await asyncio.gather(*(engine.stop(grace=0) for _ in range(3)))

    assert engine.state is EngineState.STOPPED
    await engine.stop()


@pytest.mark.parametrize("error", [LookupError("no such listener"), SystemExit(3)])
async def test_a_subscriber_that_raises_harms_no_run(
    project: Project, engine: Engine, caplog: pytest.LogCaptureFixture, error: BaseException
) -> None:
    def fail(event: Event) -> None:
        raise error

    project.task("job.py", "return 1")
    engine.subscribe(fail)
    events = Events(engine)
    await engine.start()

    assert await engine.run_task("job") == 1
    await events.next(RunEnded)
    assert "a subscriber failed on RunEnded" in caplog.text
