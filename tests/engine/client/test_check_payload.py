"""Asking a task's type about a payload, from a screen."""

from collections.abc import AsyncIterator

import pytest

from support.project import Project
from taskengine import Engine
from taskengine.client.local import LocalHandle

TYPED = """
from dataclasses import dataclass

from taskengine import TaskEvent, task


@dataclass
class Payload:
    n: int

    def __post_init__(self) -> None:
        if self.n == 13:
            raise SystemExit("unlucky")


@task
def run(event: TaskEvent[Payload]) -> None:
    pass
"""


@pytest.fixture
async def handle(project: Project) -> AsyncIterator[LocalHandle]:
    project.write("tasks/typed.py", TYPED)
    project.task("plain.py", "return 1")
    handle = LocalHandle(Engine(project.root))
    await handle.start()
    await handle.load()
    await handle.wait((await handle.start_run("plain", {})).id)  # all are loaded
    yield handle
    await handle.stop()


async def test_a_payload_that_fits_has_no_faults(handle: LocalHandle) -> None:
    assert await handle.check_payload("typed", {"n": 1}) == ()


async def test_each_fault_names_its_field(handle: LocalHandle) -> None:
    [fault] = await handle.check_payload("typed", {"n": "x"})
    assert fault.path == "n"


async def test_whatever_a_type_raises_is_a_fault(handle: LocalHandle) -> None:
    [fault] = await handle.check_payload("typed", {"n": 13})
    assert "unlucky" in fault.message


@pytest.mark.parametrize("task", ["plain", "no such task"])
async def test_without_a_type_nothing_is_wrong(handle: LocalHandle, task: str) -> None:
    assert await handle.check_payload(task, {"n": "x"}) == ()


async def test_after_the_stop_nothing_is_found(handle: LocalHandle) -> None:
    await handle.stop()
    assert await handle.check_payload("typed", {"n": "x"}) == ()
