"""Fixtures that every test may use."""

from pathlib import Path

import pytest

from support.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project; `taskconsole.toml` marks its root."""
    project = Project(tmp_path)
    project.write("taskconsole.toml", "")
    return project
