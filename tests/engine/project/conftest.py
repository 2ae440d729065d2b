"""The fixture that opens a project on disk, and leaves no trace of it in this process."""

from collections.abc import Iterator

import pytest

from support.project import Project as Files
from taskengine.project.project import Project


@pytest.fixture
def opened(project: Files) -> Iterator[Project]:
    """The project under test, in a zone that no machine has by default."""
    with Project(project.root, default_timezone=lambda: "Pacific/Chatham") as opened:
        yield opened
