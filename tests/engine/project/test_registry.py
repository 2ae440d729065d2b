"""The tasks of a living engine: how they come in, and what is told of them."""

import asyncio
import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from support.events import Events
from support.project import Project as Files
from taskengine import Engine, EngineNotRunning
from taskengine.events import CatalogChanged, EngineState, ProblemCleared, ProblemRaised
from taskengine.problem import ProblemKind
from taskengine.project.project import Project
from taskengine.project.registry import LOOK_INTERVAL, Registry
from taskengine.testing import ManualClock
from taskengine.threads.pool import DaemonPool


class HeldUp:
    """Task files whose imports end only when the test says so."""

    def __init__(self, project: Files, *names: str) -> None:
        self._pipes = {name: project.root / f"{name}.pipe" for name in names}
        for name, pipe in self._pipes.items():
            os.mkfifo(pipe)
            project.write(
                f"tasks/{name}.py",
                f"""
                from taskengine import task

                with open({str(pipe)!r}) as pipe:
                    pipe.read()

                @task
                def run(event):
                    return 1
                """,
            )

    async def begun(self, name: str) -> int:
        """Wait until the import of a file has begun; closing what this gives ends it."""
        opening = asyncio.to_thread(os.open, self._pipes[name], os.O_WRONLY)
        return await asyncio.wait_for(opening, 20)


async def test_many_files_are_told_of_together_and_not_one_by_one(
    project: Files, engine: Engine
) -> None:
    for number in range(200):
        project.task(f"t{number}.py", "...")
    events = Events(engine)
    began = time.monotonic()

    await engine.start()
    await events.live()

    took = time.monotonic() - began
    assert all(entry.loaded for entry in engine.catalog.entries.values())
    assert len(events.of(CatalogChanged)) <= took / LOOK_INTERVAL + 2


async def test_the_time_of_an_import_is_its_own_and_not_that_of_those_before(
    project: Files,
) -> None:
    held_up = HeldUp(project, "a", "b", "c")
    clock = ManualClock(datetime(2026, 3, 1, tzinfo=UTC))
    engine = Engine(project.root, clock=clock)
    events = Events(engine)

    async with engine:
        for name, seconds in (("a", 6), ("b", 6), ("c", 9)):
            pipe = await held_up.begun(name)
            clock.advance(seconds)
            if name == "c":
                await asyncio.sleep(0)
                assert events.of(ProblemRaised) == []
                clock.advance(1)
                raised = await events.next(ProblemRaised)
            os.close(pipe)
        cleared = await events.next(ProblemCleared)

    assert raised.problem.kind is ProblemKind.SLOW_IMPORT
    assert raised.problem.path == project.root / "tasks/c.py"
    assert cleared.problem == raised.problem
    assert len(events.of(ProblemRaised)) == 1


async def test_two_slow_imports_are_told_of_one_after_the_other(project: Files) -> None:
    held_up = HeldUp(project, "a", "b")
    clock = ManualClock(datetime(2026, 3, 1, tzinfo=UTC))
    engine = Engine(project.root, clock=clock)
    events = Events(engine)

    async with engine:
        for name in ("a", "b"):
            pipe = await held_up.begun(name)
            clock.advance(10)
            raised = await events.next(ProblemRaised)
            assert raised.problem.path == project.root / f"tasks/{name}.py"
            os.close(pipe)
            cleared = await events.next(ProblemCleared)
            assert cleared.problem == raised.problem


async def test_who_waits_for_an_import_is_released_when_it_is_given_up(project: Files) -> None:
    held_up = HeldUp(project, "a")
    clock = ManualClock(datetime(2026, 3, 1, tzinfo=UTC))
    pool = DaemonPool(1, "loader")
    with Project(project.root, default_timezone=lambda: "UTC") as files:
        registry = Registry(files, pool, clock, lambda _: None, lambda _: None)
        await registry.scan()
        loading = asyncio.create_task(registry.load())
        pipe = await held_up.begun("a")
        waiting = asyncio.create_task(registry.when_loaded("a"))
        await asyncio.sleep(0)

        registry.give_up("It is over")

        with pytest.raises(EngineNotRunning, match="It is over"):
            await asyncio.wait_for(waiting, 60)
        with pytest.raises(EngineNotRunning, match="It is over"):
            await registry.when_loaded("a")
        os.close(pipe)
        await loading
    pool.close()


async def test_a_change_that_can_not_be_taken_up_is_a_problem_until_the_next_one_can(
    project: Files, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root: Path = tmp_path_factory.mktemp("other")
    other = Files(root)
    other.write("taskconsole.toml", 'tasks_dir = "jobs"')
    other.write("jobs/a.py", "from taskengine import task\n@task\ndef run(event): return 1\n")
    engine = Engine(other.root)
    events = Events(engine)

    with Project(project.root, default_timezone=lambda: "UTC") as rival:
        rival.load()
        async with engine:
            await events.live()
            other.write("taskconsole.toml", 'tasks_dir = "tasks"')
            raised = await events.next(ProblemRaised)
            assert raised.problem.kind is ProblemKind.RELOAD
            assert str(project.root) in raised.problem.message
            assert engine.state is EngineState.LIVE

            other.write("taskconsole.toml", 'tasks_dir = "jobs"')
            other.write("jobs/b.py", "from taskengine import task\n@task\ndef run(e): return 2\n")
            await events.next(ProblemCleared, lambda event: event.problem == raised.problem)
            assert await engine.run_task("b") == 2
