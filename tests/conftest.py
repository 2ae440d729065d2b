"""Fixtures that every test may use."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from support.project import Project

# The same examples in every run, however slow the machine: a red test is red for everybody.
settings.register_profile(
    "steady",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project; `taskconsole.toml` marks its root."""
    project = Project(tmp_path)
    project.write("taskconsole.toml", "")
    return project
