"""What runs have written: ranges of lines, new ones as they come, and lines that hold a text."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Annotated, TypeAlias, cast

import msgspec
from msgspec import Meta
from starlette.exceptions import HTTPException
from starlette.requests import Request

from taskengine.client.wire.messages import Line
from taskengine.events import EngineState
from taskengine.http.api.context import ApiContext
from taskengine.http.api.excerpt import MOST_LINES, Excerpt, line_of, read_on, read_tail
from taskengine.http.api.finding import known_run, output_of
from taskengine.http.api.operation import Operations
from taskengine.http.api.parameters import LARGEST, Number, Query, Seconds, bad_call
from taskengine.http.closing import Closing
from taskengine.http.heard import while_heard
from taskengine.output import Output, OutputExtent

output = Operations("output")

_LOOK_FIRST, _LOOK_LAST = 0.03, 0.1  # seconds between two looks for new lines
_KNOWN_PARTIAL = 200
_SEARCH_SECONDS, _LONGEST_SEARCH = 2.0, 20.0

Look: TypeAlias = Callable[[], tuple[Output, bool]]
"""Gives an output, and whether it is over. May read files."""


class OutputQuery(Query, frozen=True, kw_only=True):
    """Which lines: those from `start` on, before `stop`; or the last ones, `tail` of them. `wait`:
    if there is no line from `start` on, wait so many seconds for one. `partial` is what the caller
    knows of the line that is not finished, or the last 200 characters of that: if it is otherwise,
    there is no wait. With `encoded`, each line is one string.
    """

    start: Number | None = None
    stop: Number | None = None
    tail: Annotated[int, Meta(ge=0, le=MOST_LINES)] | None = None
    wait: Seconds = 0.0
    partial: str | None = None
    encoded: bool = False


class OutputPart(msgspec.Struct, frozen=True, kw_only=True):
    """Lines without a gap between them, the first one's number, and what there is in all. They are
    strings if they were asked for as such: see `OutputLine.encode`. `partial` is the line that is
    not finished. `over`: there will be no more lines than `extent` says.
    """

    extent: OutputExtent
    start: int
    lines: Sequence[Line | str]
    partial: str
    over: bool


class SearchQuery(Query, frozen=True, kw_only=True):
    """Which text, whatever the case, from which line on, or back from there. The search ends with
    `limit` lines, or after two seconds if it has found any by then.
    """

    text: Annotated[str, Meta(min_length=1, max_length=1_000)]
    start: Number | None = None
    backwards: bool = False
    limit: Annotated[int, Meta(ge=1, le=10_000)] = 1_000


class FoundLines(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of lines, in the order of the search; `next` is where it goes on, if it does."""

    lines: list[int]
    next: int | None


@output.get("/runs/{run_id}/output")
async def show_run_output(
    api: ApiContext, run_id: Number, query: OutputQuery, request: Request
) -> OutputPart:
    """Lines that a run has written, 20,000 or about a megabyte of them at the most."""
    engine = api.engine

    def look() -> tuple[Output, bool]:
        run = known_run(engine, run_id)
        return output_of(engine, run), run.state.is_final

    return await _answer(api, query, look, request)


@output.get("/output")
async def show_engine_output(api: ApiContext, query: OutputQuery, request: Request) -> OutputPart:
    """Lines that were written by code that belongs to no run."""
    engine = api.engine

    def look() -> tuple[Output, bool]:
        return engine.output, engine.state is EngineState.STOPPED

    return await _answer(api, query, look, request)


@output.get("/runs/{run_id}/search")
async def search_run_output(api: ApiContext, run_id: Number, query: SearchQuery) -> FoundLines:
    """The numbers of the lines of a run that hold a text."""
    start = query.start
    if start is None:
        total = await asyncio.to_thread(_total_of, api, run_id)
        start = max(total - 1, 0) if query.backwards else 0
    found: list[int] = []
    try:
        async with asyncio.timeout(_LONGEST_SEARCH):
            is_whole = await _search(api, run_id, query, start, found)
    except TimeoutError:
        if not found:
            words = f"Nothing was found in {_LONGEST_SEARCH:g} s, and there are more lines"
            raise HTTPException(504, words) from None
        is_whole = False
    return _found(found, query, is_whole=is_whole)


async def _search(
    api: ApiContext, run_id: int, query: SearchQuery, start: int, found: list[int]
) -> bool:
    """Add what is found; True if there is nothing more to find."""
    await asyncio.to_thread(known_run, api.engine, run_id)
    began = time.monotonic()
    search = api.handle.search_output(run_id, query.text, start=start, backwards=query.backwards)
    async with aclosing(cast("AsyncGenerator[Sequence[int], None]", search)):
        async for numbers in search:
            found += numbers
            if len(found) > query.limit or time.monotonic() - began > _SEARCH_SECONDS:
                return False
    return True


def _found(found: list[int], query: SearchQuery, *, is_whole: bool) -> FoundLines:
    lines = found[: query.limit]
    if len(found) > query.limit:
        return FoundLines(lines=lines, next=found[query.limit])
    if is_whole or not lines:
        return FoundLines(lines=lines, next=None)
    after = lines[-1] + (-1 if query.backwards else 1)
    return FoundLines(lines=lines, next=after if after >= 0 else None)


def _total_of(api: ApiContext, run_id: int) -> int:
    found = api.engine.history.output(run_id)
    return found.extent.total if found else 0


async def _answer(api: ApiContext, query: OutputQuery, look: Look, request: Request) -> OutputPart:
    """What there is, or what there is when something has come."""
    if query.tail is not None and (query.start is not None or query.stop is not None):
        raise bad_call("`tail` goes without `start` and `stop`")
    if not query.wait:
        return await asyncio.to_thread(_part, query, look)
    coming = asyncio.ensure_future(_come(query, look, api.closings_for(request)))
    return await while_heard(coming, request)


async def _come(query: OutputQuery, look: Look, closings: Sequence[Closing]) -> OutputPart:
    """What there is when something has come, the time is up, or one of the `closings` begins."""
    loop = asyncio.get_running_loop()
    ends, pause = loop.time() + query.wait, _LOOK_FIRST
    part = await asyncio.to_thread(_part, query, look)
    known = part.partial if query.partial is None else query.partial
    while not (part.lines or part.over or _differ(part.partial, known)):
        left = ends - loop.time()
        if left <= 0 or any(one.has_begun for one in closings):
            break
        await asyncio.sleep(min(pause, left))
        pause = min(pause * 1.2, _LOOK_LAST)
        part = await asyncio.to_thread(_part, query, look)
    return part


def _part(query: OutputQuery, look: Look) -> OutputPart:
    written, is_over = look()
    partial = written.partial
    excerpt = _excerpt(written, query)
    return OutputPart(
        extent=excerpt.extent,
        start=excerpt.first,
        lines=excerpt.lines if query.encoded else list(map(line_of, excerpt.lines)),
        partial=partial,
        over=is_over,
    )


def _excerpt(written: Output, query: OutputQuery) -> Excerpt:
    if query.tail is not None:
        return read_tail(written, query.tail)
    return read_on(written, query.start or 0, LARGEST if query.stop is None else query.stop)


def _differ(partial: str, known: str) -> bool:
    return partial[-_KNOWN_PARTIAL:] != known[-_KNOWN_PARTIAL:]
