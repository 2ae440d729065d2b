"""The shipped tasks on an engine, kept away from this machine's own home and temporary files."""

import logging
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.examples import Examples, copy_shipped_project
from taskengine import Engine


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root of a copy of the shipped project."""
    for name in ("project", "home", "temp", "scratch"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temp"))
    return copy_shipped_project(tmp_path / "project")


@pytest.fixture
async def examples(shipped: Path, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Examples]:
    """The shipped tasks, ready to run; nothing fires. Logging is as verbose as in the console."""
    caplog.set_level(logging.INFO)
    around = shipped.parent
    async with Engine(shipped, scheduler=False) as engine:
        yield Examples(engine, shipped, scratch=around / "scratch", temp=around / "temp")
