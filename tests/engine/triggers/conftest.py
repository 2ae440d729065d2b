"""Engines on one project, one after the other, on a clock of the test's."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from support.engines import NOON, StartEngine
from support.events import Events
from support.project import Project
from taskengine import Engine
from taskengine.history.memory import MemoryHistory
from taskengine.testing import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at noon, UTC."""
    return ManualClock(NOON)


@pytest.fixture
def history() -> MemoryHistory:
    """What all engines of the test share."""
    return MemoryHistory()


@pytest.fixture(autouse=True)
def utc(project: Project) -> None:
    """Schedules are in UTC, wherever the test runs."""
    project.write("taskconsole.toml", 'timezone = "UTC"')


@pytest.fixture
async def start(
    project: Project, clock: ManualClock, history: MemoryHistory
) -> AsyncIterator[StartEngine]:
    """Start an engine and give it back with its events, once its tasks are loaded."""
    async with AsyncExitStack() as engines:

        async def start(**options: Any) -> tuple[Engine, Events]:
            engine = Engine(project.root, clock=clock, history=history, **options)
            events = Events(engine)
            await engines.enter_async_context(engine)
            await events.live()
            return engine, events

        yield start
