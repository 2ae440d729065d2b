"""Calls of an engine that is served."""

from collections.abc import AsyncIterator

import httpx
import pytest

from support.project import Project
from support.served import Served, served


@pytest.fixture
async def here(project: Project) -> AsyncIterator[Served]:
    """A live engine of a project with a few tasks, and its server."""
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
    project.write("tasks/typed.py", TYPED)
    project.write("jobs/odd.py", ODD)
    async with served(project) as running:
        yield running


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
