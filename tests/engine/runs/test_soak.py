"""Thousands of runs of every kind from many threads and coroutines, with cancels, timeouts,
failures and reloads among them: nothing is lost, doubled, mixed up or left behind.
"""

import asyncio
import gc
import os
import random
import threading
from collections import Counter
from pathlib import Path

import pytest

from support import inside
from support.events import SOON
from support.project import Project
from support.story import check_story, stories
from taskengine import (
    Engine,
    EngineNotRunning,
    InvalidPayload,
    RunState,
    TaskCancelled,
    TaskCrashed,
    TaskCycle,
    TaskSkipped,
    TaskTimeout,
)
from taskengine.events import CatalogChanged, Event, RunQueued
from taskengine.history.memory import MemoryHistory

HEAD = """
import asyncio
import os
from support.inside import inside
from taskengine import TaskEvent, task

VERSION = {version}


@task({options})
{kind} run(event: TaskEvent):
    with inside("{name}", event.payload.get("k", ""), {limit}):
"""
NAP = "if event.payload['n'] % 3 == 0:\n    await asyncio.sleep(event.payload['n'] % 7 / 1000)"
SYNC_NAP = "event.context.cancelled.wait(event.payload['n'] % 7 / 1000)"
FAILS = "if event.payload['n'] % 5 == 0:\n    raise LookupError(event.payload['n'])"
FLAKY = "if event.payload['n'] % 2 and event.context.attempt < 3:\n    raise OSError('flaky')"
SLOW = "await asyncio.sleep(0.01 if event.payload['n'] % 2 else 30)"
SYNC_SLOW = "event.context.cancelled.wait(0.01 if event.payload['n'] % 2 else 30)"
LATER = "event.context.wait_until(asyncio.sleep(event.payload['n'] % 5 / 1000))"
PARENT = "await event.context.run_task('{}', {{'n': event.payload['n'], 'k': event.payload['k']}})"
SYNC_PARENT = (
    "event.context.run_task_blocking('{}', {{'n': event.payload['n'], 'k': event.payload['k']}})"
)
CRASHES = "if event.payload['n'] % 3 == 0:\n    os._exit(3)"
UNKEYED = 1_000_000  # a limit for bodies that may crowd: their tasks do not ask for better
TASKS: dict[str, tuple[str, str, str, int]] = {
    "join": ("key='k'", "async def", NAP, 1),
    "join_sync": ("key='k'", "def", SYNC_NAP + "\n" + FAILS, 1),
    "queue": ("key='k', concurrency='queue'", "async def", NAP + "\n" + FAILS, 1),
    "queue_sync": ("key=lambda p: p['k'], concurrency='queue'", "def", SYNC_NAP, 1),
    "skip": ("key='k', concurrency='skip'", "async def", NAP, 1),
    "limited": ("key='k', concurrency='parallel', limit=3", "def", SYNC_NAP, 3),
    "free": ("concurrency='parallel'", "async def", LATER, UNKEYED),
    "flaky": (
        "key='k', concurrency='queue', retries=2, backoff={'initial': 0.002}, retry_on=OSError",
        "async def",
        FLAKY,
        1,
    ),
    "slow": ("key='k', concurrency='queue', timeout=0.05", "async def", SLOW, 1),
    "slow_sync": (
        "key='k', concurrency='skip', timeout=0.05, retries=1, backoff=0",
        "def",
        SYNC_SLOW,
        1,
    ),
    "parent": ("concurrency='parallel'", "async def", PARENT.format("queue"), UNKEYED),
    "parent_sync": ("concurrency='parallel'", "def", SYNC_PARENT.format("limited"), UNKEYED),
    "circle": ("key='k', concurrency='queue'", "async def", PARENT.format("circle"), 1),
    "isolated": (
        "key='k', concurrency='skip', isolation='process', timeout='20s'",
        "def",
        CRASHES,
        UNKEYED,
    ),
}
# Those first that few runs come to, too.
OUTCOMES = (
    RunState.DONE,
    RunState.FAILED,
    RunState.CANCELLED,
    RunState.TIMEOUT,
    RunState.SKIPPED,
    RunState.CRASHED,
)
EXPECTED = (
    EngineNotRunning,
    InvalidPayload,
    LookupError,
    OSError,
    TaskCancelled,
    TaskCrashed,
    TaskCycle,
    TaskSkipped,
    TaskTimeout,
    TimeoutError,
)


def write(project: Project, name: str, version: int) -> None:
    """Write a task; every other version of a queue joins instead."""
    options, kind, body, limit = TASKS[name]
    if version % 2:
        options = options.replace("'queue'", "'join'")
    head = HEAD.format(version=version, options=options, kind=kind, name=name, limit=limit)
    lines = "".join(f"        {line}\n" for line in body.splitlines())
    project.write(f"tasks/{name}.py", head + lines + "    return event.payload['n']\n")


class Soak:
    """Callers that do all sorts of things until there have been enough runs."""

    def __init__(self, engine: Engine, runs: int, seed: int) -> None:
        self.engine = engine
        self.wanted = runs
        self.seed = seed
        self.events: list[Event] = []
        self.queued = 0
        self.answers: Counter[str] = Counter()
        self.unexpected: list[BaseException] = []
        engine.subscribe(self._receive)

    def _receive(self, event: Event) -> None:
        self.events.append(event)
        self.queued += isinstance(event, RunQueued)

    async def caller(self, number: int) -> None:
        """Call until there were enough runs; every call has to be answered."""
        chance = random.Random(self.seed * 1000 + number)
        while self.queued < self.wanted:
            try:
                async with asyncio.timeout(60):
                    await self._call(chance)
                self.answers["result"] += 1
            except EXPECTED as error:
                self.answers[type(error).__name__] += 1
            except BaseException as error:  # noqa: BLE001 - whatever it is, the test has to tell
                self.unexpected.append(error)

    async def _call(self, chance: random.Random) -> None:
        name = chance.choice(list(TASKS))
        payload = {"n": chance.randrange(1000), "k": chance.choice("abc")}
        match chance.randrange(6):
            case 0:
                run = await self.engine.start_run(name, payload)
                await self.engine.cancel_run(run.id)
                over = await self.engine.wait(run.id)
                assert over.state.is_final
            case 1:
                await self.engine.cancel_run(max(1, self.queued - chance.randrange(20)))
            case 2:
                async with asyncio.timeout(0.005):
                    await self.engine.run_task(name, payload)
            case _:
                assert await self.engine.run_task(name, payload) is not None

    def thread(self, number: int) -> None:
        asyncio.run(self.caller(number))


async def reload(project: Project, soak: Soak) -> None:
    """Change one task after the other, each once the last change is taken up."""
    taken = asyncio.Event()
    loop = asyncio.get_running_loop()

    def receive(event: Event) -> None:
        if isinstance(event, CatalogChanged):
            loop.call_soon_threadsafe(taken.set)

    stop = soak.engine.subscribe(receive)
    version = 0
    while soak.queued < soak.wanted:
        version += 1
        taken.clear()
        write(project, list(TASKS)[version % len(TASKS)], version)
        async with asyncio.timeout(SOON):
            await taken.wait()
    stop()


def descriptors() -> Counter[str]:
    """What sorts of things this process has open, where the system tells."""
    listed = Path("/proc/self/fd")
    names = (str(one.readlink()) for one in listed.iterdir() if one.is_symlink())
    return Counter(name.partition(":")[0] for name in names) if listed.exists() else Counter()


async def left_open(before: Counter[str]) -> Counter[str]:
    """What is open that was not before; what earlier tests left may have been closed meanwhile.

    The watcher of files closes its descriptors on a thread that nobody can join.
    """
    for _ in range(1000):
        if not descriptors() - before:
            break
        await asyncio.sleep(0.01)
    return descriptors() - before


def children() -> set[str]:
    listed = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    return set(listed.read_text().split()) if listed.exists() else set()


@pytest.mark.parametrize(
    ("runs", "callers", "outcomes"),
    [
        pytest.param(500, 10, 3, id="500 runs"),
        pytest.param(10_000, 50, 6, id="10,000 runs", marks=pytest.mark.slow),
    ],
)
async def test_whatever_callers_do_every_run_has_one_life_and_every_call_one_answer(
    project: Project, runs: int, callers: int, outcomes: int
) -> None:
    for name in TASKS:
        write(project, name, 0)
    inside.crowded.clear()
    gc.collect()
    threads_before = set(threading.enumerate())
    fds_before, children_before = descriptors(), children()
    tasks_before = asyncio.all_tasks()
    engine = Engine(project.root, scheduler=False, history=MemoryHistory(max_runs=10 * runs))
    soak = Soak(engine, runs, seed=runs)
    await engine.start()

    threads = [threading.Thread(target=soak.thread, args=(n,)) for n in range(callers)]
    for thread in threads:
        thread.start()
    async with asyncio.timeout(600):
        reloading = asyncio.create_task(reload(project, soak))
        await asyncio.gather(*(soak.caller(callers + n) for n in range(callers)))
        await reloading
        for thread in threads:
            await asyncio.to_thread(thread.join)
        await engine.stop(grace=30)

    assert soak.unexpected == []
    assert inside.crowded == []
    told = stories(soak.events)
    for story in told.values():
        check_story(story)
    kept = {run.id: run for run in engine.history.recent(None, 20 * runs)}
    assert kept == {run_id: story[-1].run for run_id, story in told.items()}
    assert {run.state for run in kept.values()} >= set(OUTCOMES[:outcomes])
    assert engine.active_runs() == ()
    assert engine.problems == ()
    assert soak.answers.keys() >= {"result", "LookupError", "TaskCycle", "TaskCancelled"}
    gc.collect()
    assert asyncio.all_tasks() == tasks_before
    for thread in set(threading.enumerate()) - threads_before:
        if thread.name.startswith("taskengine"):
            await asyncio.to_thread(thread.join, 20)
    await asyncio.get_running_loop().shutdown_default_executor()
    assert set(threading.enumerate()) <= threads_before
    assert await left_open(fds_before) == Counter()
    assert children() <= children_before
