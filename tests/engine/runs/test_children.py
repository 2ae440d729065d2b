"""Runs that are started by runs: who knows whom, and what becomes of them together."""

import asyncio
import threading

import pytest

from support.events import Events
from support.project import Project
from taskengine import Engine, RunState, TaskEvent, TaskSkipped, Trigger, task
from taskengine.events import ChildStarted, RunEnded, RunEvent, RunStarted, RunStopping


async def test_a_parent_knows_its_children_and_they_know_it(
    project: Project, engine: Engine
) -> None:
    project.task(
        "parent.py",
        "for n in range(3):\n    await event.context.run_task('child', {'n': n})",
    )
    project.task("child.py", "return event.payload['n']")
    events = Events(engine)
    await engine.start()

    await engine.run_task("parent")

    parent = (await events.next(RunEnded, lambda event: event.run.task == "parent")).run
    children = [event.run for event in events.of(RunEnded) if event.run.task == "child"]
    assert parent.children == tuple(child.id for child in children)
    assert parent.child_count == 3
    assert {(child.parent_id, child.trigger) for child in children} == {(parent.id, Trigger.TASK)}
    told = [event.child_id for event in events.of(ChildStarted)]
    assert told == list(parent.children)


async def test_only_the_latest_children_are_listed_and_all_are_counted(
    project: Project, engine: Engine
) -> None:
    project.task("parent.py", "for _ in range(120):\n    await event.context.run_task('child')")
    project.task("child.py", "return 1")
    await engine.start()

    run = await engine.start_run("parent")
    over = await engine.wait(run.id)

    assert (len(over.children), over.child_count) == (100, 120)
    assert over.children[-1] == max(one.id for one in engine.history.recent("child", 1))


async def test_a_run_that_is_joined_by_another_is_its_child_too(
    project: Project, engine: Engine
) -> None:
    project.task("job.py", "event.context.extra['gate'].wait()\nreturn 7", kind="def")
    project.task("parent.py", "return await event.context.run_task('job')")
    events = Events(engine)
    await engine.start()
    gate = threading.Event()
    job = await engine.start_run("job", None, {"gate": gate})
    call = asyncio.create_task(engine.run_task("parent"))

    told = await events.next(ChildStarted)
    gate.set()

    assert (told.child_id, told.run.task) == (job.id, "parent")
    assert await call == 7
    over = await engine.wait(job.id)
    assert over.parent_id is None
    assert [caller.trigger for caller in over.joined] == [Trigger.TASK]


async def test_a_skipped_child_is_a_child(project: Project, engine: Engine) -> None:
    project.task(
        "job.py", "event.context.extra['gate'].wait()", kind="def", options="concurrency='skip'"
    )
    project.task("parent.py", "await event.context.run_task('job')")
    events = Events(engine)
    await engine.start()
    gate = threading.Event()
    await engine.start_run("job", None, {"gate": gate})
    await events.next(RunStarted)

    with pytest.raises(TaskSkipped) as skipped:
        await engine.run_task("parent")
    gate.set()

    told = await events.next(ChildStarted)
    assert told.child_id == skipped.value.run_id


async def test_a_cancelled_parent_leaves_its_children_alone(
    project: Project, engine: Engine
) -> None:
    project.task("parent.py", "await event.context.run_task('child')")
    project.task(
        "child.py",
        """
        import asyncio
        from tasks import gate
        await asyncio.to_thread(gate.gate.wait)
        return "done"
        """,
    )
    project.write(
        "tasks/gate.py",
        """
        import threading
        from taskengine import task

        gate = threading.Event()

        @task
        def run(event):
            gate.set()
        """,
    )
    events = Events(engine)
    await engine.start()
    await events.live()
    parent = await engine.start_run("parent")
    child = (await events.next(RunStarted, lambda event: event.run.task == "child")).run

    await engine.cancel_run(parent.id)
    assert (await engine.wait(parent.id)).state is RunState.CANCELLED
    await engine.run_task("gate")

    assert (await engine.wait(child.id)).result == "done"


async def test_a_run_that_is_started_and_not_awaited_is_a_child_too(
    project: Project, engine: Engine
) -> None:
    project.task("parent.py", "return (await event.context.extra['engine'].start_run('child')).id")
    project.task("child.py", "return 1")
    await engine.start()

    child = await engine.run_task("parent", None, {"engine": engine})

    assert isinstance(child, int)
    assert (await engine.wait(child)).parent_id == 1


async def test_a_late_thread_of_a_run_that_is_over_can_still_run_tasks(
    project: Project, engine: Engine
) -> None:
    project.task(
        "parent.py",
        """
        import threading
        def late():
            event.context.extra["gate"].wait()
            event.context.extra["results"].append(event.context.run_task_blocking("child"))
            event.context.extra["done"].set()
        threading.Thread(target=late, daemon=True).start()
        """,
        kind="def",
    )
    project.task("child.py", "return 'from late'")
    events = Events(engine)
    await engine.start()
    gate, done = threading.Event(), threading.Event()
    results: list[object] = []
    await engine.run_task("parent", None, {"gate": gate, "done": done, "results": results})
    gate.set()
    await asyncio.to_thread(done.wait, 20)

    assert results == ["from late"]
    last = [event for event in events.seen if isinstance(event, RunEvent) and event.run.id == 1]
    assert isinstance(last[-1], RunEnded)


@pytest.mark.parametrize("kind", ["async def", "def"])
async def test_the_second_request_to_cancel_asks_once_more(
    project: Project, engine: Engine, kind: str
) -> None:
    project.task(
        "stubborn.py",
        """
        import asyncio
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            event.context.extra["asked"].set()
            await asyncio.Event().wait()
        """
        if kind == "async def"
        else """
        event.context.cancelled.wait()
        event.context.extra["asked"].set()
        event.context.extra["gate"].wait()
        """,
        kind=kind,
    )
    events = Events(engine)
    await engine.start()
    gate, asked = threading.Event(), threading.Event()
    run = await engine.start_run("stubborn", None, {"gate": gate, "asked": asked})
    await events.next(RunStarted)

    assert await engine.cancel_run(run.id)
    await asyncio.to_thread(asked.wait)
    assert await engine.cancel_run(run.id)
    gate.set()

    assert (await engine.wait(run.id)).state is RunState.CANCELLED
    assert not await engine.cancel_run(run.id)
    assert len(events.of(RunStopping)) == 1


async def test_sync_parents_that_ask_the_engine_itself_lend_their_slots(engine: Engine) -> None:
    def parent(event: TaskEvent) -> object:
        return asyncio.run(engine.run_task("child", event.payload))

    def child(event: TaskEvent) -> object:
        return event.payload["n"]

    for function in (parent, child):
        engine.add(task(concurrency="parallel")(function), function.__name__)
    await engine.start()
    async with asyncio.timeout(20):
        told = await asyncio.gather(*(engine.run_task("parent", {"n": n}) for n in range(40)))

    assert told == list(range(40))
