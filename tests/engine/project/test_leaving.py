"""One project after another in one process, where an import of the first goes on."""

import asyncio
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from support.project import Project
from taskengine import Engine
from taskengine.project.finder import ProjectFinder
from taskengine.project.project import Project as Opened

SLOW = """
import the_gate
from taskengine import task

the_gate.is_reached.set()
the_gate.is_open.wait(60)


@task()
def run(event):
    return None
"""


async def test_an_engine_waits_for_the_imports_of_one_that_was_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = SimpleNamespace(is_reached=threading.Event(), is_open=threading.Event())
    monkeypatch.setitem(sys.modules, "the_gate", gate)
    monkeypatch.setattr("taskengine.machinery.CLOSE_SECONDS", 0.01)
    first, second = Project(tmp_path / "first"), Project(tmp_path / "second")
    first.write("tasks/slow.py", SLOW)
    second.task("hello.py", 'return "hi"')
    async with Engine(first.root):
        assert await asyncio.to_thread(gate.is_reached.wait, 60)

    comes = threading.Event()
    install = ProjectFinder.install

    def noted(finder: ProjectFinder) -> None:
        comes.set()
        install(finder)

    monkeypatch.setattr(ProjectFinder, "install", noted)
    async with Engine(second.root) as engine:
        assert await asyncio.to_thread(comes.wait, 60)
        gate.is_open.set()
        assert await engine.run_task("hello") == "hi"


def test_a_project_that_is_left_imports_no_further_task(project: Project, opened: Opened) -> None:
    project.task("a.py", "return 1")
    project.task("b.py", "return 2")
    catalog = opened.load(lambda _: opened.leave(), first="b")
    loaded = {name: entry.loaded for name, entry in catalog.entries.items()}
    assert loaded == {"a": False, "b": True}
