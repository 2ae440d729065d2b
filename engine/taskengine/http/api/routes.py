"""The routes of our own interface."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from taskengine.client.wire.form import to_json
from taskengine.http.api.context import ApiContext
from taskengine.http.api.event_log import EventLog
from taskengine.http.api.events import events
from taskengine.http.api.example import example
from taskengine.http.api.health import health
from taskengine.http.api.kept import kept
from taskengine.http.api.openapi import openapi
from taskengine.http.api.operation import Operation, Operations
from taskengine.http.api.output import output
from taskengine.http.api.path_route import PathRoute
from taskengine.http.api.runs import runs
from taskengine.http.api.schedules import schedules
from taskengine.http.api.state import States
from taskengine.http.api.tasks import tasks
from taskengine.http.context import ServedEngine

PREFIX = "/api/v1"
document = Operations("engine")


@document.get("/openapi.json")
async def show_document(
    api: ApiContext,  # noqa: ARG001 - the same for all engines
    request: Request,
) -> Response:
    """This document."""
    root: str = request.scope.get("root_path", "")
    return Response(await asyncio.to_thread(_document, root), media_type="application/json")


@lru_cache(maxsize=8)  # it is seldom mounted at more than one place
def _document(root: str) -> bytes:
    return to_json(openapi(OPERATIONS, PREFIX, root))


OPERATIONS = tuple(chain(health, document, events, tasks, example, runs, output, schedules, kept))
"""All that can be called, by subject."""


def api_routes(served: ServedEngine, log: EventLog | None = None) -> Sequence[BaseRoute]:
    """The routes that call an engine. `log` is where its streams read, if it is not to be new."""
    engine, handle = served.engine, served.handle
    api = ApiContext(
        engine=engine,
        handle=handle,
        closing=served.closing,
        log=log or EventLog(engine),
        states=States(engine, handle),
    )
    return [_route(api, path, by_method) for path, by_method in _by_path()]


def _by_path() -> Iterator[tuple[str, Mapping[str, Operation]]]:
    for path in dict.fromkeys(one.path for one in OPERATIONS):
        yield path, {one.method: one for one in OPERATIONS if one.path == path}


def _route(api: ApiContext, path: str, by_method: Mapping[str, Operation]) -> PathRoute:
    name = " ".join(one.name for one in by_method.values())
    return PathRoute(PREFIX + path, _endpoint(api, by_method), tuple(by_method), name)


def _endpoint(
    api: ApiContext, by_method: Mapping[str, Operation]
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await by_method[request.method].call(api, request)

    return endpoint
