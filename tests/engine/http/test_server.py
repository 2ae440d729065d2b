"""The server's life: where it listens, what it says of that, and how it ends."""

import asyncio
import errno
import json
import logging
import os
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from support.event_stream import event_stream
from support.events import SOON, Events
from support.power import Disk, small_disk
from support.project import Project
from support.raw_http import Callers, exchange, get
from support.served import served, serving, socket_client
from taskengine import Engine, MemoryHistory
from taskengine.client.local import LocalHandle
from taskengine.errors import EngineNotRunning
from taskengine.events import Event, ProblemCleared, ProblemRaised, RunStarted
from taskengine.history.engine_note import EngineNote
from taskengine.http.server import Server, ServerRefused
from taskengine.problem import ProblemKind

LIST = "/_nitro/tasks"
EVERY = "taskengine.http.serving.LOOKS_EVERY"


@pytest.fixture(autouse=True)
def tasks(project: Project) -> None:
    project.task("hello.py", 'return "hi"')
    project.task("hang.py", "import asyncio\nawait asyncio.Event().wait()")


def note_of(project: Project) -> EngineNote:
    note = EngineNote.read(project.root / ".taskconsole/engine.json")
    assert note
    return note


def is_let_go(disk: Disk) -> bool:
    """Unmount a disk, if nobody uses it any more."""
    try:
        disk.unmount()
    except subprocess.CalledProcessError:
        return False
    return True


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what comes of a change of the config: files are watched, which takes its time."""
    async with asyncio.timeout(SOON):
        while not condition():  # noqa: ASYNC110 - a config says nothing when it changes
            await asyncio.sleep(0.01)


async def test_it_says_where_it_listens_until_it_has_stopped(project: Project) -> None:
    async with served(project, host="localhost", port=0) as there:
        server, engine = there.server, there.engine
        assert server.url.startswith("http://127.0.0.1:")
        assert LocalHandle(engine).status.url == engine.url == server.url
        assert (note_of(project).socket, note_of(project).url) == (server.socket, server.url)
        for place in (server.url, server.socket):
            assert place
            assert b"hello" in (await exchange(place, get(LIST))).body

        await server.stop()

        assert (server.socket, server.url, engine.url) == (None, "", "")
        assert (note_of(project).socket, note_of(project).url) == (None, "")
        await server.stop()
        async with serving(engine) as again, socket_client(again) as client:
            assert (await client.get(LIST)).status_code == 200


async def test_without_a_port_there_is_a_socket_alone_and_the_other_way_round(
    project: Project,
) -> None:
    async with served(project) as there:
        assert there.server.url == ""
        async with serving(there.engine, socket=False, port=0, host="::1") as other:
            assert other.socket is None
            assert other.url.startswith("http://[::1]:")
            assert (await exchange(other.url, get(LIST, host="[::1]"))).status == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
async def test_it_listens_for_others_only_with_a_token(project: Project, host: str) -> None:
    async with Engine(project.root) as engine:
        server = Server(engine, host=host, port=0)
        with pytest.raises(ServerRefused, match=f"can't listen on {host} without a token"):
            await server.start()
        assert (server.socket, server.url) == (None, "")
        with pytest.raises(ServerRefused, match=r"by the name a\.test without a token"):
            await Server(engine, port=0, allowed_hosts=["localhost", "a.test"]).start()
        if host == "0.0.0.0":
            async with serving(engine, host=host, port=0, token="t0ken") as open_to_all:
                assert open_to_all.url.startswith("http://127.0.0.1:")
                assert (await exchange(open_to_all.url, get(LIST))).status == 401


async def test_where_it_can_not_listen_it_says_so_and_leaves_nothing(project: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with Engine(project.root) as engine:
            events = Events(engine)
            server = Server(engine, port=port)
            with pytest.raises(OSError, match=f"127.0.0.1:{port}: the port is in use") as raised:
                await server.start()
            assert raised.value.errno == errno.EADDRINUSE
            assert (server.socket, server.url) == (None, "")
            assert note_of(project).socket is None
            with pytest.raises(OSError, match="no such address"):
                await Server(engine, host="192.0.2.1", port=0, token="t").start()
            with pytest.raises(ServerRefused, match="give an address"):
                await Server(engine, host="example.com", port=0, token="t").start()
            with pytest.raises(ServerRefused, match="neither a host's name nor an address"):
                await Server(engine, port=0, allowed_hosts=["http://a.test"]).start()

            reporting = Server(engine, port=port)
            await reporting.start(reports=True)
            told = await events.next(ProblemRaised)
            assert told.problem.kind is ProblemKind.SERVER
            assert f"127.0.0.1:{port}: the port is in use" in told.problem.message
            assert reporting.socket
            assert (await exchange(reporting.socket, get(LIST))).status == 200
            await reporting.stop()


async def test_a_port_that_was_taken_is_had_as_soon_as_it_is_free(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EVERY, 0.001)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        project.write("taskconsole.toml", f"[server]\nport = {port}\nnitro_compat = true\n")
        async with Engine(project.root) as engine:
            events = Events(engine)
            server = Server(engine)
            await server.start(reports=True)
            told = await events.next(ProblemRaised)
            assert "the port is in use" in told.problem.message
            assert "tried again" in told.problem.hint
            assert server.socket
            for _ in range(10):  # it was tried several times by then, and nobody has heard of it
                assert (await exchange(server.socket, get(LIST))).status == 200
            taken.close()

            await events.next(ProblemCleared)

            assert server.url == engine.url == f"http://127.0.0.1:{port}"
            assert note_of(project).url == server.url
            assert (await exchange(server.url, get(LIST))).status == 200
            assert (project.root / ".nitro/nitro.json").exists()
            assert len(events.of(ProblemRaised)) == 1
            await server.stop()


async def test_what_two_servers_of_an_engine_say_stands_side_by_side(project: Project) -> None:
    async with served(project) as there:
        engine, first = there.engine, there.server
        second, third = Server(engine, socket=False, port=0), Server(engine, port=0)
        await second.start()
        await third.start()
        assert (note_of(project).socket, note_of(project).url) == (first.socket, second.url)

        await second.stop()
        assert (note_of(project).socket, note_of(project).url) == (first.socket, third.url)
        assert engine.url == third.url

        blocked = Server(engine, port=int(third.url.rpartition(":")[2]))
        await blocked.start(reports=True)
        other = Server(engine, host="192.0.2.1", port=0, token="t")
        await other.start(reports=True)
        assert {one.kind for one in engine.problems} == {ProblemKind.SERVER}
        assert len(engine.problems) == 2
        await other.stop()
        assert len(engine.problems) == 1
        assert "the port is in use" in engine.problems[0].message
        await blocked.stop()
        assert not engine.problems

        await first.stop()
        assert (note_of(project).socket, note_of(project).url) == (third.socket, third.url)
        await third.stop()
        assert (note_of(project).socket, note_of(project).url, engine.url) == (None, "", "")


@pytest.mark.parametrize("token", ["", "ä", "a b", "a\n"])
async def test_a_token_that_no_header_can_hold_is_refused(project: Project, token: str) -> None:
    async with Engine(project.root) as engine:
        with pytest.raises(ServerRefused, match="token"):
            await Server(engine, port=0, token=token).start()


async def test_the_config_says_where_and_a_change_of_it_moves_the_server(project: Project) -> None:
    config = "[server]\nport = 0\nallowed_hosts = ['a.test']\ntoken = 's'\n"
    shown = "Authorization: Bearer s"
    project.write("taskconsole.toml", config)
    async with served(project) as there:
        first, engine = there.server.url, there.engine
        assert (await exchange(first, get(LIST, shown, host="a.test"))).status == 200

        changed = config.replace("a.test", "b.test").replace("'s'", "'t'")
        project.write("taskconsole.toml", changed)
        await until(lambda: engine.catalog.config.server.token == "t")
        assert (await exchange(first, get(LIST, shown))).status == 401, (
            "who may call counts at once"
        )
        good = get(LIST, "Authorization: Bearer t", host="b.test")
        assert (await exchange(first, good)).status == 200

        project.write("taskconsole.toml", config.replace("0", "0\nhost = '::1'"))
        await until(lambda: there.server.url.startswith("http://[::1]"))
        assert (await exchange(there.server.url, get(LIST, shown))).status == 200
        assert note_of(project).url == engine.url == there.server.url
        with pytest.raises(OSError, match="Connect call failed"):
            await exchange(first, get(LIST))

        project.write("taskconsole.toml", config + "tokn = 't'\n")
        told = await there.events.next(
            ProblemRaised, lambda event: event.problem.kind is ProblemKind.SERVER
        )
        assert "no calls over the network until it is mended" in told.problem.message
        assert there.server.url == ""
        assert (await there.client.get(LIST)).status_code == 200, "the socket stays"

        project.write("taskconsole.toml", "")
        await there.events.next(
            ProblemCleared, lambda event: event.problem.kind is ProblemKind.SERVER
        )
        assert there.server.url == ""


async def test_streams_end_when_their_token_is_taken_back(project: Project) -> None:
    config = "[server]\nport = 0\ntoken = 's'\n"
    project.write("taskconsole.toml", config)
    bearer = {"Authorization": "Bearer s"}
    async with (
        served(project) as there,
        there.over_tcp(headers=bearer) as caller,
        event_stream(there.client) as own,
        event_stream(caller) as stream,
    ):
        server = there.engine.catalog.config.server
        await stream.until("State")
        project.write("taskconsole.toml", config + "nitro_compat = true\n")
        await until(lambda: there.engine.catalog.config.server != server)
        await there.engine.set_scheduling(on=False)
        await stream.until("SchedulingChanged")

        project.write("taskconsole.toml", config.replace("'s'", "'t'"))
        await stream.rest()
        assert (await caller.get("/api/v1/events")).status_code == 401
        await own.until("SchedulingChanged")
        await there.engine.set_scheduling(on=True)
        await own.until("SchedulingChanged")


async def test_waits_end_when_their_token_is_taken_back(project: Project) -> None:
    config = "[server]\nport = 0\ntoken = 's'\n"
    shown = "Authorization: Bearer s"
    project.write("taskconsole.toml", config)
    async with served(project) as there, Callers() as callers:
        url = there.server.url
        run = await there.engine.start_run("hang")
        waits = []
        for path in (f"runs/{run.id}?", f"runs/{run.id}/output?", "output?start=1000000&"):
            waits.append(await callers.connect(url))
            await waits[-1].send(get(LIST, shown))
            await waits[-1].answer()
            await waits[-1].send(get(f"/api/v1/{path}wait=60", shown))
        assert (await exchange(url, get(LIST, shown))).status == 200, "by now these are let in too"

        project.write("taskconsole.toml", config.replace("'s'", "'t'"))
        async with asyncio.timeout(30):
            answers = [await one.answer() for one in waits]
        await there.engine.cancel_run(run.id)

        assert [one.status for one in answers] == [200, 200, 200]
        assert json.loads(answers[0].body)["state"] == "running"
        assert [json.loads(one.body)["lines"] for one in answers[1:]] == [[], []]


async def test_who_may_call_counts_at_once_even_while_a_look_at_the_files_hangs(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    hangs, free = threading.Event(), threading.Event()

    def samestat(_one: os.stat_result, _other: os.stat_result) -> bool:
        hangs.set()
        return free.wait(SOON)

    config = "[server]\nport = 0\ntoken = 's'\n"
    shown = "Authorization: Bearer s"
    project.write("taskconsole.toml", config)
    async with served(project) as there:
        url, engine = there.server.url, there.engine
        monkeypatch.setattr(os.path, "samestat", samestat)
        monkeypatch.setattr(EVERY, 0.02)
        try:
            project.write("taskconsole.toml", config.replace("'s'", "'t'"))
            await until(lambda: engine.catalog.config.server.token == "t" and hangs.is_set())
            assert (await exchange(url, get(LIST, shown))).status == 401
            assert (await exchange(url, get(LIST, "Authorization: Bearer t"))).status == 200

            project.write("taskconsole.toml", config.replace("0", "0\nhost = '::1'"))
            await until(lambda: engine.catalog.config.server.host == "::1")
            assert (await exchange(url, get(LIST, shown))).status == 503, "it leaves that address"

            project.write("taskconsole.toml", config.replace("token", "tokn"))
            await until(lambda: not engine.catalog.config.server.is_sound)
            assert (await exchange(url, get(LIST))).status == 503
        finally:
            free.set()
        await until(lambda: there.server.url == "")


async def test_at_the_end_calls_get_a_moment_and_streams_none(project: Project) -> None:
    project.task("gate.py", "import asyncio\nawait asyncio.sleep(0.2)\nreturn 'in time'")
    async with served(project, port=0) as there, Callers() as callers:
        url = there.server.url
        stream, patient, late, idle = [await callers.connect(url) for _ in range(4)]
        await stream.send(get("/api/v1/events"))
        assert b"200" in await stream.line()
        await patient.send(get("/_nitro/tasks/gate"))
        await late.send(get("/_nitro/tasks/hang"))
        for _ in ("gate", "hang"):
            await there.events.next(RunStarted)

        stopping = asyncio.ensure_future(there.server.stop(grace=3.0))
        assert await stream.is_closed()
        assert await idle.is_closed()
        assert not stopping.done()
        assert b"in time" in (await patient.answer()).body
        refused = await late.answer()
        assert (refused.status, refused.message) == (503, "The server is stopping")
        await stopping
        run = there.engine.active_runs_of("hang")[0]
        assert not run.state.is_final, "what was called goes on"
        await there.engine.cancel_run(run.id)


async def test_at_the_end_nobody_waits_for_callers_who_have_gone(project: Project) -> None:
    async with served(project, port=0) as there, Callers() as callers:
        gone, garbled = [await callers.connect(there.server.url) for _ in range(2)]
        await gone.send(get("/_nitro/tasks/hang"))
        await there.events.next(RunStarted)
        await gone.close()
        chunked = get("/_nitro/tasks/hello", "Transfer-Encoding: chunked", method="POST")
        await garbled.send(chunked, b"2\r\n{}\r\nzz")
        assert (await garbled.answer()).status == 400

        async with asyncio.timeout(SOON):
            await there.server.stop(grace=600)

        await there.engine.cancel_run(there.engine.active_runs_of("hang")[0].id)


async def test_a_server_whose_engine_has_gone_before_it_still_clears_up(project: Project) -> None:
    engine = Engine(project.root)
    await engine.start()
    server = Server(engine, port=0)
    await server.start()
    path = server.socket
    assert path
    async with Callers() as callers:
        caller = await callers.connect(server.url)
        await engine.stop()
        assert await caller.is_closed()

    await server.stop()

    assert not path.exists()


async def test_a_server_that_comes_too_late_to_stop_with_its_engine_leaves_nothing(
    project: Project,
) -> None:
    async with Engine(project.root) as engine:
        await engine.on_loop(engine.company.stop())  # as at its end, when the runs are over
        server = Server(engine, port=0)
        with pytest.raises(EngineNotRunning):
            await server.start()

        assert (server.socket, server.url, engine.url) == (None, "", "")
        assert (note_of(project).socket, note_of(project).url) == (None, "")
        folder = project.root / ".taskconsole"
        assert not [one for one in folder.iterdir() if one.is_socket()]


async def test_a_start_that_is_given_up_just_when_it_succeeds_leaves_nothing(
    project: Project,
) -> None:
    project.write("taskconsole.toml", "[server]\nnitro_compat = true\n")
    async with Engine(project.root) as engine:
        places: list[str] = []
        server = Server(engine, port=0, token="t0ken")
        starting = asyncio.ensure_future(server.start())
        loop = asyncio.get_running_loop()

        def give_up(event: Event) -> None:
            if isinstance(event, ProblemRaised):  # of the token, when it listens already
                places.append(engine.url)
                loop.call_soon_threadsafe(starting.cancel)

        engine.subscribe(give_up)
        with pytest.raises(asyncio.CancelledError):
            await starting

        assert (engine.url, engine.problems) == ("", ())
        assert (note_of(project).socket, note_of(project).url) == (None, "")
        with pytest.raises(ConnectionRefusedError):
            await exchange(places[0], get(LIST))
        async with serving(engine) as again:
            assert again.socket


async def test_a_start_that_is_given_up_once_more_leaves_nothing_either(project: Project) -> None:
    project.write("taskconsole.toml", "[server]\nnitro_compat = true\n")
    async with Engine(project.root) as engine:
        starting = asyncio.ensure_future(Server(engine, port=0, token="t0ken").start())
        events = Events(engine)
        await events.next(ProblemRaised)  # of the token, when it listens already
        for _ in range(2):
            starting.cancel()
            await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await starting

        await until(lambda: note_of(project).socket is None and not engine.url)


async def test_an_engine_in_a_hurry_does_not_wait_for_its_server(project: Project) -> None:
    async with Engine(project.root) as engine, Callers() as callers:
        events, server = Events(engine), Server(engine, port=0)
        await server.start()
        path = server.socket
        assert path
        await (await callers.connect(path)).send(get("/_nitro/tasks/hang"))
        await events.next(RunStarted)
        stopping = asyncio.ensure_future(server.stop(grace=600))

        await engine.stop(grace=0)

        await stopping
        assert not path.exists()


async def test_an_engine_leaves_behind_what_does_not_stop_with_it(
    project: Project, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("taskengine.company.STOPPED_WITHIN", 0.05)
    stopped: list[str] = []

    async def hangs() -> None:
        await asyncio.Event().wait()

    async def stops() -> None:
        stopped.append("in order")

    engine = Engine(project.root)
    await engine.start()
    engine.company.take_along(hangs)
    engine.company.take_along(stops)
    with caplog.at_level(logging.ERROR):
        await engine.stop()

    assert stopped == ["in order"]
    assert [record.message for record in caplog.records] == [
        "a part beside the engine has not stopped within 0.05 seconds: it is left behind"
    ]
    assert not (project.root / ".taskconsole/engine.json").exists(), "the history was closed"


@pytest.mark.slow
async def test_an_engine_stops_though_its_projects_filesystem_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(EVERY, 0.01)
    disk = small_disk(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        config = f"[server]\nport = {port}\nnitro_compat = true\n"
        (disk.folder / "taskconsole.toml").write_text(config)
        engine = Engine(disk.folder, history=MemoryHistory())
        await engine.start()
        server = Server(engine)
        await server.start(reports=True)
        path = server.socket
        assert path
        with disk.hanging():
            taken.close()
            await until(lambda: bool(engine.url))  # and Nitro's files are being written for ever

            with caplog.at_level(logging.ERROR):
                await engine.stop()

            said = " ".join(record.message for record in caplog.records)
            assert "the server's upkeep hangs" in said
            assert "the server's files can't be taken away" in said
            assert not path.exists()
    await until(lambda: not any(disk.folder.glob(".nitro*")))
    await until(lambda: is_let_go(disk))


async def test_what_is_called_belongs_to_no_run_that_started_the_server(project: Project) -> None:
    project.write(
        "tasks/serve.py",
        """
        from taskengine import task
        from taskengine.http import Server

        servers = []


        @task
        async def run(event):
            server = Server(event.context.extra["engine"])
            await server.start()
            event.context.extra["servers"].append(server)
        """,
    )
    servers: list[Server] = []
    async with Engine(project.root) as engine:
        await engine.run_task("serve", context={"engine": engine, "servers": servers})
        async with socket_client(servers[0]) as client:
            answer = await client.get("/_nitro/tasks/hello")
        run = engine.history.run(int(answer.headers["taskconsole-run"]))
        assert run
        assert run.parent_id is None
        await servers[0].stop()


async def test_answers_are_sent_at_once(project: Project) -> None:
    """Over a socket that does not say that it is TCP, each waits for 40 ms."""
    from taskengine.http.tcp_socket import bind_tcp

    with bind_tcp("127.0.0.1", 0) as bound:
        assert bound.proto == socket.IPPROTO_TCP
