"""At most one run of a task at a time: further calls join it."""

import asyncio
import threading

import pytest

from support.events import Events
from support.project import Project
from taskengine import Engine, TaskCycle, run_task
from taskengine.events import RunEnded, RunJoined, RunQueued, RunStarted

WAITS = """
import asyncio
await asyncio.to_thread(event.context.extra["gate"].wait)
return event.payload
"""


async def test_calls_in_one_tick_run_the_body_once(project: Project, engine: Engine) -> None:
    project.task("job.py", WAITS)
    events = Events(engine)
    await engine.start()
    await events.live()
    gate = threading.Event()

    calls = asyncio.gather(*(engine.run_task("job", {}, {"gate": gate}) for _ in range(20)))
    for _ in range(19):
        await events.next(RunJoined)
    gate.set()

    assert await calls == [{}] * 20
    assert len(events.of(RunQueued)) == 1


async def test_calls_from_several_threads_run_the_body_once(
    project: Project, engine: Engine
) -> None:
    project.task("job.py", WAITS)
    events = Events(engine)
    await engine.start()
    gate = threading.Event()
    results: list[object] = []

    def call() -> None:
        results.append(asyncio.run(engine.run_task("job", context={"gate": gate})))

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(7):
        await events.next(RunJoined)
    gate.set()
    for thread in threads:
        await asyncio.to_thread(thread.join)

    assert results == [{}] * 8
    assert len(events.of(RunQueued)) == 1


async def test_a_joined_call_is_told_that_its_payload_is_not_used(
    project: Project, engine: Engine
) -> None:
    project.task("job.py", WAITS)
    await engine.start()
    gate = threading.Event()

    first = await engine.start_run("job", {"n": 1}, {"gate": gate})
    second = await engine.start_run("job", {"n": 2})
    third = await engine.start_run("job", {"n": 1})
    gate.set()
    over = await engine.wait(first.id)

    assert first.joined == ()
    assert (second.id, third.id) == (first.id, first.id)
    assert [caller.payload_used for caller in over.joined] == [False, True]
    assert over.result == {"n": 1}


async def test_all_callers_get_the_error(project: Project, engine: Engine) -> None:
    project.task(
        "bad.py",
        """
        import asyncio
        await asyncio.to_thread(event.context.extra["gate"].wait)
        raise LookupError("gone")
        """,
    )
    events = Events(engine)
    await engine.start()
    gate = threading.Event()
    calls = [asyncio.create_task(engine.run_task("bad", None, {"gate": gate})) for _ in range(3)]
    await events.next(RunJoined)
    await events.next(RunJoined)
    gate.set()

    errors = await asyncio.gather(*calls, return_exceptions=True)

    assert [type(error) for error in errors] == [LookupError] * 3


async def test_a_call_after_the_end_runs_again(project: Project, engine: Engine) -> None:
    project.task("job.py", "return event.context.run_id")
    await engine.start()

    assert [await engine.run_task("job") for _ in range(3)] == [1, 2, 3]


async def test_different_tasks_run_at_the_same_time(project: Project, engine: Engine) -> None:
    for name in ("a", "b"):
        project.task(f"{name}.py", "event.context.extra['meet'].wait(20)", kind="def")
    await engine.start()
    meet = threading.Barrier(2)

    await asyncio.gather(*(engine.run_task(name, None, {"meet": meet}) for name in ("a", "b")))


async def test_a_task_that_calls_itself_is_a_cycle(project: Project, engine: Engine) -> None:
    project.task("self.py", "return await event.context.run_task('self')")
    await engine.start()

    with pytest.raises(TaskCycle, match="self → self"):
        await engine.run_task("self")


@pytest.mark.parametrize("kind", ["async def", "def"])
async def test_a_call_that_would_wait_for_its_own_ancestor_names_the_chain(
    project: Project, engine: Engine, kind: str
) -> None:
    method = "await {}.run_task" if kind == "async def" else "{}.run_task_blocking"
    call = method.format("event.context")
    for name, child in (("a", "b"), ("b", "c"), ("c", "a")):
        project.task(f"{name}.py", f"return {call}('{child}')", kind=kind)
    await engine.start()

    with pytest.raises(TaskCycle, match="a → b → c → a"):
        await engine.run_task("a")


async def test_two_runs_that_would_wait_for_each_other_are_a_cycle_too(
    project: Project, engine: Engine
) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        project.task(
            f"{name}.py",
            f"""
            import asyncio
            await asyncio.to_thread(event.context.extra["meet"].wait, 20)
            return await event.context.run_task("{other}")
            """,
        )
    await engine.start()
    meet = threading.Barrier(2)

    results = await asyncio.gather(
        *(engine.run_task(name, None, {"meet": meet}) for name in ("a", "b")),
        return_exceptions=True,
    )

    assert all(isinstance(result, TaskCycle) for result in results)


async def test_a_child_knows_its_parent(project: Project, engine: Engine) -> None:
    project.write(
        "tasks/parent.py",
        """
        from taskengine import TaskEvent, run_task, task

        @task
        async def run(event: TaskEvent):
            first = await event.context.run_task("child", {"n": 1})
            return [first, await run_task("child", {"n": 2})]
        """,
    )
    project.task("child.py", "return event.payload['n']")
    events = Events(engine)
    await engine.start()

    assert await engine.run_task("parent") == [1, 2]

    parents = [event.run.parent_id for event in events.of(RunEnded)]
    assert parents == [1, 1, None]


async def test_an_engine_called_inside_its_own_task_runs_a_child(
    project: Project, engine: Engine
) -> None:
    project.task("parent.py", "return await event.context.extra['engine'].run_task('parent')")
    await engine.start()

    with pytest.raises(TaskCycle, match="parent → parent"):
        await engine.run_task("parent", None, {"engine": engine})


async def test_many_sync_parents_that_wait_for_sync_children_all_end(
    project: Project, engine: Engine
) -> None:
    for number in range(40):
        project.task(
            f"parent{number}.py",
            f"return event.context.run_task_blocking('child{number}')",
            kind="def",
        )
        project.task(f"child{number}.py", f"return {number}", kind="def")
    await engine.start()

    results = await asyncio.gather(*(engine.run_task(f"parent{number}") for number in range(40)))

    assert results == list(range(40))


async def test_a_blocking_call_on_the_event_loop_is_refused(
    project: Project, engine: Engine
) -> None:
    project.task("bad.py", "return event.context.run_task_blocking('other')")
    project.task("other.py", "return 1")
    await engine.start()

    with pytest.raises(RuntimeError, match="await run_task"):
        await engine.run_task("bad")


async def test_run_task_outside_of_a_run_says_what_to_use() -> None:
    with pytest.raises(RuntimeError, match=r"Engine\.run_task"):
        await run_task("any")


async def test_start_events_of_parallel_runs_each_come_once(
    project: Project, engine: Engine
) -> None:
    for number in range(10):
        project.task(f"t{number}.py", "return 1", kind="def" if number % 2 else "async def")
    events = Events(engine)
    await engine.start()

    await asyncio.gather(*(engine.run_task(f"t{number}") for number in range(10)))

    assert sorted(event.run.task for event in events.of(RunStarted)) == [f"t{n}" for n in range(10)]


async def test_each_joined_caller_gets_the_error_with_no_other_callers_frames(
    project: Project, engine: Engine
) -> None:
    project.task(
        "job.py",
        "import asyncio\nawait asyncio.to_thread(event.context.extra['gate'].wait)\nraise EOFError",
    )
    events = Events(engine)
    await engine.start()
    gate = threading.Event()

    async def call() -> int:
        with pytest.raises(EOFError) as failed:
            await engine.run_task("job", {}, {"gate": gate})
        return len(failed.traceback)

    calls = asyncio.gather(*(call() for _ in range(50)))
    for _ in range(49):
        await events.next(RunJoined)
    gate.set()

    frames = await calls
    assert max(frames) == min(frames)
