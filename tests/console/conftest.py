"""A project with one task of each sort, for the console to show, and apps that cost less."""

from collections.abc import Iterator

import pytest

from support.console import SOON
from support.project import Project
from support.screens import drawn_when_looked_at, styles_read_once


@pytest.fixture(autouse=True)
def _styles_read_once() -> Iterator[None]:
    with styles_read_once():
        yield


@pytest.fixture(autouse=True)
def _keys_wait_for_those_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, what is typed ahead goes where it is meant for."""
    monkeypatch.setattr("taskconsole.typed_ahead._PATIENCE", SOON)


@pytest.fixture
def seldom_drawn() -> Iterator[None]:
    """Apps draw when a test looks: for tests of more than what a widget draws, and when."""
    with drawn_when_looked_at():
        yield


@pytest.fixture
def shop(project: Project) -> Project:
    """Tasks that succeed, fail, wait, are scheduled, stand in groups, and one broken file."""
    shop = Project(project.root / "shop-backend")
    shop.write(
        "taskconsole.toml",
        """
        timezone = "Europe/London"

        [scheduled_tasks]
        "* * * * *" = "cms:update"
        "0 * * * *" = "db:cleanup"
        "0 3 * * *" = "db:vacuum"
        """,
    )
    shop.task(
        "cms/update.py",
        """
        print("fetching 12 pages")
        return {"result": {"pages": 12}}
        """,
        options='description="Fetch what is new"',
    )
    shop.task("db/cleanup.py", 'print("looking")\nraise ValueError("no connection")')
    shop.task("db/vacuum.py", "return None")
    shop.task("db/migrate.py", "return event.payload", options='description="Run migrations"')
    shop.write("tasks/wait.py", WAITING)
    shop.write("tasks/broken.py", "from taskengine import task\n\nraise ValueError('not today')\n")
    return shop


WAITING = """
import asyncio

from taskengine import TaskEvent, task


@task(description="Wait until it is cancelled")
async def run(event: TaskEvent) -> None:
    print("waiting")
    await asyncio.Event().wait()
"""
