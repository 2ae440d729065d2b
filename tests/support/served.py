"""An engine that is served, and clients that call it as programs do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from support.events import Events
from support.project import Project
from taskengine import Engine
from taskengine.http.server import Server


@dataclass(frozen=True)
class Served:
    """A running engine and its server. `client` calls it over its unix socket."""

    engine: Engine
    server: Server
    events: Events
    client: httpx.AsyncClient

    def over_tcp(self, **options: Any) -> httpx.AsyncClient:
        """Another client, over the network; to be used as a context manager."""
        return httpx.AsyncClient(base_url=self.server.url, trust_env=False, timeout=20, **options)


@asynccontextmanager
async def served(project: Project, **options: Any) -> AsyncIterator[Served]:
    """A live engine of a project with a server, whose `options` these are; `port=0` for TCP."""
    engine = Engine(project.root)
    events = Events(engine)
    async with engine, serving(engine, **options) as server, socket_client(server) as client:
        await events.live()
        yield Served(engine, server, events, client)


@asynccontextmanager
async def serving(engine: Engine, **options: Any) -> AsyncIterator[Server]:
    """A server of an engine that was started."""
    server = Server(engine, **options)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


def socket_client(server: Server) -> httpx.AsyncClient:
    """A client over a server's unix socket; to be used as a context manager."""
    assert server.socket, "the server has no socket"
    transport = httpx.AsyncHTTPTransport(uds=str(server.socket))
    return httpx.AsyncClient(transport=transport, base_url="http://engine", timeout=20)
