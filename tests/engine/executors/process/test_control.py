"""What a task in a process of its own asks of the engine."""

import asyncio

import pytest

from support.events import SOON, Events
from support.isolated import isolated, isolated_both, run_to_end
from support.project import Project
from taskengine import Engine, TaskFailed, Trigger
from taskengine.events import RunProgressed
from taskengine.run import Progress


async def test_progress_is_heard(project: Project, engine: Engine) -> None:
    isolated(project, "job.py", "event.context.progress(1, 4, 'a quarter')")
    events = Events(engine)
    await engine.start()
    await engine.run_task("job")

    told = await events.next(RunProgressed)

    assert told.run.progress == Progress(done=1, total=4, message="a quarter")


CALLS = [
    ("return event.context.run_task_blocking(*event.payload['call'])", True),
    ("return await event.context.run_task(*event.payload['call'])", False),
    ("import asyncio\nreturn asyncio.run(event.context.run_task(*event.payload['call']))", True),
    ("from taskengine import run_task\nreturn await run_task(*event.payload['call'])", False),
]


async def test_a_child_run_is_started_and_gives_its_result(
    project: Project, engine: Engine
) -> None:
    for number, (body, sync) in enumerate(CALLS):
        isolated(project, f"parent{number}.py", body, sync=sync)
    project.task("near.py", "return event.payload['n'] + 1")
    isolated(project, "apart.py", "return event.payload['n'] + 1")
    await engine.start()

    for number in range(len(CALLS)):
        for name in ("near", "apart"):
            result = await engine.run_task(f"parent{number}", {"call": [name, {"n": 1}]})
            assert result == 2
            [child] = engine.history.recent(name, 1)
            [parent] = engine.history.recent(f"parent{number}", 1)
            assert (child.trigger, child.parent_id) == (Trigger.TASK, parent.id)


async def test_large_results_of_several_children_come_whole(
    project: Project, engine: Engine
) -> None:
    isolated(
        project,
        "parent.py",
        """
        import asyncio
        calls = (event.context.run_task("child", {"digit": digit}) for digit in "0123")
        return [len(text.strip(digit)) for digit, text in zip("0123", await asyncio.gather(*calls))]
        """,
        sync=False,
    )
    options = "concurrency='parallel', limit=4"
    project.task("child.py", "return event.payload['digit'] * 3_000_000", options=options)
    await engine.start()

    async with asyncio.timeout(SOON):
        assert await engine.run_task("parent") == [0, 0, 0, 0]


async def test_errors_of_the_engine_are_the_same_in_the_process(
    project: Project, engine: Engine
) -> None:
    isolated(
        project,
        "parent.py",
        """
        from taskengine import InvalidPayload, TaskCycle, TaskFailed, TaskNotFound
        told = []
        for name, payload in (("nothing", {}), ("fails", {}), ("parent", {}), ("a", {"x": {1}})):
            try:
                event.context.run_task_blocking(name, payload)
            except (TaskNotFound, TaskCycle, InvalidPayload, TaskFailed) as error:
                told.append([type(error).__name__, str(error), error.status_code])
                told[-1] += [error.name] if isinstance(error, TaskNotFound) else []
        return told
        """,
    )
    project.task("fails.py", "raise ValueError('as expected')")
    await engine.start()

    assert await engine.run_task("parent") == [
        ["TaskNotFound", "Task `nothing` is not available!", 404, "nothing"],
        ["TaskFailed", "ValueError: as expected", 500],
        ["TaskCycle", "Tasks wait for each other: parent → parent", 409],
        ["InvalidPayload", "payload.x is of type set, which JSON can't carry", 422],
    ]


async def test_parents_that_wait_leave_room_for_their_children(
    project: Project, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taskengine.executors.process.host.MAX_PROCESSES", 2)
    for number in range(4):
        isolated(
            project,
            f"parent{number}.py",
            f"return event.context.run_task_blocking('child{number}')",
        )
        isolated(project, f"child{number}.py", f"return {number}")
    await engine.start()

    async with asyncio.timeout(SOON):
        results = await asyncio.gather(*(engine.run_task(f"parent{n}") for n in range(4)))

    assert results == [0, 1, 2, 3]


async def test_the_run_is_not_over_before_what_it_waits_for(
    project: Project, engine: Engine
) -> None:
    jobs = isolated_both(
        project,
        """
        import asyncio
        async def later():
            await asyncio.sleep(0.05)
            print("later")
        event.context.wait_until(later())
        print("now")
        return 1
        """,
    )
    await engine.start()

    for job in jobs:
        ended = await run_to_end(engine, job)

        assert (ended.run.result, ended.texts) == (1, ["now", "later"])


async def test_what_a_run_waits_for_fails_it(project: Project, engine: Engine) -> None:
    jobs = isolated_both(
        project,
        """
        async def later():
            raise OSError("the disk")
        event.context.wait_until(later())
        """,
    )
    await engine.start()

    for job in jobs:
        with pytest.raises(TaskFailed, match="OSError: the disk"):
            await engine.run_task(job)


async def test_a_plain_function_may_give_back_a_coroutine(project: Project, engine: Engine) -> None:
    isolated(project, "job.py", "async def later():\n    return 7\nreturn later()")
    await engine.start()

    assert await engine.run_task("job") == 7


async def test_a_task_that_it_started_and_forgot_does_not_end_the_run_otherwise(
    project: Project, engine: Engine
) -> None:
    isolated(
        project,
        "job.py",
        """
        import asyncio, sys
        async def leave():
            sys.exit(3)
        task = asyncio.create_task(leave())
        await asyncio.sleep(0.02)
        return "still here"
        """,
        sync=False,
    )
    await engine.start()

    assert await engine.run_task("job") == "still here"


async def test_what_the_task_sees_of_its_run_is_right(project: Project, engine: Engine) -> None:
    isolated(
        project,
        "job.py",
        """
        context = event.context
        return [context.run_id, context.attempt, context.trigger.value, context.log.name,
                context.scheduled_time, context.cancelled.is_set()]
        """,
    )
    await engine.start()

    assert await engine.run_task("job") == [1, 1, "api", "task.job", None, False]
