"""Noticing changes on a real disk. Every wait ends with the change, the time-out is only a net."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.project import Project as Files
from taskengine.project.watch import watch_changes
from taskengine.project.watch_set import WatchSet

LIMIT = 60.0


class Watching:
    """A watch on a project whose set of folders the test may change."""

    def __init__(self, root: Path) -> None:
        self.wanted = WatchSet(root / "tasks", frozenset({root}))
        self.stop = asyncio.Event()
        self.is_armed = asyncio.Event()
        self._seen: set[Path] = set()
        self._arrived = asyncio.Condition()

    async def run(self) -> None:
        """Note what changes; the first batch only tells that the watch is at work."""
        async for changed in watch_changes(lambda: self.wanted, self.stop):
            async with self._arrived:
                self._seen |= changed if self.is_armed.is_set() else set()
                self.is_armed.set()
                self._arrived.notify_all()

    async def sees(self, path: Path) -> None:
        """Wait until a path was told of since the last time it was asked for."""
        async with asyncio.timeout(LIMIT), self._arrived:
            await self._arrived.wait_for(lambda: self.has_seen(path))
            self._seen.discard(path)

    def has_seen(self, path: Path) -> bool:
        return path in self._seen


@pytest.fixture
async def watching(project: Files) -> AsyncIterator[Watching]:
    project.task("a.py", "...")
    watching = Watching(project.root)
    run = asyncio.create_task(watching.run())
    await armed(watching)
    yield watching
    watching.stop.set()
    async with asyncio.timeout(LIMIT):
        await run


async def armed(watching: Watching) -> None:
    async with asyncio.timeout(LIMIT):
        await watching.is_armed.wait()


async def test_a_changed_new_or_deleted_file_is_noticed(project: Files, watching: Watching) -> None:
    await watching.sees(project.task("a.py", "return 1"))
    new = project.task("b.py", "...")
    await watching.sees(new)
    new.unlink()
    await watching.sees(new)


async def test_a_save_by_rename_is_noticed(project: Files, watching: Watching) -> None:
    draft = project.write("tasks/.a.py.swp", "")
    path = project.root / "tasks/a.py"

    draft.replace(path)

    await watching.sees(path)


async def test_a_changed_config_is_noticed(project: Files, watching: Watching) -> None:
    await watching.sees(project.write("taskconsole.toml", "# changed"))
    await watching.sees(project.write("pyproject.toml", "[tool.taskconsole]"))


async def test_files_in_new_folders_are_noticed(project: Files, watching: Watching) -> None:
    path = project.task("deep/er/b.py", "...")
    await watching.sees(path.parent)

    await watching.sees(project.task("deep/er/later.py", "..."))


async def test_a_deleted_tasks_folder_and_its_return_are_noticed(
    project: Files, watching: Watching
) -> None:
    tasks = project.root / "tasks"
    shutil.rmtree(tasks)
    await watching.sees(tasks)
    project.task("a.py", "...")
    await watching.sees(tasks)
    await watching.sees(project.task("later.py", "..."))


async def test_a_tasks_folder_that_comes_back_at_once_is_followed(
    project: Files, watching: Watching
) -> None:
    tasks = project.root / "tasks"
    shutil.rmtree(tasks)
    project.task("a.py", "...")
    await watching.sees(tasks)

    await watching.sees(project.task("later.py", "..."))


async def test_a_tasks_folder_swapped_for_another_is_followed(
    project: Files, watching: Watching
) -> None:
    tasks = project.root / "tasks"
    shutil.copytree(tasks, project.root / "other")
    tasks.rename(project.root / "old")
    (project.root / "other").rename(tasks)
    await watching.sees(tasks)

    await watching.sees(project.task("later.py", "..."))


async def test_a_folder_wanted_later_is_watched_too(project: Files, watching: Watching) -> None:
    helper = project.write("shop/names.py", "")
    watching.wanted = WatchSet(watching.wanted.tasks_dir, watching.wanted.folders | {helper.parent})
    await watching.sees(helper.parent)

    await watching.sees(project.write("shop/later.py", ""))


async def test_a_new_folder_of_helpers_is_noticed(project: Files, watching: Watching) -> None:
    await watching.sees(project.write("tasks/_lib/names.py", "").parent)
    await watching.sees(project.write("shop/names.py", "").parent)


async def test_what_is_none_of_our_business_is_not_told(project: Files, watching: Watching) -> None:
    others = [
        project.write(".taskconsole/history.py", ""),
        project.write("node_modules/x.py", ""),
        project.write(".venv/lib/x.py", ""),
        project.write("tasks/__pycache__/a.py", ""),
        project.write("tasks/notes.txt", ""),
        project.write("data.csv", ""),
    ]

    await watching.sees(project.task("a.py", "return 1"))

    assert [path for path in others if watching.has_seen(path)] == []


async def test_a_tasks_folder_that_comes_later_is_noticed(project: Files) -> None:
    watching = Watching(project.root)
    watching.wanted = WatchSet(project.root / "app" / "jobs", frozenset({project.root}))
    run = asyncio.create_task(watching.run())
    await armed(watching)

    path = project.write("app/jobs/a.py", "")
    await watching.sees(path.parent)
    await watching.sees(project.write("app/jobs/later.py", ""))

    watching.stop.set()
    async with asyncio.timeout(LIMIT):
        await run


async def test_a_watch_that_is_cancelled_ends(project: Files) -> None:
    watching = Watching(project.root)
    run = asyncio.create_task(watching.run())
    await armed(watching)

    run.cancel()

    async with asyncio.timeout(LIMIT):
        await asyncio.wait({run})
        await asyncio.get_running_loop().shutdown_default_executor()
    assert run.cancelled()
