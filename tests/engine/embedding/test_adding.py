"""Tasks that a program makes known itself, under a name, without a file."""

import asyncio
import os
import sys
import threading
from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest

from support.events import SOON, Events
from support.project import Project
from taskengine import Engine, Schedule, TaskEvent, TaskFailed, TaskNotFound, Trigger, task
from taskengine.events import CatalogChanged, RunEnded
from taskengine.problem import ProblemKind
from taskengine.testing import ManualClock

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@task(description="Greet somebody")
async def greet(event: TaskEvent) -> str:
    return f"hello {event.payload.get('name', 'world')}"


def plain(event: TaskEvent) -> str:
    """Say what it is called."""
    return event.name


async def test_a_program_without_a_folder_runs_what_it_adds() -> None:
    engine = Engine()
    engine.add(greet, "shop:greet")
    async with engine:
        assert await engine.run_task("shop:greet", {"name": "Ann"}) == "hello Ann"

    entry = engine.catalog.entries["shop:greet"]
    assert (entry.description, entry.is_async, entry.problem) == ("Greet somebody", True, None)
    assert (engine.root, engine.problems) == (None, ())


async def test_a_plain_function_is_a_task_that_its_docstring_describes() -> None:
    engine = Engine()
    engine.add(plain, "plain")
    async with engine:
        assert await engine.run_task("plain") == "plain"

    assert engine.catalog.entries["plain"].description == "Say what it is called."


async def test_an_engine_without_a_folder_looks_at_no_file(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.task("here.py", "return 1")
    project.write("taskconsole.toml", "no toml")
    monkeypatch.chdir(project.root)
    importing = (list(sys.path), list(sys.meta_path))
    async with Engine() as engine:
        with pytest.raises(TaskNotFound):
            await engine.run_task("here")

        assert (sys.path, sys.meta_path) == importing
        assert (engine.problems, engine.catalog.config.path) == ((), None)


async def test_a_task_that_was_just_added_to_a_living_engine_can_be_run_at_once(
    project: Project, engine: Engine
) -> None:
    project.task("file.py", "return 'from a file'")
    events = Events(engine)
    await engine.start()
    await events.live()

    engine.add(greet, "greet")

    assert await engine.run_task("greet") == "hello world"
    assert await engine.run_task("file") == "from a file"
    assert (await events.next(CatalogChanged, lambda event: "greet" in event.added)).removed == ()


async def test_a_task_that_was_just_added_can_be_run_however_much_the_engine_was_asked_before() -> (
    None
):
    is_busy, may_go_on = threading.Event(), threading.Event()

    async def hold() -> None:
        is_busy.set()
        may_go_on.wait(SOON)

    async with Engine() as engine:
        holding = asyncio.ensure_future(engine.on_loop(hold()))
        assert await asyncio.to_thread(is_busy.wait, SOON)
        asking = asyncio.ensure_future(engine.when_loaded("another"))
        await asyncio.sleep(0)
        engine.add(plain, "plain")
        running = asyncio.ensure_future(engine.run_task("plain"))
        await asyncio.sleep(0)
        may_go_on.set()

        assert await running == "plain"
        await asyncio.gather(holding, asking)


async def test_a_task_that_is_added_while_others_are_loaded_waits_for_its_turn(
    project: Project, engine: Engine
) -> None:
    project.task("file.py", "return 1")
    await engine.start(load=False)
    engine.add(greet, "greet")
    call = asyncio.create_task(engine.run_task("greet"))

    await engine.load()

    assert await call == "hello world"


async def test_tasks_may_be_added_from_many_threads_at_once() -> None:
    async with Engine() as engine:
        names = [f"task{number}" for number in range(40)]
        threads = [threading.Thread(target=engine.add, args=(plain, name)) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert await asyncio.gather(*map(engine.run_task, names)) == names


async def test_a_running_task_may_add_another() -> None:
    engine = Engine()

    async def parent(event: TaskEvent) -> object:
        engine.add(greet, "child")
        return await event.context.run_task("child")

    engine.add(parent, "parent")
    async with engine:
        assert await engine.run_task("parent") == "hello world"


async def test_the_schedule_of_an_added_task_fires() -> None:
    clock = ManualClock(NOON)
    engine = Engine(clock=clock)
    engine.add(
        task(schedule=Schedule("* * * * *", timezone="UTC", payload={"name": "Bob"}))(
            greet.function
        ),
        "greet",
    )
    events = Events(engine)
    async with engine:
        await events.live()
        assert engine.next_fire("greet") == NOON + timedelta(minutes=1)
        clock.advance(60)
        run = (await events.next(RunEnded)).run

    assert (run.trigger, run.result) == (Trigger.SCHEDULE, "hello Bob")


async def test_a_schedule_that_is_wrong_is_a_problem_at_the_line_of_its_function() -> None:
    engine = Engine()
    engine.add(task(schedule="61 * * * *")(plain), "plain")
    events = Events(engine)
    async with engine:
        await events.live()
        [problem] = engine.problems

    assert (problem.kind, problem.task) == (ProblemKind.SCHEDULE, "plain")
    assert (str(problem.path), problem.line) == (__file__, plain.__code__.co_firstlineno)


async def test_an_added_task_goes_before_a_file_of_its_name_which_is_told(
    project: Project, engine: Engine
) -> None:
    path = project.task("job.py", "return 'from the file'")
    engine.add(lambda _: "from the program", "job")
    events = Events(engine)
    await engine.start()
    await events.live()

    assert await engine.run_task("job") == "from the program"
    [problem] = engine.problems
    assert (problem.kind, problem.path, problem.task) == (ProblemKind.NAME_CLASH, path, "job")


async def test_a_task_added_to_a_living_engine_takes_the_place_of_a_file(
    project: Project, engine: Engine
) -> None:
    project.task("job.py", "return 'from the file'")
    await engine.start()
    assert await engine.run_task("job") == "from the file"

    engine.add(lambda _: "from the program", "job")

    assert await engine.run_task("job") == "from the program"


async def test_the_config_has_its_say_about_an_added_task(project: Project, engine: Engine) -> None:
    project.write("taskconsole.toml", '[tasks."job"]\ndescription = "By the config"\n')
    engine.add(plain, "job")
    events = Events(engine)
    await engine.start()
    await events.live()

    assert engine.catalog.entries["job"].description == "By the config"
    assert engine.problems == ()


async def test_an_added_task_survives_a_reload(project: Project, engine: Engine) -> None:
    engine.add(plain, "plain")
    events = Events(engine)
    await engine.start()
    await events.live()

    project.task("fresh.py", "return 1")
    await events.next(CatalogChanged, lambda event: event.added == ("fresh",))

    assert await engine.run_task("plain") == "plain"


def test_a_name_is_added_once() -> None:
    engine = Engine()
    engine.add(plain, "plain")

    with pytest.raises(ValueError, match="a task `plain` was added already"):
        engine.add(greet, "plain")


@pytest.mark.parametrize("name", ["", ":", "db:", ":migrate", "a::b", " "])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is no name for a task"):
        Engine().add(plain, name)


def test_what_cannot_be_called_is_refused() -> None:
    not_callable: object = 42
    with pytest.raises(TypeError, match="a task is a function, with @task or without, not int"):
        Engine().add(not_callable, "answer")  # type: ignore[arg-type]  # what a caller may get wrong


async def test_an_added_function_of_a_module_runs_in_a_process_of_its_own(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(
        "added_jobs.py",
        """
        import os
        from taskengine import task

        @task(isolation="process")
        def work(event):
            return os.getpid()
        """,
    )
    monkeypatch.syspath_prepend(str(project.root))
    module = import_module("added_jobs")
    engine = Engine()
    engine.add(module.work, "work")
    async with engine:
        assert await engine.run_task("work") != os.getpid()
    monkeypatch.delitem(sys.modules, "added_jobs")


async def test_a_function_that_no_other_process_finds_is_not_run_in_one() -> None:
    engine = Engine()
    engine.add(task(isolation="process")(lambda _: 1), "here")
    async with engine:
        with pytest.raises(TaskFailed, match="where another process could find it"):
            await engine.run_task("here")
