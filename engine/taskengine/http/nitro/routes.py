"""Nitro's own routes: the list of tasks, and a task's run.

As in the dev server of nitropack 2.13 (src/presets/_nitro/runtime/nitro-dev.ts) and nitro 3.0
(src/runtime/internal/routes/dev-tasks.ts). Where these would run a task with a payload that nobody
wrote, or by a method that only asks, nothing runs here.
"""

import asyncio
from collections.abc import Sequence

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from taskengine.http.answers import error_answer, json_answer
from taskengine.http.context import ServedEngine
from taskengine.http.heard import while_heard
from taskengine.http.nitro.call_body import payload_in
from taskengine.http.nitro.scheduled_tasks import scheduled_tasks
from taskengine.http.payloads import ready_payload
from taskengine.project.catalog import CatalogEntry
from taskengine.run import Payload, Run

TASKS = "/_nitro/tasks"
RUN_HEADER = "taskconsole-run"
JOINED_HEADER = "taskconsole-joined"


def nitro_routes(served: ServedEngine) -> Sequence[BaseRoute]:
    """Nitro's routes for the tasks of an engine."""
    calls = _Calls(served)
    return (
        Route(TASKS, calls.list),
        Route(f"{TASKS}/", calls.list),
        Route(f"{TASKS}/{{name:path}}", calls.run, methods=["GET", "POST"]),
    )


class _Calls:
    def __init__(self, served: ServedEngine) -> None:
        self._served = served
        self._engine = served.engine

    async def list(self, request: Request) -> Response:  # noqa: ARG002 - all that a route is given
        """All tasks with their descriptions, and which of them fire by which expression."""
        catalog = self._engine.catalog
        tasks = {name: _described(entry) for name, entry in catalog.entries.items()}
        return json_answer(
            {"tasks": tasks, "scheduledTasks": scheduled_tasks(catalog.schedules) or False}
        )

    async def run(self, request: Request) -> Response:
        """Run a task and answer with its result. Whoever goes away before does not stop it."""
        name: str = request.path_params["name"]
        in_full = await self._payload(request, name)
        payload = await ready_payload(in_full, len(await request.body()))
        begun: list[Run] = []
        call = asyncio.ensure_future(self._engine.run_task(name, payload, on_begun=begun.append))
        try:
            result = await while_heard(call, request, lambda: bool(begun))
            answer = json_answer({"result": result})
        except asyncio.CancelledError:
            raise
        except ClientDisconnect:
            return Response()
        except BaseException as error:  # noqa: BLE001 - a task may raise anything
            near = self._served.is_near(request)
            answer = error_answer(request.url.path, error, tells_stack=near)
        if begun:
            answer.headers.update(_headers(begun[0]))
        return answer

    async def _payload(self, request: Request, name: str) -> Payload:
        """The query's parameters, overwritten key by key by the body's payload."""
        in_body, in_query = payload_in(await request.body()), _query(request)
        if not in_query:
            return in_body
        await self._engine.when_loaded(name)
        entry = self._engine.catalog.entries.get(name)
        if entry is None or entry.payload_type is None:
            return {**in_query, **in_body}
        # On a thread of its own, for a type may run users' code.
        typed = await asyncio.to_thread(entry.payload_type.from_query, in_query)
        return {**typed, **in_body}


def _described(entry: CatalogEntry) -> dict[str, object]:
    """Nitro's answer has the description; its own command line looks for it in `meta`."""
    return {"description": entry.description, "meta": {"description": entry.description}}


def _query(request: Request) -> dict[str, str | list[str]]:
    """The parameters, those that are repeated as lists."""
    if not request.scope["query_string"]:
        return {}
    query = request.query_params
    given = {name: query.getlist(name) for name in query}
    return {name: values[0] if len(values) == 1 else values for name, values in given.items()}


def _headers(run: Run) -> dict[str, str]:
    """Which run it is, and whether it was going on already: then its payload may be another."""
    told = {RUN_HEADER: str(run.id)}
    if run.joined:
        told[JOINED_HEADER] = "same payload" if run.joined[-1].payload_used else "payload not used"
    return told
