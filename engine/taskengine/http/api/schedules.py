"""Runs to come: of schedules, put off, or missed; and whether anything fires at all."""

import asyncio
import heapq
from collections.abc import Sequence
from itertools import islice
from typing import Annotated

import msgspec
from msgspec import Meta

from taskengine.client.views import Fire
from taskengine.errors import TaskNotFound
from taskengine.http.api.context import ApiContext
from taskengine.http.api.operation import Operations
from taskengine.http.api.parameters import Body, Number, Query
from taskengine.run import DelayedRun, MissedFires, Run, Trigger

schedules = Operations("schedules")


class AgendaQuery(Query, frozen=True, kw_only=True):
    """How many, and of which task; of all, if none is named."""

    count: Annotated[int, Meta(ge=1, le=10_000)] = 100
    task: str | None = None


class Agenda(msgspec.Struct, frozen=True, kw_only=True):
    """Runs to come, in order."""

    fires: Sequence[Fire]


class DelayedRunList(msgspec.Struct, frozen=True, kw_only=True):
    """The runs that were put off and have not begun, the next one first."""

    delayed: Sequence[DelayedRun]


class MissedFiresList(msgspec.Struct, frozen=True, kw_only=True):
    """The fires that passed unfired and were not made up for, in the order they came."""

    missed: Sequence[MissedFires]


class Cancelled(msgspec.Struct, frozen=True, kw_only=True):
    """Whether there was still something to stop."""

    cancelled: bool


class Dismissed(msgspec.Struct, frozen=True, kw_only=True):
    """Whether they were still kept."""

    dismissed: bool


class Scheduling(Body, frozen=True, kw_only=True):
    """Whether schedules fire."""

    on: bool


@schedules.get("/agenda")
async def list_agenda(api: ApiContext, query: AgendaQuery) -> Agenda:
    """The next runs to come, of schedules and delayed ones, paused or not, in order."""
    if query.task is not None and query.task not in api.engine.catalog.entries:
        raise TaskNotFound(query.task)
    return Agenda(fires=await asyncio.to_thread(_agenda, api, query.task, query.count))


@schedules.get("/delayed")
async def list_delayed(api: ApiContext) -> DelayedRunList:
    """The runs that were put off and have not begun, the next one first."""
    return DelayedRunList(delayed=api.handle.delayed_runs())


@schedules.delete("/delayed/{delayed_id}")
async def cancel_delayed(api: ApiContext, delayed_id: Number) -> Cancelled:
    """Call off a run that was put off."""
    return Cancelled(cancelled=await api.handle.cancel_delayed(delayed_id))


@schedules.get("/missed")
async def list_missed(api: ApiContext) -> MissedFiresList:
    """The fires that passed unfired and were not made up for, in the order they came."""
    return MissedFiresList(missed=api.handle.missed_fires())


@schedules.post("/missed/{missed_id}/run", status=201)
async def run_missed(api: ApiContext, missed_id: Number) -> Run:
    """Begin one run for missed fires, with the last one's scheduled time."""
    return await api.handle.run_missed(missed_id)


@schedules.delete("/missed/{missed_id}")
async def dismiss_missed(api: ApiContext, missed_id: Number) -> Dismissed:
    """Keep missed fires no longer."""
    return Dismissed(dismissed=await api.handle.dismiss_missed(missed_id))


@schedules.put("/scheduling")
async def set_scheduling(api: ApiContext, body: Scheduling) -> None:
    """Let schedules fire, or none of them."""
    await api.handle.set_scheduling(on=body.on)


def _agenda(api: ApiContext, task: str | None, count: int) -> Sequence[Fire]:
    if task is None:
        return api.handle.agenda(count)
    scheduled = (
        Fire(at=slot.due, task=task, kind=Trigger.SCHEDULE)
        for slot in api.engine.coming_fires(task)
    )
    delayed = (
        Fire(at=one.at, task=task, kind=Trigger.DELAYED)
        for one in api.handle.delayed_runs()
        if one.task == task
    )
    return tuple(islice(heapq.merge(scheduled, delayed, key=lambda fire: fire.at), count))
