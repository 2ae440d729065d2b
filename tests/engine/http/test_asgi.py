"""The interface as an application that a user's own web application mounts."""

import asyncio
import runpy
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from support import guides
from support.project import Project
from support.raw_http import Callers, exchange, get
from taskengine import Engine
from taskengine.http import asgi

TOKEN = "t0ken"
SHOWN = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture
async def live(project: Project) -> AsyncIterator[Engine]:
    project.task("hello.py", 'return "hi"')
    project.task("broken.py", "1 / 0")
    async with Engine(project.root) as engine:
        yield engine


def in_fastapi(engine: Engine) -> ASGIApp:
    app = FastAPI()
    app.mount("/jobs", asgi(engine, token=TOKEN, allowed_hosts=["app.test"]))

    @app.get("/own")
    def own() -> str:
        return "the application's own"

    return app


def in_starlette(engine: Engine) -> ASGIApp:
    app = asgi(engine, token=TOKEN, allowed_hosts=["app.test"])
    return Starlette(routes=[Mount("/a", routes=[Mount("/jobs", app)])])


def client(app: ASGIApp, prefix: str = "", host: str = "app.test") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=f"http://{host}{prefix}", headers=SHOWN)


@pytest.mark.parametrize(("host", "prefix"), [(in_fastapi, "/jobs"), (in_starlette, "/a/jobs")])
async def test_it_is_the_same_below_a_prefix(
    live: Engine, host: Callable[[Engine], ASGIApp], prefix: str
) -> None:
    async with client(host(live), prefix) as calls:
        assert (await calls.get("/_nitro/tasks/hello")).json() == {"result": "hi"}
        assert (await calls.post("/_nitro/tasks/hello", json={})).status_code == 200
        assert (await calls.get("/api/v1/tasks/hello")).status_code == 200
        created = await calls.post("/api/v1/runs", json={"task": "hello"})
        assert created.status_code == 201
        document = (await calls.get("/api/v1/openapi.json")).json()
        assert [one["url"] for one in document["servers"]] == [prefix]

        for method, path, status in [
            ("GET", "/_nitro/tasks/nothing", 404),
            ("GET", "/nothing", 404),
            ("PUT", "/_nitro/tasks/hello", 405),
            ("HEAD", "/_nitro/tasks/hello", 405),
            ("POST", "/api/v1/health", 405),
        ]:
            answer = await calls.request(method, path)
            assert answer.status_code == status
            if method != "HEAD":
                assert answer.json()["url"] == prefix + path


async def test_its_guard_stands_before_it_and_the_host_is_left_alone(live: Engine) -> None:
    app = in_fastapi(live)
    task = "/jobs/_nitro/tasks/hello"
    async with client(app) as calls, client(app, host="evil.test") as misled:
        assert (await misled.get(task)).status_code == 403
        assert (await misled.get("/own")).status_code == 200
        assert (await calls.get(task, headers={"origin": "http://evil.test"})).status_code == 403
        assert (await calls.get(task, headers={"origin": "http://app.test"})).status_code == 200
        assert (await calls.get(task, headers={"authorization": "Bearer x"})).status_code == 401
        large = await calls.post(task, content=b" " * 1_000_001)
        assert (large.status_code, "larger" in large.json()["message"]) == (413, True)

        async def endless() -> AsyncIterator[bytes]:
            while True:
                yield b" " * 100_000

        assert (await calls.post(task, content=endless())).status_code == 413


async def test_behind_another_server_nobody_is_told_a_traceback(live: Engine) -> None:
    async with client(in_fastapi(live), "/jobs") as calls:
        answer = await calls.get("/_nitro/tasks/broken")

    assert answer.json()["message"] == "division by zero"
    assert "stack" not in answer.json()


async def test_the_program_can_ask_who_calls_by_itself(live: Engine) -> None:
    app = asgi(live, token=None, allowed_hosts=["app.test"])
    async with client(app) as calls:
        del calls.headers["authorization"]
        assert (await calls.get("/_nitro/tasks/hello")).status_code == 200
        assert (await calls.get("/_nitro/tasks", headers={"host": "evil.test"})).status_code == 403


def test_nothing_is_left_to_a_default() -> None:
    engine = Engine()
    with pytest.raises(TypeError, match=r"token.*allowed_hosts"):
        asgi(engine)  # type: ignore[call-arg]
    for token in ("", " ", "ä"):
        with pytest.raises(ValueError, match="the token must be"):
            asgi(engine, token=token, allowed_hosts=[])
    with pytest.raises(ValueError, match=r"such as \['app.test'\]"):
        asgi(engine, token=TOKEN, allowed_hosts="app.test")
    with pytest.raises(ValueError, match="neither a host's name nor an address"):
        asgi(engine, token=TOKEN, allowed_hosts=["app.test:80"])


async def test_a_platforms_cron_shows_its_own_secret_in_place_of_the_token(
    live: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, fired = "/_vercel/cron", {"x-vercel-cron-schedule": "0 0 * * *"}
    by_token = asgi(live, token=TOKEN, allowed_hosts=["app.test"])
    monkeypatch.setenv("CRON_SECRET", "s3cret")
    by_secret = asgi(live, token=TOKEN, allowed_hosts=["app.test"])

    async def status(app: ASGIApp, shown: str, to: str = path) -> int:
        async with client(app) as calls:
            headers = {**fired, "authorization": f"Bearer {shown}"}
            return (await calls.get(to, headers=headers)).status_code

    assert [await status(by_token, one) for one in (TOKEN, "s3cret")] == [200, 401]
    assert [await status(by_secret, one) for one in (TOKEN, "s3cret")] == [401, 200]
    for other in ("/_nitro/tasks", "/_vercel/cron/", "//_vercel/cron", "/_vercel/cron/../x"):
        assert await status(by_secret, "s3cret", other) == 401, "the secret opens nothing else"


async def test_under_a_real_server_reasons_are_the_standards(live: Engine) -> None:
    async with under_uvicorn(in_fastapi(live)) as url:
        answer = await exchange(url, get("/jobs/_nitro/tasks", host="app.test"))
        assert (answer.status, answer.reason) == (401, "Unauthorized")
        assert "x-reason" not in answer.headers
        shown = f"Authorization: Bearer {TOKEN}"
        answer = await exchange(url, get("/jobs/_nitro/tasks/hello", shown, host="app.test"))
        assert (answer.status, answer.body) == (200, b'{"result":"hi"}')


@asynccontextmanager
async def under_uvicorn(app: ASGIApp) -> AsyncIterator[str]:
    """The URL of an application under uvicorn as people run it."""
    with socket.create_server(("127.0.0.1", 0)) as bound:
        config = uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        serving = asyncio.ensure_future(server.serve([bound]))
        try:
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


async def test_the_application_of_the_guide_serves_its_tasks_and_ends_its_streams(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path, text in guides.files("embedding.md").items():
        project.write(path, text)
    monkeypatch.setenv("JOBS_TOKEN", TOKEN)
    app = runpy.run_path(str(project.root / "service.py"))["app"]

    async with under_uvicorn(app) as url, Callers() as callers:
        stream = await callers.connect(url)
        headers = f"Authorization: Bearer {TOKEN}"
        async with app.router.lifespan_context(app):
            await stream.send(get("/jobs/api/v1/events", headers, "Connection: close"))
            assert b"200" in await stream.line()
            answer = await exchange(url, get("/jobs/_nitro/tasks/report?to=Ann", headers))
            assert answer.body == b'{"result":"reported to Ann"}'

        assert await stream.is_closed()
        gone = await exchange(url, get("/jobs/_nitro/tasks/report", headers))
        assert (gone.status, gone.message) == (503, "The engine is stopped")
