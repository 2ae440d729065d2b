"""An engine whose clock the test moves."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from support.project import Project
from taskengine import Engine
from taskengine.testing import ManualClock

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at noon."""
    return ManualClock(NOON)


@pytest.fixture
async def driven(project: Project, clock: ManualClock) -> AsyncIterator[Engine]:
    """An engine on that clock, started by the test and stopped after it."""
    engine = Engine(project.root, clock=clock, scheduler=False)
    yield engine
    await engine.stop(grace=0)
