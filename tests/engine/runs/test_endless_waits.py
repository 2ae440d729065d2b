"""Waits that would have no end are refused before they begin, and only those."""

import asyncio
import threading

import pytest

from support.events import Events
from support.project import Project
from taskengine import Engine, RunState, TaskCycle
from taskengine.events import RunEnded, RunJoined, RunQueued, RunStarted

KINDS = pytest.mark.parametrize("kind", ["async def", "def"])
SOON = 60


def calling(name: str, kind: str, payload: str = "None") -> str:
    """A body that runs a task and gives back its result."""
    if kind == "def":
        return f"return event.context.run_task_blocking('{name}', {payload})"
    return f"return await event.context.run_task('{name}', {payload})"


@KINDS
@pytest.mark.parametrize("mode", ["queue", "join", "parallel', limit=1, key='n"])
async def test_a_task_that_waits_for_its_own_lane_is_refused(
    project: Project, engine: Engine, kind: str, mode: str
) -> None:
    body = calling("again", kind, "{'n': 1}")
    project.task("again.py", body, kind=kind, options=f"concurrency='{mode}'")
    await engine.start()

    async with asyncio.timeout(SOON):
        with pytest.raises(TaskCycle, match="again → again"):
            await engine.run_task("again", {"n": 1})


@KINDS
async def test_a_chain_of_queues_is_named(project: Project, engine: Engine, kind: str) -> None:
    for name, child in (("a", "b"), ("b", "c"), ("c", "a")):
        project.task(f"{name}.py", calling(child, kind), kind=kind, options="concurrency='queue'")
    events = Events(engine)
    await engine.start()

    async with asyncio.timeout(SOON):
        with pytest.raises(TaskCycle, match="a → b → c → a") as refused:
            await engine.run_task("a")
    assert refused.value.chain == ("a", "b", "c", "a")
    assert len(events.of(RunQueued)) == 3


async def test_two_queues_that_would_wait_for_each_other_are_refused_once(
    project: Project, engine: Engine
) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        body = f"""
        import asyncio
        if event.payload:
            await asyncio.to_thread(event.context.extra["meet"].wait, 20)
            return await event.context.run_task("{other}")
        return "ran for the other"
        """
        project.task(f"{name}.py", body, options="concurrency='queue'")
    await engine.start()
    meet = threading.Barrier(2)

    async with asyncio.timeout(SOON):
        calls = (engine.run_task(name, {"n": 1}, {"meet": meet}) for name in ("a", "b"))
        results = await asyncio.gather(*calls, return_exceptions=True)

    refused = [result for result in results if isinstance(result, TaskCycle)]
    assert len(refused) == 1
    assert "ran for the other" in results


async def test_another_key_of_the_same_task_is_no_cycle(project: Project, engine: Engine) -> None:
    project.task(
        "tree.py",
        """
        n = event.payload["n"]
        return n if n == 0 else await event.context.run_task("tree", {"n": n - 1})
        """,
        options="concurrency='queue', key='n'",
    )
    await engine.start()

    assert await engine.run_task("tree", {"n": 30}) == 0


async def test_a_limit_is_a_cycle_only_when_all_inside_wait(
    project: Project, engine: Engine
) -> None:
    project.task(
        "tree.py",
        """
        n = event.payload["n"]
        return n if n == 0 else await event.context.run_task("tree", {"n": n - 1})
        """,
        options="concurrency='parallel', limit=3",
    )
    await engine.start()

    async with asyncio.timeout(SOON):
        assert await engine.run_task("tree", {"n": 2}) == 0
        with pytest.raises(TaskCycle, match="tree → tree"):
            await engine.run_task("tree", {"n": 3})


async def test_a_full_lane_with_one_that_can_go_on_is_waited_for(
    project: Project, engine: Engine
) -> None:
    project.task(
        "job.py",
        """
        import asyncio
        match event.payload["what"]:
            case "wait":
                await asyncio.to_thread(event.context.extra["gate"].wait)
            case "call":
                return await event.context.run_task("job", {"what": "answer"})
            case "answer":
                return 42
        """,
        options="concurrency='parallel', limit=2",
    )
    events = Events(engine)
    await engine.start()
    gate = threading.Event()
    await engine.start_run("job", {"what": "wait"}, {"gate": gate})
    await events.next(RunStarted)
    call = asyncio.create_task(engine.run_task("job", {"what": "call"}))
    await events.next(RunQueued, lambda event: event.run.parent_id is not None)
    gate.set()

    assert await call == 42


async def test_a_chain_over_a_queued_run_is_found(project: Project, engine: Engine) -> None:
    """`a` waits for a queued `b`, which waits for another `b`, which then calls `a`."""
    project.task(
        "a.py", "return await event.context.run_task('b', {'n': 2})", options="concurrency='queue'"
    )
    project.task(
        "b.py",
        """
        import asyncio
        if event.payload["n"] == 1:
            await asyncio.to_thread(event.context.extra["gate"].wait)
            return await event.context.run_task("a")
        return "second"
        """,
        options="concurrency='queue'",
    )
    events = Events(engine)
    await engine.start()
    gate = threading.Event()
    holder = asyncio.create_task(engine.run_task("b", {"n": 1}, {"gate": gate}))
    await events.next(RunStarted)
    caller = asyncio.create_task(engine.run_task("a"))
    await events.next(RunQueued, lambda event: event.run.payload == {"n": 2})
    gate.set()

    async with asyncio.timeout(SOON):
        with pytest.raises(TaskCycle, match="a → b → b → a"):
            await holder
        assert await caller == "second"


async def test_a_skip_waits_for_nobody_and_is_no_cycle(project: Project, engine: Engine) -> None:
    body = """
    from taskengine import TaskSkipped
    try:
        await event.context.run_task("job")
    except TaskSkipped:
        return "skipped"
    """
    project.task("job.py", body, options="concurrency='skip'")
    await engine.start()

    assert await engine.run_task("job") == "skipped"


async def test_a_run_that_is_started_and_not_awaited_is_no_cycle(
    project: Project, engine: Engine
) -> None:
    project.task(
        "job.py",
        """
        if event.payload["n"]:
            await event.context.extra["engine"].start_run("job", {"n": 0})
        """,
        options="concurrency='queue'",
    )
    events = Events(engine)
    await engine.start()

    await engine.run_task("job", {"n": 1}, {"engine": engine})

    assert (await events.next(RunEnded, lambda event: event.run.id == 2)).run.state is RunState.DONE


async def test_a_run_that_was_told_to_stop_holds_up_nobody_who_joined_it(
    project: Project, engine: Engine
) -> None:
    """A caller of a stopping run has its answer, so a wait for that caller has an end."""
    project.task(
        "child.py",
        """
        event.context.extra["gate"].wait()
        """,
        kind="def",
    )
    project.task(
        "parent.py",
        """
        from taskengine import TaskCancelled
        try:
            await event.context.run_task("child")
        except TaskCancelled:
            return "told"
        """,
    )
    events = Events(engine)
    await engine.start()
    gate = threading.Event()
    child = await engine.start_run("child", None, {"gate": gate})
    await events.next(RunStarted)
    call = asyncio.create_task(engine.run_task("parent"))
    await events.next(RunJoined)
    await engine.cancel_run(child.id)

    assert await call == "told"
    gate.set()


@pytest.mark.slow
async def test_deep_chains_do_not_exhaust_the_stack(project: Project, engine: Engine) -> None:
    project.task(
        "deep.py",
        """
        from taskengine import TaskCycle
        n = event.payload["n"]
        try:
            return await event.context.run_task("deep", {"n": n - 1 if n else 1500})
        except TaskCycle as cycle:
            return len(cycle.chain)
        """,
        options="concurrency='queue', key='n'",
    )
    await engine.start()

    async with asyncio.timeout(60):
        assert await engine.run_task("deep", {"n": 1500}) == 1502


@KINDS
async def test_two_hundred_parents_that_wait_for_children_three_deep_all_end(
    project: Project, engine: Engine, kind: str
) -> None:
    for level in range(3):
        name, child = f"level{level}", f"level{level + 1}"
        project.task(
            f"{name}.py",
            calling(child, kind, "event.payload"),
            kind=kind,
            options="concurrency='parallel'",
        )
    project.task("level3.py", "return event.payload['n']", kind=kind, options="key='n'")
    await engine.start()

    async with asyncio.timeout(60):
        results = await asyncio.gather(*(engine.run_task("level0", {"n": n}) for n in range(200)))

    assert results == list(range(200))


@pytest.mark.parametrize(
    "call",
    [
        "await asyncio.to_thread(event.context.run_task_blocking, {}, {})",
        "await asyncio.to_thread(lambda: asyncio.run(event.context.run_task({}, {})))",
    ],
)
async def test_parents_that_wait_on_the_helper_threads_of_the_task_loop_all_end(
    project: Project, engine: Engine, call: str
) -> None:
    body = "import asyncio\nreturn " + call.format("'child'", "event.payload")
    project.task("parent.py", body, options="concurrency='parallel'")
    project.task(
        "child.py",
        "import asyncio\nreturn await asyncio.to_thread(lambda: event.payload['n'])",
        options="concurrency='parallel'",
    )
    await engine.start()

    async with asyncio.timeout(60):
        results = await asyncio.gather(*(engine.run_task("parent", {"n": n}) for n in range(100)))

    assert results == list(range(100))
