"""`taskengine.run_task` and its blocking twin, without the event at hand."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from taskengine import Engine, TaskEvent, Trigger, run_task, run_task_blocking


def child(event: TaskEvent) -> dict[str, object]:
    return {"trigger": event.context.trigger.value, "payload": event.payload}


async def helper(number: int) -> object:
    return await run_task("child", {"n": number})


ANSWER = {"trigger": Trigger.TASK.value, "payload": {"n": 1}}


async def result_of(body: object) -> object:
    engine = Engine()
    engine.add(child, "child")
    engine.add(body, "parent")  # type: ignore[arg-type]  # bodies are async, sync, with and without
    async with engine:
        answer = await engine.run_task("parent")
        [run] = engine.history.recent("child", 10)
        [parent] = engine.history.recent("parent", 10)
    assert run.parent_id == parent.id
    return answer


async def test_a_helper_of_an_async_task_runs_a_child() -> None:
    async def parent(_: TaskEvent) -> object:
        return await helper(1)

    assert await result_of(parent) == ANSWER


async def test_a_helper_of_a_sync_task_runs_a_child() -> None:
    assert await result_of(lambda _: run_task_blocking("child", {"n": 1})) == ANSWER


async def test_a_thread_that_a_task_starts_runs_a_child() -> None:
    answers = []

    def parent(_: TaskEvent) -> object:
        thread = threading.Thread(
            target=lambda: answers.append(run_task_blocking("child", {"n": 1}))
        )
        thread.start()
        thread.join()
        return answers[0]

    assert await result_of(parent) == ANSWER


async def test_a_pool_that_a_task_uses_runs_a_child() -> None:
    def parent(_: TaskEvent) -> object:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(run_task_blocking, "child", {"n": 1}).result()

    assert await result_of(parent) == ANSWER


async def test_a_loop_that_a_sync_task_has_of_its_own_runs_a_child() -> None:
    assert await result_of(lambda _: asyncio.run(helper(1))) == ANSWER


async def test_a_thread_beside_an_async_task_runs_a_child() -> None:
    async def parent(_: TaskEvent) -> object:
        return await asyncio.to_thread(run_task_blocking, "child", {"n": 1})

    assert await result_of(parent) == ANSWER


async def test_an_async_task_is_not_blocked_by_mistake() -> None:
    async def parent(_: TaskEvent) -> object:
        return run_task_blocking("child")

    engine = Engine()
    engine.add(child, "child")
    engine.add(parent, "parent")
    async with engine:
        with pytest.raises(RuntimeError, match=r"would block the event loop: await run_task\(\)"):
            await engine.run_task("parent")


async def test_outside_of_a_task_there_is_no_parent_to_speak_for() -> None:
    async with Engine():
        with pytest.raises(RuntimeError, match=r"run_task\(\) works inside a running task; else"):
            await run_task("child")
        with pytest.raises(RuntimeError, match=r"run_task_blocking\(\) works inside a running"):
            run_task_blocking("child")
