"""The event stream: the state first, then all that happens, with the lines that are followed."""

import asyncio

import httpx

from support.event_stream import Message, event_stream, inner_stream, lines_of
from support.project import Project
from support.served import Served, served
from taskengine.client.local import LocalHandle
from taskengine.client.wire.form import from_json
from taskengine.client.wire.messages import State, Telling
from taskengine.events import EngineState, RunEnded, RunStarted
from taskengine.run import RunState


async def test_the_state_is_what_a_screen_knows(here: Served) -> None:
    await here.engine.run_task("echo", {"a": 1})
    await here.engine.pause("echo", "why not")
    waits = await here.engine.start_run("waits", {"text": "x" * 100_000})
    await here.events.next(RunStarted, lambda event: event.run.id == waits.id)
    async with event_stream(here.client) as stream:
        first = await stream.next()
    assert first
    assert first.name == "State"

    state = from_json(first.text, State)
    handle = LocalHandle(here.engine)

    assert state.tasks == tuple(handle.tasks())
    assert [run.id for run in state.active] == [waits.id]
    assert (state.active[0].payload, state.left_out) == ({}, {waits.id: ("payload",)})
    assert state.problems == tuple(handle.problems())
    assert state.status.state is EngineState.LIVE
    echo, told = handle.task_status("echo"), state.standings["echo"]
    assert (told.last, told.outcomes) == (echo.last, echo.outcomes)
    assert (told.paused, told.pause_reason) == (True, "why not")
    assert told.statistics == handle.statistics("echo")
    assert set(state.standings) == {view.name for view in handle.tasks()}


async def test_what_happens_is_told_once_and_in_order(here: Served) -> None:
    async with event_stream(here.client) as stream:
        await stream.until("State")
        await here.engine.run_task("echo", {"n": 1})
        await stream.until("RunEnded")
        await here.engine.pause("echo", "x")
        await here.engine.resume("echo")
        delayed = await here.engine.run_after("1h", "echo")
        await here.engine.cancel_delayed(delayed.id)
        await here.engine.set_scheduling(on=False)
        here.engine.add(lambda event: None, "added")
        await stream.until("CatalogChanged")

    names = [message.name for message in stream.seen]
    assert names == [
        "State",
        "RunQueued",
        "RunStarted",
        "RunEnded",
        "SchedulePaused",
        "ScheduleResumed",
        "RunDelayed",
        "DelayedRunEnded",
        "SchedulingChanged",
        "CatalogChanged",
    ]
    tellings = {one.name: from_json(one.text, Telling) for one in stream.seen[1:]}
    end = tellings["RunEnded"]
    assert isinstance(event := end.unpack("RunEnded"), RunEnded)
    assert (event.run.state, event.run.payload) == (RunState.DONE, {"n": 1})
    assert end.outcomes == (RunState.DONE,)
    assert end.statistics
    assert end.statistics.total == 1
    assert (status := tellings["SchedulingChanged"].status)
    assert not status.scheduling
    assert [view.name for view in tellings["CatalogChanged"].tasks] == ["added"]
    assert list(tellings["CatalogChanged"].standings) == ["added"]
    numbers = [int(message.id.partition(".")[2]) for message in stream.seen]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


async def test_what_is_large_is_left_out_and_said_so(here: Served) -> None:
    async with event_stream(here.client) as stream:
        await stream.until("State")
        await here.engine.run_task("echo", {"text": "x" * 100_000})
        end = await stream.until("RunEnded")

    queued = next(one for one in stream.seen if one.name == "RunQueued")
    assert (queued.event["run"]["payload"], queued.data["left_out"]) == ({}, ["payload"])
    assert (end.event["run"]["result"], end.data["left_out"]) == (None, ["payload", "result"])
    assert max(len(message.text) for message in stream.seen) < 50_000


async def test_lines_come_before_the_end_of_their_run(here: Served) -> None:
    async with event_stream(here.client, "?output=all") as stream:
        await stream.until("State")
        runs = [await here.engine.start_run("lines", {"count": 7_000}) for _ in range(1)]
        runs += [await here.engine.start_run("echo", {"n": 1})]
        for _ in runs:
            await stream.until("RunEnded")

    lines, echo = runs
    assert lines_of(stream.seen, lines.id) == {n: f"line {n}" for n in range(7_000)}
    assert lines_of(stream.seen, echo.id) == {0: "echo"}
    for run in runs:
        told = [one for one in stream.seen if one.name == "Lines" and one.data["run"] == run.id]
        queued, end = (
            next(i for i, one in enumerate(stream.seen) if is_of(one, name, run.id))
            for name in ("RunQueued", "RunEnded")
        )
        places = [stream.seen.index(one) for one in told]
        assert queued < min(places) <= max(places) < end
        assert all(len(one.data["lines"]) <= 5_000 for one in told)


def is_of(message: Message, name: str, run: int) -> bool:
    return message.name == name and bool(message.event["run"]["id"] == run)


async def test_a_stream_of_one_run_holds_nothing_else_and_ends_with_it(here: Served) -> None:
    run = await here.engine.start_run("waits")
    await here.events.next(RunStarted)
    query = f"?run={run.id}&output=all"
    async with event_stream(here.client, query) as stream:
        await stream.until("Lines")
        await here.engine.run_task("echo")
        await here.engine.cancel_run(run.id)
        await stream.rest()
    async with event_stream(here.client, query, stream.seen[0].id) as resumed:
        await resumed.rest()
    done = await here.client.get(f"/api/v1/events?run={run.id}")

    assert [one.name for one in stream.seen] == ["Lines", "RunStopping", "RunEnded"]
    assert lines_of(stream.seen, run.id) == {0: "begun"}
    assert resumed.seen == stream.seen[1:]
    assert (done.status_code, done.content) == (204, b"")
    for query in ("run=999", "output=999"):
        assert (await here.client.get(f"/api/v1/events?{query}")).status_code == 404


async def test_a_line_that_is_not_finished_is_told(project: Project) -> None:
    project.task(
        "bar.py",
        """
        import asyncio
        print('50 %', end='', flush=True)
        while not event.context.extra['go']:
            await asyncio.sleep(0.005)
        print(' done')
        """,
    )
    go = {"go": False}
    async with served(project) as here, event_stream(here.client, "?output=all") as stream:
        running = asyncio.create_task(here.engine.run_task("bar", context=go))
        partial = (await stream.until("Lines")).data
        go["go"] = True
        whole = (await stream.until("Lines")).data
        await running

    assert (partial["lines"], partial["partial"]) == ([], "50 %")
    assert ([line[3] for line in whole["lines"]], whole["partial"]) == (["50 % done"], "")


async def test_streams_end_with_the_server_and_its_engine_may_stop(here: Served) -> None:
    async with event_stream(here.client) as stream, event_stream(here.client) as second:
        await stream.until("State")
        await second.until("State")
        await here.server.stop()
        assert await stream.rest() == []
        assert await second.rest() == []


async def test_an_engine_that_stops_tells_so_and_answers_no_more_after_that(here: Served) -> None:
    async with inner_stream(here.engine) as stream:
        await stream.until("State")
        await here.server.stop()
        await here.engine.stop()
        told = await stream.until(
            "EngineStateChanged", lambda data: data["event"]["state"] == "stopped"
        )

    assert told.data["status"]["state"] == "stopped"


async def test_a_stream_is_not_for_a_browser_to_keep(client: httpx.AsyncClient) -> None:
    async with event_stream(client) as stream:
        headers = stream.headers

    assert headers["content-type"].startswith("text/event-stream")
    assert headers["cache-control"] == "no-store"
