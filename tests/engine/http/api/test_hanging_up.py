"""What goes on for a caller who has hung up is over, under any server and on any loop."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Message

from support.event_stream import SOON, event_stream
from support.project import Project
from taskengine import Engine, RunState
from taskengine.client.local import LocalHandle
from taskengine.http import asgi
from taskengine.http.api.event_log import EventLog
from taskengine.http.api.routes import api_routes
from taskengine.http.context import ServedEngine, is_near


@asynccontextmanager
async def hosted(app: ASGIApp, path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application that a host's own server serves, on this loop."""
    bound = socket.socket(socket.AF_UNIX)
    bound.bind(str(path))
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None))
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    transport = httpx.AsyncHTTPTransport(uds=str(path))
    async with httpx.AsyncClient(transport=transport, base_url="http://host") as client:
        yield client
    server.should_exit = True
    await serving


async def test_a_stream_is_over_when_its_caller_hangs_up(project: Project, tmp_path: Path) -> None:
    project.task("waits.py", "import asyncio\nprint('begun')\nawait asyncio.sleep(60)")
    async with Engine(project.root) as engine:
        log = EventLog(engine, linger=0)
        served = ServedEngine(engine, LocalHandle(engine), is_near)
        app = Starlette(routes=[Mount("/a b", Starlette(routes=api_routes(served, log)))])
        async with hosted(app, tmp_path / "host") as client:
            client.base_url = client.base_url.join("/a%20b/")
            async with event_stream(client, "?output=all") as stream:
                await stream.until("State")
                run = await engine.start_run("waits")
                await stream.until("Lines")
                assert (log.clients, log.is_kept) == (1, True)
            async with asyncio.timeout(20):
                while log.is_kept:  # noqa: ASYNC110 - there is nothing to wait for
                    await asyncio.sleep(0.01)
            odd = await client.get("/api/v1/tasks/waits")
            await engine.cancel_run(run.id)

    assert log.clients == 0
    assert odd.json()["view"]["name"] == "waits"


@pytest.mark.parametrize("path", ["/runs/1", "/runs/1/output", "/output", "/_vercel/cron"])
async def test_nobody_is_waited_for_who_has_hung_up(
    project: Project, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taskengine.http.heard.LOOKS_EVERY", 0.02)
    project.write("taskconsole.toml", 'scheduler = "external"')
    waits = "import asyncio\nawait asyncio.sleep(3_600)"
    project.task("waits.py", waits, options="schedule='@daily'")
    sent: list[Message] = [{"type": "http.request"}]

    async def receive() -> Message:
        return sent.pop() if sent else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        pass  # nobody is there to hear it

    async with Engine(project.root) as engine:
        query = b""
        if path != "/_vercel/cron":
            await engine.start_run("waits")
            path, query = f"/api/v1{path}", b"wait=60"
        headers = [(b"host", b"localhost"), (b"x-vercel-cron-schedule", b"@daily")]
        scope = {"type": "http", "method": "GET", "path": path, "headers": headers}
        app = asgi(engine, token=None, allowed_hosts=[])
        async with asyncio.timeout(SOON):
            await app({**scope, "query_string": query}, receive, send)

        [run] = engine.active_runs_of("waits")
        assert run.state in {RunState.QUEUED, RunState.RUNNING}
        await engine.cancel_run(run.id)
