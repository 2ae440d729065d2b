"""The console's own engine, which others can reach."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from support.project import Project
from taskconsole.own_engine import OwnEngine
from taskengine import Engine
from taskengine.client.find_engine import find_engine
from taskengine.problem import ProblemKind


@pytest.fixture(autouse=True)
def runtime(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Sockets are made in a folder of this test."""
    folder = tmp_path / "runtime"
    folder.mkdir(0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))


@asynccontextmanager
async def own_engine(project: Project, port: int | None = None) -> AsyncIterator[OwnEngine]:
    handle = OwnEngine(Engine(project.root), port=port)
    await handle.start()
    try:
        yield handle
    finally:
        await handle.stop()


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not is_so():  # noqa: ASYNC110 - nothing tells when a server listens
            await asyncio.sleep(0.01)


async def test_it_is_reached_from_when_it_is_live_until_it_is_stopped(project: Project) -> None:
    async with own_engine(project, port=0) as handle:
        assert find_engine(project.root) is None
        await handle.load()
        await until(lambda: bool(handle.status.url))
        note = find_engine(project.root)
        assert note
        assert note.socket
        assert note.url == handle.status.url
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(f"{handle.status.url}/_nitro/tasks")
        assert answer.json() == {"tasks": {}, "scheduledTasks": False}
    assert find_engine(project.root) is None


async def test_a_port_that_is_taken_is_a_problem_and_no_more(project: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with own_engine(project, port=port) as handle:
            await handle.load()
            await until(lambda: bool(handle.problems()))
            (problem,) = handle.problems()
            assert problem.kind is ProblemKind.SERVER
            assert str(port) in problem.message
            await until(lambda: find_engine(project.root) is not None)  # by its socket


async def test_an_engine_that_is_left_at_once_leaves_nothing_behind(project: Project) -> None:
    async with own_engine(project) as handle:
        await handle.load()
    assert find_engine(project.root) is None
