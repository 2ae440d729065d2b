"""A stream whose caller has hung up is over, under any server and on any loop."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from support.event_stream import event_stream
from support.project import Project
from taskengine import Engine
from taskengine.client.local import LocalHandle
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
