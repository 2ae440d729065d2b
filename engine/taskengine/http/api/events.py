"""The stream of events."""

import asyncio
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from taskengine.http.api.context import ApiContext
from taskengine.http.api.finding import known_run
from taskengine.http.api.operation import Operations
from taskengine.http.api.parameters import Number, Query
from taskengine.http.api.place import Place
from taskengine.http.api.stream import Wanted, messages
from taskengine.http.api.stream_response import StreamResponse

events = Operations("events")

_MOST_OUTPUTS = 100


class EventsQuery(Query, frozen=True, kw_only=True):
    """`output`: lines of these runs too, or of `all`. `run`: only what happens to this run."""

    output: Annotated[list[Number | Literal["all"]], Meta(max_length=_MOST_OUTPUTS)] = (
        msgspec.field(default_factory=list)
    )
    run: Number | None = None


@events.stream("/events")
async def follow_events(api: ApiContext, query: EventsQuery, request: Request) -> Response:
    """All that happens, as server-sent events.

    The first message is a `State`, or what came after the one that `Last-Event-ID` names. With
    `run` there is no state, and the stream ends when the run is over and all of it is told.
    """
    named = frozenset(one for one in query.output if one != "all")
    wants_all = "all" in query.output
    if query.run is not None:
        named, wants_all = (frozenset({query.run}) if query.output else frozenset()), False
    resumes = Place.read(request.headers.get("last-event-id", ""))
    for run in named if resumes is None else ():  # later on, runs may be kept no more
        await asyncio.to_thread(known_run, api.engine, run)
    wanted = Wanted(
        run=query.run,
        outputs=named,
        all_outputs=wants_all,
        resumes=resumes,
    )
    chunks = messages(api, wanted)
    first = await anext(chunks, None)
    if first is None:  # 204 tells an EventSource not to come back
        return Response(status_code=204)
    closing, shut = api.closings_for(request)
    return StreamResponse(first, chunks, closing=closing, shut=shut, hurry=api.log.wake)
