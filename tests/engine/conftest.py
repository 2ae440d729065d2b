"""An engine on the test's project."""

from collections.abc import AsyncIterator

import pytest

from support.project import Project
from taskengine import Engine


@pytest.fixture
async def engine(project: Project) -> AsyncIterator[Engine]:
    """An engine that the test starts once its files are written; stopped after the test."""
    engine = Engine(project.root)
    yield engine
    await engine.stop(grace=0)
