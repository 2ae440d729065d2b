"""`taskconsole` on a project that it can't have: a line says why, nothing is drawn."""

import os
import select
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from support.commands import called
from support.project import Project
from taskengine import Engine

COMMAND = Path(sys.executable).with_name("taskconsole")
WRONG_CALL = 2
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


def refusal(project: Project, *arguments: str, code: int = REFUSED) -> str:
    """What `taskconsole` says last on standard error when it refuses, having drawn nothing."""
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
    assert done.returncode == code, done.stderr
    return done.stderr.splitlines()[-1]  # before it may stand what was waited for


async def test_a_project_whose_engine_can_not_be_reached_is_refused_with_its_process(
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


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://127.0.0.1:1", "http://127.0.0.1:1 does not answer: nobody listens there"),
        ("{root}/none.sock", "does not answer: there is no such socket"),
    ],
)
def test_an_engine_to_attach_to_that_is_not_there_is_said_to_be_not(
    project: Project, address: str, words: str
) -> None:
    assert words in refusal(project, "--attach", address.format(root=project.root))


def test_a_token_that_is_none_is_refused_unseen(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TASKCONSOLE_TOKEN", "sec ret")
    words = refusal(project, "--attach", "http://127.0.0.1:1", code=WRONG_CALL)
    assert words.startswith("TASKCONSOLE_TOKEN must be text of ASCII")
    assert "sec ret" not in words


def test_what_is_no_address_is_refused_before_anything_is_tried(project: Project) -> None:
    told = called(project.root, "--attach")
    assert told.code == REFUSED
    assert f"no engine runs for {project.root} that can be reached" in told.narration
    told = called(project.root, "--attach", "ftp://host")
    assert told.code == WRONG_CALL
    assert "'ftp://host' begins with ftp://" in told.narration


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
