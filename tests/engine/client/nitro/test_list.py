"""What a handle of a Nitro server knows of its tasks, and how it keeps up with them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from support.engines import NOON
from support.nitro_attached import EVERY, on_nitro
from support.nitro_like import NitroLike, Reply, page, said
from support.reached import Heard, texts
from taskengine.client.nitro import server as looking
from taskengine.client.nitro import watch
from taskengine.client.nitro.handle import NitroHandle
from taskengine.errors import EngineUnreachable
from taskengine.events import CatalogChanged, EngineState, EngineStateChanged, ProblemRaised
from taskengine.problem import ProblemKind
from taskengine.run import Trigger
from taskengine.testing import ManualClock


async def test_the_tasks_are_there_with_their_schedules(server: NitroLike) -> None:
    server.schedules = [
        {"cron": "0 3 * * *", "tasks": ["db:migrate"]},
        {"cron": "*/5 * * * *", "tasks": ["db:migrate", "cms:update"]},
    ]
    async with on_nitro(server.url) as (handle, heard):
        update, migrate = handle.tasks()
        assert (update.name, update.description) == ("cms:update", "")
        assert (migrate.name, migrate.description) == ("db:migrate", "Run database migrations")
        nightly, often = migrate.schedules
        assert (nightly.short_words, nightly.timezone) == ("daily at 03:00", "Europe/Berlin")
        assert "this machine's" in nightly.source
        assert update.schedules == (often,)
        assert handle.task("db:migrate") is migrate
        assert handle.task("nothing") is None
        five_past = datetime(2026, 3, 1, 12, 5, tzinfo=UTC)
        assert handle.task_status("db:migrate").next_fire == five_past
        assert handle.next_fires("cms:update", 1) == (five_past,)
        fires = [(fire.at.minute, fire.task, fire.kind) for fire in handle.agenda(3)]
        assert fires[:2] == [
            (5, "cms:update", Trigger.SCHEDULE),
            (5, "db:migrate", Trigger.SCHEDULE),
        ]
        assert fires[2][0] == 10
        assert handle.now() == NOON
        status = handle.status
        assert (status.state, status.project) == (EngineState.LIVE, server.url[len("http://") :])
        assert (status.address, status.timezone, status.root) == (
            server.url,
            "Europe/Berlin",
            Path.cwd(),
        )
        await heard.next(EngineStateChanged, lambda event: event.state is EngineState.LIVE)
        assert [one.added for one in heard.of(CatalogChanged)] == [("cms:update", "db:migrate")]
    assert handle.status.state is EngineState.STOPPED


async def test_a_server_without_tasks_is_one(server: NitroLike) -> None:
    server.tasks, server.schedules = {}, False
    async with on_nitro(server.url) as (handle, _):
        assert (handle.tasks(), handle.problems()) == ((), ())
        assert handle.status.state is EngineState.LIVE


async def test_changes_of_the_list_are_taken_up(server: NitroLike) -> None:
    async with on_nitro(server.url) as (handle, heard):
        await heard.next(CatalogChanged)
        server.tasks = {"new": {}, "db:migrate": {"description": "Another"}}
        change = await heard.next(CatalogChanged)
        assert (change.added, change.removed, change.changed) == (
            ("new",),
            ("cms:update",),
            ("db:migrate",),
        )
        server.schedules = [{"cron": "@hourly", "tasks": ["new"]}]
        change = await heard.next(CatalogChanged)
        assert change.changed == ("db:migrate", "new")
        assert handle.task_status("new").next_fire == datetime(2026, 3, 1, 13, tzinfo=UTC)
        assert handle.task_status("db:migrate").next_fire is None


async def test_a_server_that_is_away_comes_back_by_itself(server: NitroLike) -> None:
    async with on_nitro(server.url) as (handle, heard):
        await server.stop()
        gone = await heard.next(
            EngineStateChanged, lambda event: event.state is EngineState.UNREACHABLE
        )
        assert gone.reason == f"{server.url} does not answer: nobody listens there"
        assert handle.status.reason == gone.reason
        assert handle.task("db:migrate") is not None
        with pytest.raises(EngineUnreachable, match="nobody listens there"):
            await handle.start_run("db:migrate", {})

        server.odd["/_nitro/tasks"] = page("<html>building</html>")
        await server.start()
        busy = await heard.next(EngineStateChanged)
        assert busy.reason.endswith("answers, but not with its tasks: it answers with a web page")

        del server.odd["/_nitro/tasks"]
        run = await handle.start_run("db:migrate", {})  # it is not waited for until it is known
        assert (await handle.wait(run.id)).error is None
        assert handle.status.state is EngineState.LIVE
        lines = await texts(handle.engine_output)
        assert lines[0] == lines[-1] == f"{server.url} answers: 2 tasks"
        assert gone.reason in lines


async def test_a_server_that_hangs_is_told_at_once(
    server: NitroLike, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "LONG", 0.2)
    async with on_nitro(server.url) as (handle, heard):
        monkeypatch.setattr(looking, "ANSWERED_WITHIN", 0.3)
        asked: list[int] = []
        handle.listen(lambda _: asked.append(len(server.asked)))
        before = len(server.asked)
        server.odd["/_nitro/tasks"] = Reply(raw=b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{")
        hangs = await heard.next(
            EngineStateChanged, lambda one: one.state is EngineState.UNREACHABLE
        )
        assert "it took longer than" in hangs.reason
        assert asked[0] - before == 1, "it was asked again first"


async def test_what_makes_no_sense_is_a_problem_and_the_rest_goes_on(server: NitroLike) -> None:
    server.tasks |= {
        "a\x1b[2Jb\n": {"description": "\x1b]0;title\x07"},
        "nothing": None,
        "odd": {"description": 7, "meta": {"description": "From its meta \ud800"}},
        "": {},
        "half \ud800": {},
    }
    server.schedules = [
        {"cron": "* * * *", "tasks": ["odd", "nothing"]},
        {"cron": 5, "tasks": ["odd"]},
        None,
        {"cron": "@daily", "tasks": "db:migrate"},
        {"cron": "@daily", "tasks": ["gone", None]},
    ]
    async with on_nitro(server.url) as (handle, heard):
        assert [view.name for view in handle.tasks()] == [
            "a\x1b[2Jb\n",
            "cms:update",
            "db:migrate",
            "nothing",
            "odd",
        ]
        odd = handle.task("odd")
        assert odd is not None
        assert odd.description == "From its meta \\ud800"
        assert odd.problem is not None
        assert odd.problem.message.startswith("`* * * *`: ")
        assert (odd.problem.kind, odd.problem.task) == (ProblemKind.SCHEDULE, "odd")
        assert handle.task_status("db:migrate").next_fire is not None
        told = [problem.message for problem in handle.problems()]
        assert len(told) == 7
        assert "`@daily` names the task `gone`, which the server does not list" in told
        assert "The server lists a task that can't be called: 'half \\ud800'" in told
        assert "The server lists a schedule without an expression: None" in told
        await heard.until(lambda: len(heard.of(ProblemRaised)) == len(told))
        run = await handle.start_run("a\x1b[2Jb\n", {})
        assert (await handle.wait(run.id)).result == {}


async def test_ten_thousand_tasks_are_read(server: NitroLike) -> None:
    server.tasks = {f"group:{number}": {} for number in range(10_000)}
    server.schedules = [{"cron": "@hourly", "tasks": list(server.tasks)}]
    async with on_nitro(server.url) as (handle, _):
        assert len(handle.tasks()) == 10_000
        assert len(handle.agenda(20_000)) == 20_000


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (page(), "it answers with a web page"),
        (page("  \n<HTML>"), "it answers with a web page"),
        (
            Reply(b"", 302, headers={"location": "/login"}),
            "it sends its callers elsewhere to /login",
        ),
        (Reply(b"{"), "its answer is not JSON"),
        (Reply(b'{"tasks": {"a": NaN}}'), "its answer is not JSON"),
        (Reply(b"[" * 200_000), "its answer is not JSON"),
        (Reply(b"\xff\xfe"), "its answer is not JSON"),
        (said({"tasks": ["a"]}), "its answer has no tasks in it"),
        (said([]), "its answer has no tasks in it"),
        (said({"error": True}, 404), "it answers with status 404"),
        (Reply(b"x" * 16_000_001), "gave an answer of more than 16 MB"),
        (Reply(raw=b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), "gave no answer"),
        (Reply(raw=b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"), "does not answer: it took"),
    ],
)
async def test_what_is_no_nitro_is_refused_in_words(
    server: NitroLike, answer: Reply, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "it took" in reason:
        monkeypatch.setattr(looking, "ANSWERED_WITHIN", 0.5)
    server.odd["/_nitro/tasks"] = answer
    handle = NitroHandle(server.url, clock=ManualClock(NOON), every=EVERY)
    heard = Heard()
    handle.listen(heard)
    try:
        with pytest.raises(EngineUnreachable) as refused:
            await handle.start()
        assert reason in str(refused.value)
        assert handle.status.state is EngineState.UNREACHABLE
        assert handle.status.reason == str(refused.value)

        server.odd.clear()
        await heard.next(EngineStateChanged, lambda event: event.state is EngineState.LIVE)
        assert len(handle.tasks()) == 2
    finally:
        await handle.stop()
    assert {request.path for request in server.asked} == {"/_nitro/tasks"}
