"""Running the tasks of a Nitro server."""

import asyncio
import json
from collections.abc import Coroutine
from typing import Any

import pytest

from support.nitro_attached import on_nitro
from support.nitro_like import ERROR_OF_2, ERROR_OF_3, NitroLike, Reply, page, said
from support.reached import Heard, soon, texts
from taskengine import InvalidPayload, RunState, TaskNotFound, Trigger
from taskengine.client.abilities import Ability
from taskengine.client.nitro import runs as calling
from taskengine.errors import NotPossible, RunNotFound
from taskengine.events import RunEnded, RunEvent, RunQueued, RunStarted
from taskengine.records import RunQuery, StateKind
from taskengine.run import Run


class Doors:
    """A task whose calls wait, each at a door of its own, for what the test lets it answer."""

    def __init__(self) -> None:
        self.doors: list[asyncio.Future[Reply]] = []

    async def __call__(self, payload: Any) -> Reply:
        self.doors.append(asyncio.get_running_loop().create_future())
        return await self.doors[-1]


async def test_a_run_brings_its_result(server: NitroLike) -> None:
    async with on_nitro(server.url) as (handle, heard):
        run = await handle.start_run("db:migrate", {"a": [1, "ü"]})
        assert (run.id, run.state, run.trigger) == (1, RunState.RUNNING, Trigger.MANUAL)
        over = await handle.wait(run.id)

        assert (over.state, over.result, over.error) == (RunState.DONE, {"a": [1, "ü"]}, None)
        [asked] = [one for one in server.asked if one.method == "POST"]
        assert asked.path == "/_nitro/tasks/db%3Amigrate"
        assert json.loads(asked.body) == {"payload": {"a": [1, "ü"]}}
        assert asked.headers["content-type"] == "application/json"
        await heard.next(RunEnded)
        told = [type(one) for one in heard.seen if isinstance(one, RunEvent)]
        assert told == [RunQueued, RunStarted, RunEnded]

        again = await handle.wait((await handle.rerun(run.id)).id)
        assert (again.id, again.rerun_of, again.payload) == (2, 1, run.payload)
        status = handle.task_status("db:migrate")
        assert (status.active, status.last) == ((), again)
        assert status.outcomes == (RunState.DONE, RunState.DONE)
        assert [one.id for one in (await handle.runs(RunQuery(task="db:migrate"))).runs] == [2, 1]
        assert handle.statistics("db:migrate").total == 2
        assert await handle.past_payloads("db:migrate") == [run.payload]
        assert handle.run(1) == await handle.find_run(1) == over
        [line] = await texts(handle.output(1))
        assert "in Nitro's own terminal" in line


async def test_calls_that_can_not_be_made_are_refused(server: NitroLike) -> None:
    async with on_nitro(server.url) as (handle, _):
        with pytest.raises(TaskNotFound, match="Task `nothing` is not available!"):
            await handle.start_run("nothing", {})
        with pytest.raises(InvalidPayload, match=r"payload\.at is of type object"):
            await handle.start_run("db:migrate", {"at": object()})
        with pytest.raises(RunNotFound):
            await handle.rerun(7)
        with pytest.raises(RunNotFound):
            await handle.wait(7)
        assert handle.active_runs() == ()


async def ended(server: NitroLike, answer: Reply) -> Run:
    """How a run ends that is answered so."""
    server.odd["/_nitro/tasks/db%3Amigrate"] = answer
    async with on_nitro(server.url) as (handle, _):
        run = await handle.start_run("db:migrate", {})
        return await handle.wait(run.id)


@pytest.mark.parametrize("error", [ERROR_OF_2, ERROR_OF_3], ids=["nitro2", "nitro3"])
async def test_a_failure_brings_the_words_and_the_stack(server: NitroLike, error: Reply) -> None:
    over = await ended(server, error)

    assert over.state is RunState.FAILED
    assert over.error is not None
    assert (over.error.type, over.error.message) == ("Error", "no such table: users")
    assert over.error.traceback.splitlines() == [
        "no such table: users",
        "    at Object.run (/app/server/tasks/db/broken.mjs:3:16)",
    ]


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (said({"result": None}), None),
        (said({"result": 1, "more": 2}), {"result": 1, "more": 2}),
        (said([1]), [1]),
        (Reply(b"", 204), None),
        (Reply(b"plain \xff", kind="text/plain"), "plain �"),
        (said({"result": "x" * 200_000}), "x" * 200_000),
    ],
)
async def test_whatever_a_task_gives_back_is_its_result(
    server: NitroLike, answer: Reply, result: object
) -> None:
    over = await ended(server, answer)

    assert (over.state, over.result, over.error) == (RunState.DONE, result, None)


@pytest.mark.parametrize(
    ("answer", "state", "message"),
    [
        (page(), RunState.FAILED, "with a web page, so that no task has run"),
        (
            Reply(b"", 307, headers={"location": "http://elsewhere/"}),
            RunState.FAILED,
            "sends its callers elsewhere: 'http://elsewhere/'",
        ),
        (Reply(b'{"result": "\\ud800"}'), RunState.FAILED, "result is text with a lone surrogate"),
        (Reply(b"y" * 50_001), RunState.FAILED, "has run, but its result was not read"),
        (Reply(b"", 503), RunState.INTERRUPTED, "restarted and answered with status 503"),
        (Reply(b"oh", 500), RunState.FAILED, "The server answered with status 500"),
        (said({"error": True, "message": 7, "stack": 7}, 501), RunState.FAILED, "status 501"),
        (said({"error": True, "message": "Busy"}, 503), RunState.FAILED, "Busy"),
        (
            Reply(raw=b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: no\r\n\r\n"),
            RunState.INTERRUPTED,
            "gave no answer",
        ),
    ],
)
async def test_an_odd_answer_ends_the_run_with_words(
    server: NitroLike,
    answer: Reply,
    state: RunState,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(calling, "MAX_ANSWER", 50_000)

    over = await ended(server, answer)

    assert over.state is state
    assert over.error is not None
    assert message in over.error.message


async def test_a_server_that_dies_interrupts_its_runs(server: NitroLike) -> None:
    server.bodies["db:migrate"] = doors = Doors()
    async with on_nitro(server.url) as (handle, _):
        run = await handle.start_run("db:migrate", {})
        await soon(lambda: bool(doors.doors))
        await server.stop()
        over = await handle.wait(run.id)

    assert over.state is RunState.INTERRUPTED
    assert over.error is not None
    assert "Whether the task came to its end is not known" in over.error.message


async def test_leaving_interrupts_what_was_waited_for(server: NitroLike) -> None:
    server.bodies["db:migrate"] = doors = Doors()
    async with on_nitro(server.url) as (handle, heard):
        await handle.start_run("db:migrate", {})
        await soon(lambda: bool(doors.doors))
        at_once = await handle.start_run("cms:update", {})  # it has not even begun to be sent
        await handle.stop()

    assert handle.active_runs() == ()
    first, last = await handle.find_run(1), await handle.find_run(at_once.id)
    assert first is not None
    assert last is not None
    assert first.state is last.state is RunState.INTERRUPTED
    assert first.error is not None
    assert "which goes on with the task" in first.error.message
    assert len(heard.of(RunEnded)) == 2


async def test_calls_of_a_task_that_is_at_work_are_told_what_nitro_does(server: NitroLike) -> None:
    server.bodies["db:migrate"] = doors = Doors()
    async with on_nitro(server.url) as (handle, _):
        first = await handle.start_run("db:migrate", {"a": 1})
        second = await handle.start_run("db:migrate", {"a": 2})
        assert [run.id for run in handle.active_runs()] == [first.id, second.id]
        [line] = await texts(handle.output(second.id))
        assert "Run #1 of it goes on: Nitro lets this call share it" in line
        await soon(lambda: len(doors.doors) == 2)
        for door in doors.doors:
            door.set_result(said({"result": "shared"}))
        assert [(await handle.wait(run.id)).result for run in (first, second)] == ["shared"] * 2


async def test_a_call_that_nitro_forgot_ends_with_the_next_one(
    server: NitroLike, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "SHARED_WITHIN", 0.1)
    server.bodies["db:migrate"] = doors = Doors()
    async with on_nitro(server.url) as (handle, _):
        forgotten = await handle.start_run("db:migrate", {})
        await soon(lambda: bool(doors.doors))
        server.tasks = {**server.tasks, "new": {}}
        await soon(lambda: handle.task("new") is not None)
        assert "has begun anew" in (await texts(handle.output(forgotten.id)))[-1]

        second = await handle.start_run("db:migrate", {})
        await soon(lambda: len(doors.doors) == 2)
        doors.doors[1].set_result(said({"result": 2}))

        assert (await handle.wait(second.id)).result == 2
        over = await handle.wait(forgotten.id)
        assert over.state is RunState.INTERRUPTED
        assert over.error is not None
        assert f"run #{second.id} of this task came to its end" in over.error.message


async def test_what_nitro_can_not_do_is_refused_with_the_reason(server: NitroLike) -> None:
    async with on_nitro(server.url) as (handle, _):
        commands: dict[Ability, list[Coroutine[Any, Any, object]]] = {
            Ability.CANCEL: [handle.cancel_run(1)],
            Ability.RUN_LATER: [
                handle.run_later("db:migrate", {}, handle.now()),
                handle.cancel_delayed(1),
            ],
            Ability.PAUSE: [handle.pause("db:migrate"), handle.resume("db:migrate")],
            Ability.SCHEDULING: [handle.set_scheduling(on=False)],
            Ability.MISSED: [handle.run_missed(1), handle.dismiss_missed(1)],
            Ability.SOURCE: [handle.source("db:migrate")],
            Ability.EXAMPLE: [handle.create_example()],
            Ability.KEEP: [handle.keep(StateKind.PRESET, "a", "{}")],
        }
        for ability, calls in commands.items():
            for call in calls:
                with pytest.raises(NotPossible) as refused:
                    await call
                assert str(refused.value) == handle.refusal(ability) != ""
        able = {one for one in Ability if not handle.refusal(one)}
        assert able == {Ability.RERUN, Ability.HISTORY}


async def test_drafts_last_as_long_as_the_session(server: NitroLike) -> None:
    async with on_nitro(server.url) as (handle, _):
        await handle.keep(StateKind.DRAFT, "db:migrate", "{")
        assert handle.kept(StateKind.DRAFT) == {"db:migrate": "{"}
        assert handle.kept(StateKind.PRESET) == {}


async def test_who_listens_no_more_hears_no_more(server: NitroLike) -> None:
    heard = Heard()
    async with on_nitro(server.url) as (handle, _):
        stop_listening = handle.listen(heard)
        await handle.wait((await handle.start_run("db:migrate", {})).id)
        await heard.next(RunEnded)
        stop_listening()
        before = len(heard.seen)
        await handle.wait((await handle.start_run("db:migrate", {})).id)
        await asyncio.sleep(0)
        assert len(heard.seen) == before
