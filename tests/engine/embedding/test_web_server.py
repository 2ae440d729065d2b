"""The FastAPI application that the guide shows, as a server would run it."""

import runpy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI

from support import guides
from support.project import Project
from taskengine import EngineNotRunning


@pytest.fixture
def app(project: Project) -> FastAPI:
    """The application of the guide, in a project with the guide's files."""
    for path, text in guides.files("embedding.md").items():
        project.write(path, text)
    app = runpy.run_path(str(project.root / "app.py"))["app"]
    assert isinstance(app, FastAPI)
    return app


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application, which has started and will be stopped."""
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        yield client


async def test_a_route_runs_a_task(app: FastAPI) -> None:
    async with served(app) as client:
        answer = await client.post("/tasks/report", json={"to": "Ann"})

    assert (answer.status_code, answer.json()) == (200, {"result": "reported to Ann"})


async def test_an_error_of_the_engine_is_the_status_that_it_names(app: FastAPI) -> None:
    async with served(app) as client:
        answer = await client.post("/tasks/reprot", json={})

    assert answer.status_code == 404
    assert answer.json() == {"detail": "Task `reprot` is not available!"}


async def test_a_task_uses_the_pool_of_the_server(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    async def answer(client: httpx.AsyncClient, url: str) -> httpx.Response:
        asked.append(url)
        return httpx.Response(204)

    monkeypatch.setattr(httpx.AsyncClient, "get", answer)
    async with served(app) as client:
        done = await client.post("/tasks/page:check", json={"url": "http://example.org"})

    assert (done.json(), asked) == ({"result": 204}, ["http://example.org"])


async def test_the_engine_ends_with_the_server(app: FastAPI) -> None:
    async with served(app):
        pass

    with pytest.raises(EngineNotRunning):
        await app.state.engine.run_task("report")
