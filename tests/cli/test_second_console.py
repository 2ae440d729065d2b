"""`taskconsole` on a project that it can't have: a line says why, nothing is drawn."""

import os
import select
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from support.project import Project
from taskengine import Engine

COMMAND = Path(sys.executable).with_name("taskconsole")
REFUSED = 4


@contextmanager
def terminal() -> Iterator[tuple[int, int]]:
    """Both ends of a terminal: the one that a person has, and the program's."""
    ends = os.openpty()
    try:
        yield ends
    finally:
        for end in ends:
            os.close(end)


def refusal(project: Project, *arguments: str) -> str:
    """What `taskconsole` says on standard error when it refuses, having drawn nothing."""
    with terminal() as (ours, its):
        done = subprocess.run(
            [COMMAND, *arguments],
            cwd=project.root,
            stdin=its,
            stdout=its,
            stderr=subprocess.PIPE,
            env={**os.environ, "TERM": "xterm-256color"},
            text=True,
            timeout=60,
            check=False,
        )
        assert select.select([ours], [], [], 0)[0] == [], os.read(ours, 10_000)
    assert done.returncode == REFUSED, done.stderr
    assert len(done.stderr.splitlines()) == 1
    return done.stderr


async def test_a_project_that_another_engine_has_is_refused_with_its_process(
    project: Project,
) -> None:
    project.task("hello.py", "return 1")
    async with Engine(project.root) as engine:
        words = refusal(project, "--no-schedule")
        assert await engine.run_task("hello") == 1

    assert str(project.root) in words
    assert f"process {os.getpid()}" in words
    assert "which started" in words
    assert f"kill {os.getpid()}" in words


async def test_a_history_of_a_later_version_is_refused_and_left_alone(project: Project) -> None:
    async with Engine(project.root):
        pass
    path = project.root / ".taskconsole/history.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 1000")
    before = path.read_bytes()

    words = refusal(project)

    assert str(path) in words
    assert "newer taskconsole" in words
    assert path.read_bytes() == before
