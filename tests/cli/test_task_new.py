"""`taskconsole task new`."""

from pathlib import Path

import pytest

from support.commands import called
from support.project import Project
from taskengine import Engine


async def test_a_new_task_runs_as_it_is_written(project: Project) -> None:
    told = called(
        project.root, "task", "new", "db:über nacht",
        "--schedule", "0 3 * * *", "--description", 'Say "hi"', "--sync",
    )  # fmt: skip
    assert called(project.root, "task", "new", "plain").code == 0

    assert told.code == 0
    assert Path(told.data.strip()) == project.root / "tasks/db/über nacht.py"
    async with Engine(project.root, scheduler=False) as engine:
        assert await engine.run_task("db:über nacht", {"limit": 2}) == {"items": 2}
        assert await engine.run_task("plain") == {"items": 3}
        entry = engine.catalog.entries["db:über nacht"]
        assert [one.cron.expression for one in entry.schedules] == ["0 3 * * *"]
        assert entry.description == 'Say "hi"'
        assert not entry.is_async
        assert engine.problems == ()


def test_the_config_says_where_tasks_are(project: Project) -> None:
    project.write("taskconsole.toml", 'tasks_dir = "jobs"\n')
    assert called(project.root, "task", "new", "a").lines == [str(project.root / "jobs/a.py")]


def test_nothing_is_overwritten(project: Project) -> None:
    path = project.task("a/b.py", "return 1")
    before = path.read_text()
    for name in ("a:b", "A:B"):
        told = called(project.root, "task", "new", name)
        assert (told.code, told.data) == (4, "")
        assert "there already" in told.narration
    assert path.read_text() == before
    assert len(list(project.root.rglob("*.py"))) == 1


@pytest.mark.parametrize(
    "name",
    [
        *("", ":", "a:", "../a", "a/b", "_a", "test_a", "a_test", ".a", "_b:a", "a.py", "a\n"),
        *("conftest", "x" * 300),
    ],
)
def test_what_would_be_no_task_is_refused(project: Project, name: str) -> None:
    told = called(project.root, "task", "new", "--", name)
    assert (told.code, told.data) == (2, "")
    assert "can't be the name of a task" in told.narration
    assert not (project.root / "tasks").exists()


def test_a_schedule_that_does_not_parse_is_refused(project: Project) -> None:
    told = called(project.root, "task", "new", "a", "--schedule", "0 25 * * *")
    assert told.code == 2
    assert "25" in told.narration
    assert not (project.root / "tasks").exists()
