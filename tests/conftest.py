"""Fixtures that every test may use."""

import gc
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


def pytest_collection_finish() -> None:
    """Spare the garbage collector what lives to the end, and small rounds: a console makes and
    drops so many objects that a third of the time would go there.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a case by the beginning of a long text: some have 100,000 characters."""
    if isinstance(val, str) and len(val) > 60:
        return f"{val[:20]!r} and so on to {len(val)} characters"
    return None


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project; `taskconsole.toml` marks its root."""
    project = Project(tmp_path)
    project.write("taskconsole.toml", "")
    return project
