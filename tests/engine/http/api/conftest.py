"""Calls of an engine that is served."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from support.project import Project
from support.served import Served, served


@pytest.fixture
async def here(project: Project) -> AsyncIterator[Served]:
    """A live engine of a project with a few tasks, and its server."""
    write_tasks(project)
    async with served(project) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """The same for all tests of a module, of which none minds what the others have run. They go on
    the module's loop.
    """
    project = Project(tmp_path_factory.mktemp("shared"))
    write_tasks(project)
    async with served(project) as running:
        yield running


def write_tasks(project: Project) -> None:
    """Write the project."""
    project.write(
        "taskconsole.toml",
        """
        timezone = "UTC"
        stop_grace = 0
        [tasks."odd/na me:ü"]
        handler = "./jobs/odd.py"
        [tasks."odd/na me:ü/source"]
        handler = "./jobs/odd.py"
        """,
    )
    project.task("echo.py", "print('echo')\nreturn event.payload", options="schedule='@hourly'")
    project.task("fails.py", "raise ValueError('no such table')")
    project.task(
        "lines.py", "for n in range(event.payload['count']): print(f'line {n}')", kind="def"
    )
    project.task("waits.py", WAITS)
    project.task("gives.py", "return event.payload")
    project.write("tasks/typed.py", TYPED)
    project.write("jobs/odd.py", ODD)


@pytest.fixture
def client(here: Served) -> httpx.AsyncClient:
    """What calls the engine."""
    return here.client


WAITS = """
import asyncio
print('begun')
while not event.context.cancelled.is_set():
    await asyncio.sleep(0.01)
"""

TYPED = """
    from dataclasses import dataclass

    from taskengine import TaskEvent, task


    @dataclass
    class Cleanup:
        days: int


    @task
    async def run(event: TaskEvent[Cleanup]):
        return event.payload.days
"""

ODD = """
    from taskengine import TaskEvent, task


    @task
    async def run(event: TaskEvent):
        return event.name
"""
