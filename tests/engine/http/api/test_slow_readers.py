"""Whoever reads slowly, or not at all, holds up nobody, and gets what there is when he reads on."""

import asyncio

import pytest

from support.event_stream import event_stream, inner_stream, lines_of
from support.served import Served
from taskengine.events import RunEnded
from taskengine.http.api.event_log import MAX_EVENTS, EventLog
from taskengine.http.api.excerpt import MOST_LINES


async def test_runs_go_on_while_a_client_does_not_read(here: Served) -> None:
    async with event_stream(here.client) as stream:
        for number in range(40):  # some 7 MB of events: far more than sockets hold
            await here.engine.run_task("echo", {"n": number, "text": "x" * 60_000})
        await stream.until("RunEnded", lambda data: data["event"]["run"]["payload"]["n"] == 39)

    names = [one.name for one in stream.seen]
    assert names == ["State", *["RunQueued", "RunStarted", "RunEnded"] * 40]


@pytest.mark.slow
async def test_a_client_that_did_not_read_for_long_gets_the_state(here: Served) -> None:
    runs = MAX_EVENTS // 2
    async with event_stream(here.client) as stream:
        for number in range(runs):
            await here.engine.run_task("echo", {"n": number, "text": "x" * 2_000})
        await stream.until("State")
        state = await stream.until("State")
        await here.engine.run_task("echo", {"n": runs})
        await stream.until("RunEnded", lambda data: data["event"]["run"]["payload"]["n"] == runs)

    assert state.data["standings"]["echo"]["statistics"]["counts"] == {"done": runs}
    assert len(here.events.of(RunEnded)) == runs + 1


async def test_a_stream_of_one_run_ends_though_its_reader_slept_through_the_end(
    here: Served,
) -> None:
    run = await here.engine.start_run("waits")
    log = EventLog(here.engine, max_events=10)
    async with inner_stream(here.engine, log, run=run.id, outputs=frozenset({run.id})) as stream:
        await stream.until("Lines")
        await here.engine.cancel_run(run.id)
        await here.engine.wait(run.id)
        for number in range(10):
            await here.engine.run_task("echo", {"n": number})
        await stream.rest()

    assert lines_of(stream.seen, run.id) == {0: "begun"}


async def test_a_flood_of_lines_comes_in_pieces_while_others_are_served(here: Served) -> None:
    await check_flood(here, lines=30_000)


@pytest.mark.slow
async def test_a_long_flood_of_lines_comes_in_pieces_while_others_are_served(
    here: Served,
) -> None:
    await check_flood(here, lines=400_000)


async def check_flood(here: Served, *, lines: int) -> None:
    """One client follows, one has asked to and reads nothing, and runs go on beside them."""
    async with (
        event_stream(here.client, "?output=all") as reading,
        event_stream(here.client, "?output=all"),
    ):
        await reading.until("State")
        run = await here.engine.start_run("lines", {"count": lines})
        beside = asyncio.create_task(run_often(here, run.id))
        await reading.until("RunEnded", lambda data: data["event"]["run"]["id"] == run.id)
        await here.engine.wait(run.id)
        await beside

    told = [one for one in reading.seen if one.name == "Lines"]
    found = lines_of(told, run.id)
    assert max(len(one.data["lines"]) for one in told) <= MOST_LINES
    assert list(found) == list(range(lines))
    assert all(text == f"line {number}" for number, text in found.items())


async def run_often(here: Served, until: int) -> None:
    """Let runs of another task go on until a run is over."""
    while not any(event.run.id == until for event in here.events.of(RunEnded)):
        assert await here.engine.run_task("echo", {"a": 1}) == {"a": 1}
