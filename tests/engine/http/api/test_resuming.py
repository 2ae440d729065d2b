"""A stream that is cut goes on where it was cut: nothing is lost, and nothing comes twice."""

import asyncio
import contextlib
import random
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from support.event_stream import (
    EventStream,
    Message,
    Reader,
    event_stream,
    inner_stream,
    lines_of,
    raw_pieces,
)
from support.project import Project
from support.served import Served, served
from taskengine import Engine
from taskengine.history.memory import MemoryHistory
from taskengine.http.api.event_log import EventLog
from taskengine.http.api.place import MOST_SAID, Place

SOON = 60.0


async def test_a_stream_that_is_cut_again_and_again_is_as_one_that_is_not(here: Served) -> None:
    await check_cuts(here, runs=60, cuts=25)


async def test_it_is_so_too_where_ids_are_too_short_for_all_places(
    here: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taskengine.http.api.follow.MOST_SAID", 0)
    await check_cuts(here, runs=30, cuts=15)


@pytest.mark.slow
@pytest.mark.parametrize("most_said", [MOST_SAID, 1, 0])
async def test_a_stream_that_is_cut_very_often_is_as_one_that_is_not(
    here: Served, monkeypatch: pytest.MonkeyPatch, most_said: int
) -> None:
    monkeypatch.setattr("taskengine.http.api.follow.MOST_SAID", most_said)
    await check_cuts(here, runs=400, cuts=200)


async def check_cuts(here: Served, *, runs: int, cuts: int) -> None:
    """Let runs go on steadily while one client reads all, and another is cut at any byte."""
    chance = random.Random(20260301)
    async with (
        event_stream(here.client, "?output=all") as whole,
        event_stream(here.client, "?output=all") as first,
    ):
        [begin] = [await whole.until("State")]
        state = await first.until("State")
        assert begin.id == state.id
        is_cut_enough = asyncio.Event()
        running = asyncio.create_task(steady_runs(here, runs, is_cut_enough))
        reading = asyncio.create_task(read_to_the_end(whole))
        pieces = [state]
        for _ in range(cuts):
            pieces += await read_some(here.client, pieces[-1].id, chance.randrange(1, 6_000))
        is_cut_enough.set()
        await asyncio.gather(running, reading)
    async with event_stream(here.client, "?output=all", pieces[-1].id) as rest:
        if pieces[-1].id != whole.last_id:
            while (await rest.next()) and rest.last_id != whole.last_id:
                pass
    pieces += rest.seen

    assert [one for one in pieces if one.name == "State"] == [state]
    assert events_of(pieces) == events_of(whole.seen)
    for run in {one.event["run"]["id"] for one in pieces if one.name == "RunEnded"}:
        assert lines_of(pieces, run) == lines_of(whole.seen, run)


async def steady_runs(here: Served, count: int, is_enough: asyncio.Event) -> None:
    """Runs of a few kinds, some at a time, so many and on until it is enough; when the last one has
    begun, scheduling ends.
    """
    number = 0
    while number < count or not is_enough.is_set():
        if number % 3:
            begun = await here.engine.start_run("lines", {"count": number % 7 * 9, "n": number})
            await here.engine.wait(begun.id)
        else:
            await here.engine.start_run("echo", {"n": number})
        number += 1
    await here.engine.set_scheduling(on=False)


async def read_to_the_end(stream: EventStream) -> None:
    """Read until the last run has begun, and all have ended."""
    going_on: set[int] = set()
    have_begun = False
    while going_on or not have_begun:
        message = await stream.next()
        assert message
        if message.name == "RunQueued":
            going_on.add(message.event["run"]["id"])
        if message.name == "RunEnded":
            going_on.discard(message.event["run"]["id"])
        have_begun = have_begun or message.name == "SchedulingChanged"


async def read_some(client: httpx.AsyncClient, last_id: str, count: int) -> list[Message]:
    """What comes whole within so many bytes, or in a moment, before the connection is cut."""
    found: list[Message] = []
    reader = Reader()
    headers = {"Last-Event-ID": last_id}
    url = "/api/v1/events?output=all"
    async with (
        client.stream("GET", url, headers=headers) as response,
        raw_pieces(response, 97) as pieces,
    ):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.2):
                async for piece in pieces:
                    found += reader.feed(piece[:count])
                    count -= len(piece)
                    if count <= 0:
                        break
    return found


def events_of(messages: list[Message]) -> list[tuple[str, str]]:
    return [(one.name, one.text) for one in messages if one.name not in {"State", "Lines"}]


async def test_a_stream_of_many_runs_has_short_ids(project: Project) -> None:
    await check_many(project, 150)


@pytest.mark.slow
async def test_a_stream_of_very_many_runs_has_short_ids(project: Project) -> None:
    await check_many(project, 3_000)


async def check_many(project: Project, count: int) -> None:
    """Let runs go on that have all written something, and cut their stream in the middle."""
    project.write("taskconsole.toml", "stop_grace = 0\n")
    project.write("tasks/goes_on.py", GOES_ON)
    project.task("opens.py", "import tasks.goes_on\ntasks.goes_on.gate.set()")
    async with served(project) as here:
        query = "?output=all"
        async with event_stream(here.client, query) as stream:
            await stream.until("State")
            runs = {(await here.engine.start_run("goes_on")).id for _ in range(count)}
            begun = len(await read_lines(stream, count))
            await here.engine.run_task("opens")
            await read_lines(stream, count)
        before = stream.seen[: (begun + len(stream.seen)) // 2]
        async with event_stream(here.client, query, before[-1].id) as stream_again:
            resumed = await read_lines(stream_again, 2 * count - len(numbers_of(before)))
        lost = re.sub("@.*", "@99.1", stream.last_id)
        async with event_stream(here.client, query, lost) as anew:
            await anew.until("State")
            told_anew = await read_lines(anew, 2 * count)

    assert "@" in stream.last_id
    assert max(len(one.id) for one in stream.seen) < 4_000
    assert [one for one in resumed if one.name == "State"] == []
    expected = sorted((run, number) for run in runs for number in (0, 1))
    assert sorted(numbers_of([*before, *resumed])) == expected
    assert sorted(numbers_of(told_anew)) == expected


async def read_lines(stream: EventStream, count: int) -> list[Message]:
    """What comes until so many lines have come."""
    while count > 0:
        message = await stream.next()
        assert message
        count -= len(numbers_of([message]))
    return stream.seen


def numbers_of(messages: list[Message]) -> list[tuple[int, int]]:
    """The lines that came: which run's, and their numbers."""
    told = (one.data for one in messages if one.name == "Lines")
    return [(one["run"], one["start"] + at) for one in told for at in range(len(one["lines"]))]


GOES_ON = """
import asyncio
from taskengine import task

gate = asyncio.Event()

@task(concurrency="parallel")
async def run(event):
    print("first")
    await gate.wait()
    print("second")
    await asyncio.Event().wait()
"""

NO_PLACES = ["x", "deadbeef-1.5", "deadbeef-1.5/1:2", "1.5/1:2,", "." * 20_000, "-1", "0-0.0/"]


async def test_an_id_that_says_nothing_gets_the_state(here: Served) -> None:
    async with event_stream(here.client) as stream:
        now = (await stream.until("State")).id
        mark, _, number = now.partition(".")
        for last_id in (*NO_PLACES, f"{mark}.{int(number) + 1}"):
            async with event_stream(here.client, "", last_id) as other:
                first = await other.next()
            assert first
            assert (first.name, first.id) == ("State", now)


async def test_lines_go_on_in_another_log_but_not_in_another_history(project: Project) -> None:
    project.task("lines.py", "for n in range(9): print(n)")
    wanted: dict[str, Any] = {"run": 1, "outputs": frozenset({1})}
    async with Engine(project.root, history=MemoryHistory()) as engine:
        await engine.run_task("lines")
        log = EventLog(engine)
        earlier = Place(f"{mark_of(log)}-7", 0, {1: 4})
        async with inner_stream(engine, log, **wanted, resumes=earlier) as stream:
            resumed = lines_of(await stream.rest(), 1)
    async with Engine(project.root, history=MemoryHistory()) as other:
        await other.run_task("lines")
        async with inner_stream(other, **wanted, resumes=earlier) as stream:
            anew = lines_of(await stream.rest(), 1)

    assert list(resumed) == list(range(4, 9))
    assert list(anew) == list(range(9))


def mark_of(log: EventLog) -> str:
    with log.reading() as reading:
        return reading.mark.partition("-")[0]


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON):
        while not condition():  # noqa: ASYNC110 - there is nothing to wait for
            await asyncio.sleep(0.01)


async def test_nothing_is_kept_when_the_last_client_has_been_gone_for_a_while(
    here: Served,
) -> None:
    log = EventLog(here.engine, linger=0.02)
    assert not log.is_kept
    async with inner_stream(here.engine, log) as stream:
        await stream.until("State")
        await here.engine.run_task("echo")
        await stream.until("RunEnded")
        assert (log.is_kept, log.clients) == (True, 1)
    await eventually(lambda: not log.is_kept)
    place = Place.read(stream.last_id)
    async with inner_stream(here.engine, log, resumes=place) as again:
        first = await again.next()

    assert first
    assert first.name == "State"
    assert log.clients == 0


async def test_a_client_that_comes_back_in_time_finds_what_came_meanwhile(here: Served) -> None:
    async with event_stream(here.client) as stream:
        last = (await stream.until("State")).id
    await here.engine.run_task("echo")
    async with event_stream(here.client, "", last) as again:
        await again.until("RunEnded")

    assert [one.name for one in again.seen] == ["RunQueued", "RunStarted", "RunEnded"]


async def test_a_client_that_has_fallen_behind_gets_the_state(here: Served) -> None:
    log = EventLog(here.engine, max_events=10)
    async with inner_stream(here.engine, log, all_outputs=True) as stream:
        await stream.until("State")
        for number in range(20):
            await here.engine.run_task("echo", {"n": number})
        state = await stream.until("State")
        await here.engine.run_task("echo", {"n": 20})
        await stream.until("RunEnded")

    assert state.data["standings"]["echo"]["statistics"]["counts"] == {"done": 20}
    told = [one.event["run"]["id"] for one in stream.seen if one.name == "RunEnded"]
    assert told[-1] == 21
    assert len(told) < 10
    assert lines_of(stream.seen, 21) == {0: "echo"}


async def test_large_events_drive_out_others_by_their_size(here: Served) -> None:
    log = EventLog(here.engine, max_bytes=200_000)
    with log.reading() as reading:
        for number in range(12):
            await here.engine.run_task("echo", {"n": number, "text": "x" * 50_000})
        kept = reading.take(0, 1_000)

    assert 0 < sum(entry.size for entry in kept) <= 200_000
    assert not reading.has(0)
    assert reading.has(reading.end)
