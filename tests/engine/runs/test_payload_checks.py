"""Payloads of a type: refused before anything runs, made again where the body runs."""

import asyncio
import sys
import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from support.engines import NOON
from support.events import Events
from support.project import Project
from taskengine import Engine, InvalidPayload, RunState
from taskengine.events import RunQueued, RunStarted
from taskengine.options import Options
from taskengine.project.catalog import Runnable
from taskengine.runs.checks import needs_check
from taskengine.testing import ManualClock

CLEANUP = """
from dataclasses import dataclass

from taskengine import TaskEvent, task


@dataclass
class Cleanup:
    days: int
    bucket: str = "main"


"""


async def test_a_payload_that_is_not_of_the_type_is_refused_before_anything_runs(
    project: Project, engine: Engine
) -> None:
    project.write(
        "tasks/cleanup.py", CLEANUP + "@task\ndef run(event: TaskEvent[Cleanup]):\n    return 1\n"
    )
    events = Events(engine)
    await engine.start()

    with pytest.raises(InvalidPayload) as refused:
        await engine.run_task("cleanup", {"days": "many"})
    with pytest.raises(InvalidPayload):
        await engine.start_run("cleanup", {})

    assert [fault.path for fault in refused.value.faults] == ["days"]
    assert events.of(RunQueued) == []


async def test_the_body_gets_the_type_and_the_record_keeps_the_json(
    project: Project, engine: Engine
) -> None:
    body = """
@task(key="bucket")
async def run(event: TaskEvent[Cleanup]):
    event.payload.days += 1
    return [type(event.payload).__name__, event.payload.days, event.payload.bucket]
"""
    project.write("tasks/cleanup.py", CLEANUP + body)
    await engine.start()

    assert await engine.run_task("cleanup", {"days": 3}) == ["Cleanup", 4, "main"]
    run = engine.history.run(1)
    assert run is not None
    assert (run.payload, run.key) == ({"days": 3}, "main")


async def test_a_payload_type_that_breaks_refuses_and_harms_nobody(
    project: Project, engine: Engine
) -> None:
    body = """
    def __post_init__(self):
        raise SystemExit("out")


@task
def run(event: TaskEvent[Cleanup]):
    return 1
"""
    project.write("tasks/broken.py", CLEANUP.rstrip() + "\n" + body)
    project.task("after.py", "return 'alive'")
    await engine.start()

    with pytest.raises(InvalidPayload):
        await engine.run_task("broken", {"days": 1})
    assert await engine.run_task("after") == "alive"


STUCK = """
import gates
from taskengine import task

def key(payload):
    gates.begun.set()
    gates.leave.wait() if payload else None

@task(key=key)
def run(event):
    return 1
"""


@pytest.fixture
def gates(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """What the key function of STUCK says and waits for; it is let go at the test's end."""
    gates = SimpleNamespace(begun=threading.Event(), leave=threading.Event())
    monkeypatch.setitem(sys.modules, "gates", gates)
    yield gates
    gates.leave.set()


async def test_a_stopping_engine_answers_those_whose_payload_is_still_checked(
    project: Project, engine: Engine, gates: SimpleNamespace
) -> None:
    project.write("tasks/stuck.py", STUCK)
    await engine.start()
    calls = [asyncio.create_task(engine.run_task("stuck", {"n": n})) for n in range(3)]
    await asyncio.to_thread(gates.begun.wait)

    async with asyncio.timeout(20):
        await engine.stop(grace=0)
        answers = await asyncio.gather(*calls, return_exceptions=True)

    assert [type(answer).__name__ for answer in answers] == ["EngineNotRunning"] * 3


async def test_a_check_that_never_ends_refuses_its_call_and_no_other(
    project: Project, gates: SimpleNamespace
) -> None:
    project.write("tasks/stuck.py", STUCK)
    clock = ManualClock(NOON)
    async with Engine(project.root, clock=clock) as engine:
        stuck = asyncio.create_task(engine.run_task("stuck", {"n": 1}))
        await asyncio.to_thread(gates.begun.wait)
        other = asyncio.create_task(engine.run_task("stuck"))

        clock.advance(10)

        with pytest.raises(InvalidPayload, match="longer than 10 s"):
            await stuck
        assert await other == 1


async def test_a_payload_whose_type_changed_while_it_waited_fails_its_run(
    project: Project, engine: Engine
) -> None:
    body = """
    def __post_init__(self):
        if self.bucket == "odd" and asked:
            raise ValueError("no longer")
        if self.bucket == "odd":
            asked.append(1)


asked = []


@task(retries=3)
def run(event: TaskEvent[Cleanup]):
    return 1
"""
    project.write("tasks/cleanup.py", CLEANUP.rstrip() + "\n" + body)
    events = Events(engine)
    await engine.start()

    run = await engine.start_run("cleanup", {"days": 1, "bucket": "odd"})

    ended = await engine.wait(run.id)
    assert (ended.state, ended.attempt) == (RunState.FAILED, 1)
    assert ended.error is not None
    assert ended.error.type == "InvalidPayload"
    assert len(events.of(RunStarted)) == 1


def test_a_key_that_is_a_field_is_looked_at_elsewhere_only_where_that_takes_time() -> None:
    task = Runnable(name="job", function=print, options=Options(key="shard"))

    assert not needs_check(task, {"shard": "a"})
    assert needs_check(task, {"shard": [1, 2]})
