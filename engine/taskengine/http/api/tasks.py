"""Tasks: what there is to run, how each stands, and whether its schedules fire."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from taskengine.client.views import SourceView, TaskStatus, TaskView
from taskengine.client.wire.messages import LeftOut
from taskengine.errors import FieldFault, TaskNotFound
from taskengine.http.api.context import ApiContext
from taskengine.http.api.lean import lean
from taskengine.http.api.operation import Operations
from taskengine.http.api.parameters import Body, Query, Words
from taskengine.records import PastFire, TaskStatistics
from taskengine.run import Payload

tasks = Operations("tasks")

_NEXT_FIRES = 10


class ListedTask(msgspec.Struct, frozen=True, kw_only=True):
    """A task, and how it stands. Of the runs in `status`, what is large is left out: `left_out`
    says what, by their numbers.
    """

    view: TaskView
    status: TaskStatus
    statistics: TaskStatistics
    left_out: Mapping[int, LeftOut] = msgspec.field(default_factory=dict)


class ShownTask(ListedTask, frozen=True, kw_only=True):
    """The same, with the next instants at which a schedule of it fires."""

    next_fires: tuple[datetime, ...]


class TaskList(msgspec.Struct, frozen=True, kw_only=True):
    """All tasks, by name."""

    tasks: tuple[ListedTask, ...]


class PayloadList(msgspec.Struct, frozen=True, kw_only=True):
    """Payloads that a task was given, each once, the latest first."""

    payloads: Sequence[Payload]


class PastFireList(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a task's fires, the latest first."""

    fires: Sequence[PastFire]


class FaultList(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a payload; nothing, if it will do."""

    faults: Sequence[FieldFault]


class LatestQuery(Query, frozen=True, kw_only=True):
    """How many."""

    limit: Annotated[int, Meta(ge=1, le=1_000)] = 50


class PayloadToCheck(Body, frozen=True, kw_only=True):
    """A payload."""

    payload: Payload


class Pause(Body, frozen=True, kw_only=True):
    """Why."""

    reason: Words = ""


@tasks.get("/tasks")
async def list_tasks(api: ApiContext) -> TaskList:
    """All tasks, by name, and how each stands."""
    return await asyncio.to_thread(_all_tasks, api)


@tasks.get("/tasks/{name}")
async def show_task(api: ApiContext, name: str) -> ShownTask:
    """One task, how it stands, and its next fires."""
    return await asyncio.to_thread(_one_task, api, name)


@tasks.get("/tasks/{name}/source")
async def show_source(api: ApiContext, name: str) -> SourceView:
    """The file that a task comes from, as it is now."""
    return await api.handle.source(name)


@tasks.get("/tasks/{name}/payloads")
async def list_payloads(api: ApiContext, name: str, query: LatestQuery) -> PayloadList:
    """The payloads that a task was given last, each once, the latest first."""
    payloads = await api.handle.past_payloads(name, query.limit)
    if not payloads:
        _expect(api, name)
    return PayloadList(payloads=payloads)


@tasks.get("/tasks/{name}/fires")
async def list_past_fires(api: ApiContext, name: str, query: LatestQuery) -> PastFireList:
    """What became of a task's latest fires, the latest first."""
    fires = await api.handle.past_fires(name, query.limit)
    if not fires:
        _expect(api, name)
    return PastFireList(fires=fires)


@tasks.post("/tasks/{name}/check")
async def check_payload(api: ApiContext, name: str, body: PayloadToCheck) -> FaultList:
    """What is wrong with a payload, by the type that a task names for it. Runs nothing."""
    _expect(api, name)
    return FaultList(faults=await api.handle.check_payload(name, body.payload))


@tasks.post("/tasks/{name}/pause")
async def pause_task(api: ApiContext, name: str, body: Pause) -> None:
    """Let a task's schedules fire no more; it can still be run."""
    await api.engine.pause(name, body.reason)


@tasks.post("/tasks/{name}/resume")
async def resume_task(api: ApiContext, name: str) -> None:
    """Let a task's schedules fire again."""
    if api.engine.pause_reason(name) is None:
        _expect(api, name)
    await api.engine.resume(name)


def _expect(api: ApiContext, name: str) -> None:
    """Raise TaskNotFound where there is no such task."""
    if name not in api.engine.catalog.entries:
        raise TaskNotFound(name)


def _all_tasks(api: ApiContext) -> TaskList:
    return TaskList(tasks=tuple(_listed(api, view) for view in api.handle.tasks()))


def _one_task(api: ApiContext, name: str) -> ShownTask:
    view = api.handle.task(name)
    if view is None:
        raise TaskNotFound(name)
    listed = msgspec.structs.asdict(_listed(api, view))
    return ShownTask(**listed, next_fires=tuple(api.handle.next_fires(name, _NEXT_FIRES)))


def _listed(api: ApiContext, view: TaskView) -> ListedTask:
    status = api.handle.task_status(view.name)
    runs = [lean(run) for run in (*status.active, *filter(None, (status.last,)))]
    lean_runs = {run.id: run for run, _, _ in runs}
    left_out = {run.id: parts for run, parts, _ in runs if parts}
    last = status.last and lean_runs[status.last.id]
    active = tuple(lean_runs[run.id] for run in status.active)
    return ListedTask(
        view=view,
        status=replace(status, active=active, last=last),
        statistics=api.handle.statistics(view.name),
        left_out=left_out,
    )
