"""Runs: begun, looked for, looked at, waited for and stopped."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta
from starlette.requests import Request

from taskengine.client.run_text import text_fault
from taskengine.errors import EngineNotRunning
from taskengine.http.api.context import ApiContext
from taskengine.http.api.finding import known_run
from taskengine.http.api.operation import Operations
from taskengine.http.api.parameters import (
    Body,
    Instant,
    Number,
    Query,
    Seconds,
    Words,
    bad_call,
)
from taskengine.http.api.schedules import Cancelled
from taskengine.http.closing import Closing
from taskengine.http.heard import while_heard
from taskengine.http.payloads import ready_payload
from taskengine.records import RunPage, RunQuery
from taskengine.run import DelayedRun, Payload, Run, RunState, Trigger

runs = Operations("runs")

Cause: TypeAlias = Literal["api", "manual", "cli"]


class RunToStart(Body, frozen=True, kw_only=True):
    """Which task to run and with what. `trigger` is for the record; it is `api` unless a person
    asked. With `at` the run is put off until then.
    """

    task: str
    payload: Payload = msgspec.field(default_factory=dict)
    trigger: Cause | None = None
    at: Instant | None = None


class RunsQuery(Query, frozen=True, kw_only=True):
    """Which runs; every part that is given must hold, and one of several `state`s or `trigger`s.
    `since` (inclusive) and `until` (exclusive) bound the instant at which a run was asked for.
    `text`: every word of it begins a word of the payload, the result or the error. `before` is
    where the next page begins, as the one before it says.
    """

    task: str | None = None
    state: list[RunState] = msgspec.field(default_factory=list)
    trigger: list[Trigger] = msgspec.field(default_factory=list)
    since: Instant | None = None
    until: Instant | None = None
    text: Words = ""
    before: Number | None = None
    limit: Annotated[int, Meta(ge=1, le=1_000)] = 100


class RunWaitQuery(Query, frozen=True, kw_only=True):
    """For how many seconds to wait for the run's end."""

    wait: Seconds = 0.0


@runs.post("/runs", status=201)
async def start_run(api: ApiContext, body: RunToStart, request: Request) -> Run | DelayedRun:
    """Begin a run, or join the one that goes on, and answer at once.

    A call that joined a run gets that run, whose `joined` ends with the call. With `at` the run is
    put off.
    """
    if body.at is not None and body.trigger is not None:
        raise bad_call("`trigger` goes without `at`: a run that was put off begins as `delayed`")
    payload = await ready_payload(body.payload, len(await request.body()))
    if body.at is None:
        trigger = Trigger(body.trigger or Trigger.API)
        return await api.engine.start_run(body.task, payload, trigger=trigger)
    return await api.engine.run_at(body.at, body.task, payload)


@runs.get("/runs")
async def list_runs(api: ApiContext, query: RunsQuery) -> RunPage:
    """Runs in short, newest first, a page at a time.

    Every part of the query must hold. Every word of `text` begins a word of the payload, the result
    or the error; a word is a row of letters and digits, and a text without one is refused.
    """
    if fault := text_fault(query.text):
        raise bad_call(f"`text` {fault}")
    wanted = RunQuery(
        task=query.task,
        states=frozenset(query.state),
        triggers=frozenset(query.trigger),
        since=query.since,
        until=query.until,
        text=query.text,
    )
    return await api.handle.runs(wanted, before=query.before, limit=query.limit)


@runs.get("/runs/{run_id}")
async def show_run(api: ApiContext, run_id: Number, query: RunWaitQuery, request: Request) -> Run:
    """A run, whole. With `wait` it answers when the run is over, or the time is up."""
    run = await asyncio.to_thread(known_run, api.engine, run_id)
    if not query.wait or run.state.is_final:
        return run
    closings = api.closings_for(request)
    waiting = asyncio.ensure_future(_in_time(api.engine.wait(run_id), query.wait, closings))
    if over := await while_heard(waiting, request):
        return over
    return await asyncio.to_thread(known_run, api.engine, run_id)


@runs.post("/runs/{run_id}/cancel")
async def cancel_run(api: ApiContext, run_id: Number) -> Cancelled:
    """Ask a run to stop. To ask a second time kills it, if it has a process of its own."""
    await asyncio.to_thread(known_run, api.engine, run_id)
    return Cancelled(cancelled=await api.handle.cancel_run(run_id))


@runs.post("/runs/{run_id}/rerun", status=201)
async def rerun(api: ApiContext, run_id: Number) -> Run:
    """Run a task again with the payload of an earlier run."""
    return await api.handle.rerun(run_id)


async def _in_time(
    work: Coroutine[Any, Any, Run], seconds: float, closings: Iterable[Closing]
) -> Run | None:
    """What a wait comes to, unless the time is up before, or one of the `closings` begins."""
    waiting = asyncio.ensure_future(work)
    parts = (waiting, *(asyncio.ensure_future(one.wait()) for one in closings))
    try:
        await asyncio.wait(parts, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return waiting.result() if waiting.done() else None
    except EngineNotRunning:  # nothing changes any more
        return None
    finally:
        for part in parts:
            part.cancel()
        await asyncio.gather(*parts, return_exceptions=True)
