"""Nitro's own routes: the list of tasks, and a task's run, as any HTTP client sees them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from starlette.types import Message

from support.events import SOON, Events
from support.project import Project
from support.served import serving, socket_client
from taskengine import Engine, RunState, Trigger
from taskengine.events import RunEnded, RunJoined, RunStarted
from taskengine.history.memory import MemoryHistory
from taskengine.http import asgi

TYPED = """
    from dataclasses import dataclass, field

    from taskengine import TaskEvent, task


    @dataclass
    class Cleanup:
        days: int
        dry: bool = False
        tags: list[str] = field(default_factory=list)


    @task(schedule="*/5 * * * *")
    async def run(event: TaskEvent[Cleanup]):
        return [event.payload.days, event.payload.dry, event.payload.tags]
"""


@pytest.fixture
async def engine(project: Project) -> AsyncIterator[Engine]:
    """An engine whose tasks are not imported when a test begins."""
    project.write(
        "taskconsole.toml",
        """
        timezone = "UTC"
        [tasks."db:seed"]
        description = "Nobody has written this one"
        [scheduled_tasks]
        "0 3 * * *" = ["echo", { task = "db:migrate", timezone = "Asia/Tokyo" }, "db:migrate"]
        """,
    )
    project.task("echo.py", "return event.payload", options="description='Give it back'")
    project.task("db/migrate.py", "return {'result': 'Success'}", options="schedule='@hourly'")
    project.task("db/nothing.py", "pass")
    project.task("fails.py", "raise ValueError('no such table: users → ärger\\nsecond line')")
    project.task("exits.py", "raise SystemExit(3)")
    project.task("quits.py", "raise type('Quit', (BaseException,), {})('gone')")
    project.task("odd.py", "raise type('Odd', (Exception,), {'__str__': lambda self: 1 / 0})")
    project.task("lone.py", "raise ValueError('file \\udcff')")
    for status in (42, 204, 302, 418):
        own = f"type('Own', (taskengine.TaskError,), {{'status_code': {status}}})('{status}')"
        project.task(f"own{status}.py", f"import taskengine\nraise {own}")
    project.task("dup lo.py", "return 'spaced'")
    project.write("tasks/cleanup.py", TYPED)
    wait = "import asyncio\nawait asyncio.Event().wait()"
    project.task("waits.py", wait)
    project.task("skips.py", wait, options="concurrency='skip'")
    async with Engine(project.root, scheduler=False, history=MemoryHistory()) as engine:
        yield engine
        await engine.stop(grace=0)


@asynccontextmanager
async def calling(engine: Engine) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the engine's server, over its unix socket."""
    async with serving(engine) as server, socket_client(server) as client:
        yield client


async def refused(
    answer: httpx.Response, status: int, message: str, *, has_stack: bool = True
) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body["statusCode"], body["error"]) == (status, status, True)
    assert (body["message"], body["url"]) == (message, answer.url.path)
    assert ("stack" in body) is has_stack
    return body


async def test_the_list_has_every_description_twice_and_the_schedules_by_expression(
    engine: Engine,
) -> None:
    events = Events(engine)
    async with calling(engine) as client:
        await client.post("/_nitro/tasks/echo")
        answer = await client.get("/_nitro/tasks")
        assert (await client.get("/_nitro/tasks/")).content == answer.content

    assert answer.headers["content-type"] == "application/json"
    listed = answer.json()
    assert list(listed) == ["tasks", "scheduledTasks"]
    assert list(listed["tasks"]) == list(engine.catalog.entries)
    assert listed["tasks"]["echo"] == {
        "description": "Give it back",
        "meta": {"description": "Give it back"},
    }
    assert listed["tasks"]["db:seed"]["description"] == "Nobody has written this one"
    assert listed["tasks"]["waits"] == {"description": "", "meta": {"description": ""}}
    groups = {one["cron"]: sorted(one["tasks"]) for one in listed["scheduledTasks"]}
    assert groups == {
        "0 3 * * *": ["db:migrate", "echo"],
        "@hourly": ["db:migrate"],
        "*/5 * * * *": ["cleanup"],
    }
    assert [run.task for run in engine.history.recent(None, 10)] == ["echo"]
    assert events.of(RunEnded)


async def test_without_tasks_the_list_is_empty_and_without_schedules_false() -> None:
    async with Engine() as engine, calling(engine) as client:
        assert (await client.get("/_nitro/tasks")).json() == {"tasks": {}, "scheduledTasks": False}


async def test_the_payload_is_the_query_overwritten_by_the_bodys_key_by_key(
    engine: Engine,
) -> None:
    async def result(method: str, path: str, **options: Any) -> Any:
        answer = await client.request(method, f"/_nitro/tasks/{path}", **options)
        assert answer.status_code == 200, answer.text
        assert list(answer.json()) == ["result"]
        return answer.json()["result"]

    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"name": "echo", "context": {"x": 1}, '
        yield b'"payload": {"a": [1, null, 2.5], "\xc3\xa9": {}}}'

    async with calling(engine) as client:
        # The first calls find tasks that are not imported yet, and know their types all the same.
        assert await result("GET", "cleanup?days=7&dry=yes&tags=a") == [7, True, ["a"]]
        assert await result("POST", "cleanup?days=7", json={"payload": {"tags": ["b"]}}) == [
            7,
            False,
            ["b"],
        ]
        assert await result("GET", "echo?a=1&a=2&b=&c=%C3%A9+x&b64=a%2Bb") == {
            "a": ["1", "2"],
            "b": "",
            "c": "é x",
            "b64": "a+b",
        }
        body = {"payload": {"a": {"deep": [True]}, "n": 2**70}}
        assert await result("POST", "echo?a=1&a=2&b=3", json=body) == {**body["payload"], "b": "3"}
        assert await result("POST", "echo", content=chunks()) == {"a": [1, None, 2.5], "é": {}}
        for empty in (b"", b" \n", b"{}", b'{"name": "echo", "context": {}}', b'{"payload": {}}'):
            assert await result("POST", "echo?x=1", content=empty) == {"x": "1"}
        assert await result("GET", "echo", content=b'{"payload": {"by": "GET"}}') == {"by": "GET"}
        assert await result("GET", "db:migrate") == "Success"
        assert await result("GET", "db%3Anothing") is None
        assert await result("GET", "dup%20lo") == "spaced"

    assert {run.trigger for run in engine.history.recent(None, 50)} == {Trigger.API}


WRONG_BODIES = [
    (b"days=7", "The body is not JSON (invalid character (byte 0))"),
    (b'{"payload": {"a": 1}', "The body is not JSON (input data was truncated)"),
    (b'{"payload": {"a": NaN}}', "The body is not JSON (invalid character (byte 18))"),
    (b'{"payload": "\xff"}', "The body is not JSON (it is not UTF-8)"),
    (b"[" * 100_000, "The body is nested too deeply"),
    (b"null", "The body is null, not an object"),
    (b'[{"payload": {}}]', "The body is a list, not an object"),
    (b'{"payload": null}', "The body's `payload` is null, not an object"),
    (b'{"payload": [1]}', "The body's `payload` is a list, not an object"),
    (b'{"payload": "{}"}', "The body's `payload` is text, not an object"),
    (b'{"payload": 1e5}', "The body's `payload` is a number, not an object"),
    (b'{"payload": true}', "The body's `payload` is true or false, not an object"),
    (b'{"days": 7, "name": "x"}', "The body has no `payload`, but `days`: send {"),
]


async def test_a_body_that_says_something_else_is_refused_and_runs_nothing(engine: Engine) -> None:
    async with calling(engine) as client:
        for body, words in WRONG_BODIES:
            answer = await client.post("/_nitro/tasks/echo?x=1", content=body)
            assert (answer.status_code, answer.json()["statusCode"]) == (400, 400), body[:50]
            assert answer.json()["message"].startswith(words)

    assert engine.history.recent(None, 1) == []


async def test_what_goes_wrong_has_the_engines_status_and_words(engine: Engine) -> None:
    async with calling(engine) as client:

        async def call(path: str, **options: Any) -> httpx.Response:
            return await client.post(f"/_nitro/tasks/{path}", **options)

        await refused(await call("ehco"), 404, "Task `ehco` is not available!")
        await refused(await call("..%2f..%2fetc"), 404, "Task `../../etc` is not available!")
        await refused(await call("db:seed"), 501, "Task `db:seed` is not implemented!")
        failed = await refused(
            await call("fails"), 500, "no such table: users → ärger\nsecond line"
        )
        assert failed["statusMessage"] == "no such table: users ? ärger second line"
        assert "ValueError: no such table" in failed["stack"]
        assert "taskengine" not in failed["stack"].split("Traceback", 1)[1].split("ValueError")[0]
        await refused(await call("exits"), 500, "The task exited with code 3")
        await refused(await call("quits"), 500, "gone")
        await refused(await call("odd"), 500, "<no message: str() raised ZeroDivisionError>")
        await refused(await call("lone"), 500, "file \\udcff")
        await refused(await call("own418"), 418, "418")
        for no_error in ("42", "204", "302"):
            await refused(await call(f"own{no_error}"), 500, no_error)
        invalid = await call("cleanup?dry=perhaps")
        body = await refused(invalid, 422, invalid.json()["message"])
        assert {fault["path"] for fault in body["faults"]} >= {"days"}
        too_deep: Any = {}
        for _ in range(300):
            too_deep = {"a": too_deep}
        assert (await call("echo", json={"payload": too_deep})).status_code == 422

    # Whoever comes through another's server may be anywhere.
    transport = httpx.ASGITransport(asgi(engine, token=None, allowed_hosts=["example.org"]))
    async with httpx.AsyncClient(transport=transport, base_url="http://example.org") as client:
        await refused(
            await client.get("/_nitro/tasks/exits"),
            500,
            "The task exited with code 3",
            has_stack=False,
        )


async def test_a_task_that_runs_is_joined_or_skipped_and_its_caller_is_told(
    engine: Engine,
) -> None:
    events = Events(engine)
    async with calling(engine) as client:
        first = asyncio.ensure_future(client.post("/_nitro/tasks/waits", json={"payload": {}}))
        run = (await events.next(RunStarted)).run
        same = asyncio.ensure_future(client.post("/_nitro/tasks/waits"))
        await events.next(RunJoined)
        other = asyncio.ensure_future(client.post("/_nitro/tasks/waits?days=7"))
        await events.next(RunJoined)
        gone = asyncio.ensure_future(client.get("/_nitro/tasks/waits"))
        await events.next(RunJoined)
        gone.cancel()
        skips = asyncio.ensure_future(client.post("/_nitro/tasks/skips"))
        skipping = (await events.next(RunStarted)).run
        skipped = await client.post("/_nitro/tasks/skips")
        await refused(skipped, 409, f"Task `skips` was skipped: run #{skipping.id} is going on")
        assert engine.active_runs_of("waits")[0].state is RunState.RUNNING
        for one in engine.active_runs():
            await engine.cancel_run(one.id)

        answers = [await first, await same, await other]
        for answer in answers:
            await refused(answer, 499, "The run was cancelled")
            assert answer.headers["taskconsole-run"] == str(run.id)
        assert [answer.headers.get("taskconsole-joined") for answer in answers] == [
            None,
            "same payload",
            "payload not used",
        ]
        assert (await skips).status_code == 499


async def test_a_caller_that_goes_away_leaves_the_run_to_go_on(
    engine: Engine, project: Project
) -> None:
    events = Events(engine)
    async with calling(engine) as client:
        call = asyncio.ensure_future(client.post("/_nitro/tasks/waits"))
        run = (await events.next(RunStarted)).run
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert (await client.get("/_nitro/tasks")).status_code == 200
        assert [one.id for one in engine.active_runs()] == [run.id]
        await engine.cancel_run(run.id)


async def test_calls_of_what_never_ends_do_not_pile_up_when_their_callers_have_gone(
    engine: Engine,
) -> None:
    app = asgi(engine, token=None, allowed_hosts=[])
    headers = [(b"host", b"localhost")]
    sent: list[Message] = [{"type": "http.request"}]

    async def receive() -> Message:
        return sent.pop() if sent else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        pass  # nobody is there to hear it

    scope = {"type": "http", "method": "GET", "path": "/_nitro/tasks/waits", "headers": headers}
    async with asyncio.timeout(SOON):
        await app({**scope, "query_string": b""}, receive, send)

    assert [run.state for run in engine.active_runs_of("waits")] == [RunState.RUNNING]


async def test_only_get_and_post_run_a_task(engine: Engine) -> None:
    async with calling(engine) as client:
        for method in ("HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"):
            answer = await client.request(method, "/_nitro/tasks/echo")
            assert answer.status_code == 405, method
            assert set(answer.headers["allow"].split(", ")) == {"GET", "POST"}

    assert engine.history.recent(None, 1) == []
