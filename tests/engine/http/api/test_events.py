"""The event stream: the state first, then all that happens, with the lines that are followed."""

import asyncio
import os
from pathlib import Path

import pytest

from support.event_stream import Message, event_stream, inner_stream, lines_of
from support.project import Project
from support.served import Served, served, serving, socket_client
from taskengine import Engine
from taskengine.client.local import LocalHandle
from taskengine.client.wire.form import from_json
from taskengine.client.wire.messages import State, Telling
from taskengine.events import EngineState, RunEnded, RunStarted
from taskengine.history.memory import MemoryHistory
from taskengine.http.api.event_log import EventLog
from taskengine.run import RunState


async def test_the_state_is_what_a_screen_knows(here: Served) -> None:
    await here.engine.run_task("echo", {"a": 1})
    await here.engine.pause("echo", "why not")
    waits = await here.engine.start_run("waits", {"text": "x" * 100_000})
    await here.events.next(RunStarted, lambda event: event.run.id == waits.id)
    async with event_stream(here.client) as stream:
        first = await stream.next()
        headers = stream.headers
    assert first
    assert first.name == "State"
    assert headers["content-type"].startswith("text/event-stream")
    assert headers["cache-control"] == "no-store"

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
        runs = [await here.engine.start_run("lines", {"count": 21_000}) for _ in range(1)]
        runs += [await here.engine.start_run("echo", {"n": 1})]
        for _ in runs:
            await stream.until("RunEnded")

    lines, echo = runs
    assert lines_of(stream.seen, lines.id) == {n: f"line {n}" for n in range(21_000)}
    assert lines_of(stream.seen, echo.id) == {0: "echo"}
    for run in runs:
        told = [one for one in stream.seen if one.name == "Lines" and one.data["run"] == run.id]
        queued, end = (
            next(i for i, one in enumerate(stream.seen) if is_of(one, name, run.id))
            for name in ("RunQueued", "RunEnded")
        )
        places = [stream.seen.index(one) for one in told]
        assert queued < min(places) <= max(places) < end
        assert all(len(one.data["lines"]) <= 20_000 for one in told)


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


async def test_a_state_and_what_follows_it_fit_together_at_any_moment(here: Served) -> None:
    """Whoever comes while runs begin and end knows in the end what goes on, and how it went."""
    log = EventLog(here.engine)
    with log.reading():  # the log goes on between two clients
        clients = [Client(here.engine, log) for _ in range(30)]
        for number, client in enumerate(clients):
            client.start()
            await here.engine.run_task("echo", {"n": number})
        for client in clients:
            await client.has_begun.wait()
        await here.engine.set_scheduling(on=False)
        for client in clients:
            await client.over

    assert [client.active for client in clients] == [set()] * 30
    assert [client.outcomes for client in clients] == [["done"] * 30] * 30


class Client:
    """Follows how one task stands, until scheduling is off."""

    def __init__(self, engine: Engine, log: EventLog) -> None:
        self.active: set[int] = set()
        self.outcomes: list[str] = []
        self.has_begun = asyncio.Event()
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._engine = engine
        self._log = log

    def start(self) -> None:
        self.over = asyncio.ensure_future(self._follow())

    async def _follow(self) -> None:
        async with inner_stream(self._engine, self._log) as stream:
            state = (await stream.until("State")).data
            self.active = {run["id"] for run in state["active"]}
            self.outcomes = state["standings"]["echo"].get("outcomes", [])
            self.has_begun.set()
            while (message := await stream.next()) and message.name != "SchedulingChanged":
                if message.name == "RunQueued":
                    self.active.add(message.event["run"]["id"])
                elif message.name == "RunEnded":
                    # A state may know already of an end that is told after it.
                    self.active.discard(message.event["run"]["id"])
                    self.outcomes = message.data["outcomes"]


async def test_runs_that_are_not_kept_any_more_are_404_and_hold_nothing_up(
    project: Project,
) -> None:
    project.task("echo.py", "print('echo')\nreturn event.payload")
    history = MemoryHistory(max_runs=2)
    async with (
        Engine(project.root, history=history) as engine,
        serving(engine) as server,
        socket_client(server) as client,
    ):
        await engine.run_task("echo", {"n": 0})
        async with event_stream(client, "?output=1") as stream:
            await stream.until("Lines")
            for number in range(1, 5):
                await engine.run_task("echo", {"n": number})
            await stream.until("RunEnded", lambda data: data["event"]["run"]["id"] == 5)
        async with event_stream(client, "?output=1", stream.seen[-2].id) as again:
            await again.until("RunEnded")
        state = (await client.get("/api/v1/tasks/echo")).json()
        gone = [
            await client.get(path)
            for path in ("/api/v1/runs/1", "/api/v1/runs/1/output", "/api/v1/events?output=1")
        ]

    assert [answer.status_code for answer in gone] == [404, 404, 404]
    assert again.seen == stream.seen[-1:]
    assert state["status"]["last"]["payload"] == {"n": 4}


async def test_all_is_answered_while_nothing_can_be_written(project: Project) -> None:
    project.task("echo.py", "print('echo')\nreturn event.payload")
    (project.root / ".taskconsole" / "history.db").mkdir(parents=True)  # no file can be there
    async with served(project) as here, event_stream(here.client, "?output=all") as stream:
        state = (await stream.until("State")).data
        number = (await here.engine.start_run("echo", {"a": 1})).id
        await stream.until("RunEnded")
        path = f"/api/v1/runs/{number}"
        run = (await here.client.get(path)).json()
        output = (await here.client.get(f"{path}/output")).json()
        found = (await here.client.get(f"{path}/search?text=ECHO")).json()
        page = (await here.client.get("/api/v1/runs?text=a")).json()

    assert state["status"]["history_problem"]
    assert (run["result"], output["lines"][0][3], found["lines"]) == ({"a": 1}, "echo", [0])
    assert [one["id"] for one in page["runs"]] == [number]
    assert lines_of(stream.seen, number) == {0: "echo"}


async def test_a_file_whose_name_is_no_text_hides_no_other(project: Project) -> None:
    project.task("echo.py", "return 1")
    try:
        Path(os.fsdecode(bytes(project.root / "tasks" / "x") + b"\xff.py")).touch()
    except OSError:
        pytest.skip("this disk takes no such name")
    async with served(project) as here, event_stream(here.client) as stream:
        tasks = (await here.client.get("/api/v1/tasks")).json()["tasks"]
        problems = (await here.client.get("/api/v1/problems")).json()["problems"]
        state = (await stream.until("State")).data

    assert [one["view"]["name"] for one in tasks] == ["echo"]
    assert [one["path"].endswith("x\\udcff.py") for one in problems] == [True]
    assert state["problems"] == problems
