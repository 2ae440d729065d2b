"""Connections that break, engines that come and go: a handle elsewhere comes back by itself."""

import asyncio
import contextlib
import gc
import os
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from support.cut_wire import wire_to
from support.project import Project
from support.reached import Heard, attached, facts, living, soon, texts
from support.restarts import held_up, let_go
from support.served import serving
from taskengine import Engine, RunQuery, RunState
from taskengine.client.local import LocalHandle
from taskengine.client.remote import connection, link
from taskengine.client.remote.handle import RemoteHandle
from taskengine.errors import EngineUnreachable
from taskengine.events import (
    CatalogChanged,
    EngineState,
    EngineStateChanged,
    PresetsChanged,
    ProblemRaised,
    RunDelayed,
    RunEnded,
    RunEvent,
    RunQueued,
    RunStarted,
    SchedulePaused,
    SchedulingChanged,
)
from taskengine.output import Output, OutputLine
from taskengine.records import StateKind

HOUR = timedelta(hours=1)


@pytest.fixture
async def engine(project: Project) -> AsyncIterator[Engine]:
    """A living engine with a task that writes as many lines as it is told to."""
    project.task(
        "write.py",
        """
        import asyncio
        for number in range(event.payload["lines"]):
            print(f"line {number} of {event.context.run_id}")
            if number % 50 == 0:
                await asyncio.sleep(0.001)
        """,
        options="concurrency='parallel'",
    )
    held_up(project, "held.py")
    engine = Engine(project.root)
    async with living(engine):
        yield engine


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder for sockets, whose paths must be short."""
    with TemporaryDirectory(prefix="r", dir="/tmp") as folder:
        yield Path(folder)


def open_sockets() -> int:
    """How many there are; what else is opened meanwhile, as to watch files, is not counted."""
    found = 0
    for path in Path("/dev/fd").iterdir():
        with contextlib.suppress(OSError):  # the one that lists the folder is closed by now
            found += stat.S_ISSOCK(os.fstat(int(path.name)).st_mode)
    return found


async def read_along(output: Output | None, seen: list[str], lines: int) -> None:
    """Read an output as it grows, as a screen does."""
    assert output is not None
    while len(seen) < lines:
        total = output.extent.total
        if output.has(len(seen), total):
            seen += [OutputLine.decode(line).text for line in output.read(len(seen), total)]
        await asyncio.sleep(0.005)


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(n, marks=pytest.mark.slow) for n in (2, 3, 4, 5))]
)
async def test_nothing_is_lost_or_doubled_wherever_the_connection_breaks(
    engine: Engine, seed: int
) -> None:
    local, lines = LocalHandle(engine), 800
    async with (
        serving(engine) as server,
        wire_to(server.socket, seed) as wire,
        attached(RemoteHandle(wire.path)) as handle,
    ):
        heard, seen = Heard(), list[str]()
        handle.listen(heard)
        wire.cuts_after = 30_000
        wire.cut()
        long = await local.start_run("write", {"lines": lines})
        reading = asyncio.create_task(read_along(handle.output(long.id), seen, lines))
        ids = [long.id]
        while wire.cuts < 6 and len(ids) < 500:
            run = await local.wait((await local.start_run("write", {"lines": 10})).id)
            ids.append(run.id)
        ended = await asyncio.gather(*map(handle.wait, ids))
        await asyncio.wait_for(reading, 60)
        await heard.until(lambda: len(heard.of(RunEnded)) >= len(ids))
        await soon(lambda: facts(handle) == facts(local))

        assert {run.state for run in ended} == {RunState.DONE}
        assert seen == [f"line {number} of {long.id}" for number in range(lines)]
        assert wire.cuts >= 6
        for run_id in ids:
            told = [type(one) for one in heard.of(RunEvent) if one.run.id == run_id]
            assert told == [RunQueued, RunStarted, RunEnded], run_id


async def test_what_happened_unseen_is_told_afterwards(project: Project, engine: Engine) -> None:
    local = LocalHandle(engine)
    held = await local.start_run("held", {})
    async with serving(engine) as server:
        handle = RemoteHandle(server.socket or "")
        await handle.start()
    heard = Heard()
    handle.listen(heard)
    try:
        await heard.next(EngineStateChanged, lambda one: one.state is EngineState.UNREACHABLE)
        waiting = asyncio.create_task(handle.wait(held.id))
        later = await local.run_later("write", {"lines": 1}, datetime.now(UTC) + HOUR)
        await local.cancel_run(held.id)
        await local.wait(held.id)
        second = await local.wait((await local.start_run("write", {"lines": 3})).id)
        third = await local.start_run("held", {})
        await local.pause("write", "for a while")
        await local.keep(StateKind.PRESET, "usual", '{"lines": 1}')
        await local.keep(StateKind.DRAFT, "write", "{")
        await local.set_scheduling(on=False)
        project.task("new.py", "return 1")
        project.write("tasks/broken.py", "import nothing_of_that_name, taskengine\n")
        await soon(lambda: local.task("new") is not None and local.task("broken") is not None)
        await soon(lambda: bool(local.problems()))

        async with serving(engine):
            await heard.next(EngineStateChanged, lambda one: one.state is EngineState.LIVE)
            assert (await heard.next(SchedulingChanged)).on is False
            changed = await heard.next(CatalogChanged)
            assert set(changed.added) == {"new", "broken"}
            assert (await heard.next(ProblemRaised)).problem == local.problems()[0]
            assert (await heard.next(SchedulePaused)).reason == "for a while"
            assert (await heard.next(RunQueued)).run.id == third.id
            assert (await heard.next(RunDelayed)).delayed == later
            preset = await heard.next(PresetsChanged)
            assert (preset.name, preset.text) == ("usual", '{"lines": 1}')
            assert (await asyncio.wait_for(waiting, 60)).state is RunState.CANCELLED
            await heard.until(lambda: len(heard.of(RunEnded)) == 2)
            assert {one.run.id for one in heard.of(RunEnded)} == {held.id, second.id}
            assert len(heard.of(PresetsChanged)) == 1
            await soon(lambda: facts(handle) == facts(local))
    finally:
        await handle.stop()


async def test_a_run_that_began_and_ended_unseen_is_waited_for_no_longer_than_it_took(
    project: Project, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    local = LocalHandle(engine)
    async with (
        serving(engine) as server,
        wire_to(server.socket) as wire,
        AsyncExitStack() as after,
        attached(RemoteHandle(wire.path)) as handle,
    ):
        handle.listen(heard := Heard())
        await wire.stop()
        await heard.next(EngineStateChanged, lambda one: one.state is EngineState.UNREACHABLE)
        run = await local.start_run("held", {})
        # The stream is cut, but calls get through: the handle learns of the run by one.
        connection_there = connection.Connection(server.socket or "")
        after.push_async_callback(connection_there.close)
        monkeypatch.setattr(handle._place.connection, "get", connection_there.get)
        waiting = asyncio.create_task(handle.wait(run.id))
        await soon(lambda: handle.run(run.id) is not None)
        await local.cancel_run(run.id)
        await local.wait(run.id)
        let_go(project)
        await engine.run_task("held")  # so that the next state does not tell of the other
        await wire.start()
        assert (await asyncio.wait_for(waiting, 60)).state is RunState.CANCELLED


async def test_a_connection_that_is_closed_leaves_nothing_of_its_calls_open(engine: Engine) -> None:
    """How far they have come depends on how many rounds the loop has made since."""
    async with serving(engine, port=0) as server:
        open_before = open_sockets()
        for place in (server.socket or "", server.url):
            for rounds in range(8):
                closed = connection.Connection(place)
                calls = [asyncio.create_task(closed.get(dict, "kept", "draft")) for _ in range(2)]
                for _ in range(rounds):
                    await asyncio.sleep(0)
                await closed.close()
                for end in await asyncio.gather(*calls, return_exceptions=True):
                    assert isinstance(end, dict) or "was given up" in str(end)
        await soon(lambda: open_sockets() <= open_before)


async def test_a_call_that_is_cancelled_leaves_no_earlier_connection_open(engine: Engine) -> None:
    async with serving(engine):
        pass  # what it imports stays open
    open_before = open_sockets()
    gc.disable()  # it would close what nobody else does
    try:
        for rounds in range(6):
            async with serving(engine) as server:
                there = connection.Connection(server.socket or "")
                await asyncio.gather(*(there.get(dict, "kept", "draft") for _ in range(5)))
            call = asyncio.create_task(there.get(dict, "kept", "draft"))
            for _ in range(rounds):
                await asyncio.sleep(0)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
            await there.close()
        await soon(lambda: open_sockets() <= open_before)
    finally:
        gc.enable()


async def test_an_engine_that_is_started_anew_is_found_where_it_listens_then(
    project: Project, short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.task("job.py", "print('one')\nprint('two')\nreturn 1")
    held_up(project, "held.py")
    heard = Heard()
    async with living(engine := Engine(project.root)), serving(engine) as server:
        first = server.socket
        assert first
        handle = RemoteHandle(first, root=project.root)
        await handle.start()
        handle.listen(heard)
        done = await handle.wait((await handle.start_run("job", {})).id)
        held = await handle.start_run("held", {})
        await handle.keep(StateKind.PRESET, "usual", "{}")
        await handle.keep(StateKind.DRAFT, "job", "{")
        await heard.next(PresetsChanged)
    try:
        gone = await heard.next(
            EngineStateChanged, lambda one: one.state is EngineState.UNREACHABLE
        )
        assert "trying again" in gone.reason
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(short_folder))
        async with living(engine := Engine(project.root)), serving(engine) as server:
            assert server.socket != first
            await heard.next(EngineStateChanged, lambda one: one.state is EngineState.LIVE)
            assert handle.status.address == str(server.socket)
            await heard.until(lambda: held.id in {one.run.id for one in heard.of(RunEnded)})
            assert (await handle.wait(held.id)).state in {
                RunState.INTERRUPTED,
                RunState.CANCELLED,
            }
            assert await texts(handle.output(done.id)) == ["one", "two"]
            run = await handle.wait((await handle.start_run("job", {})).id)
            assert run.id > held.id
            assert len(heard.of(PresetsChanged)) == 1
            assert handle.kept(StateKind.PRESET) == {"usual": "{}"}
            assert handle.kept(StateKind.DRAFT) == {"job": "{"}
            await soon(lambda: facts(handle) == facts(LocalHandle(engine)))
    finally:
        await handle.stop()


async def test_an_engine_that_is_gone_is_not_shown_as_if_it_lived(engine: Engine) -> None:
    heard = Heard()
    async with serving(engine) as server:
        handle = RemoteHandle(server.socket or "")
        assert handle.status.state is EngineState.STARTING
        await handle.start()
        handle.listen(heard)
    try:
        await heard.next(EngineStateChanged, lambda one: one.state is EngineState.UNREACHABLE)
        status = handle.status
        assert status.state is EngineState.UNREACHABLE
        assert "does not answer" in status.reason
        assert status.address in status.reason
        assert handle.task("write") is not None
        for call in (
            handle.start_run("write", {}),
            handle.runs(RunQuery()),
            handle.find_run(1),
            handle.cancel_run(1),
            handle.pause("write"),
            handle.output(1).fetch(0, 1),  # type: ignore[union-attr]
        ):
            with pytest.raises(EngineUnreachable, match="does not answer"):
                await call
    finally:
        await handle.stop()


async def test_an_engine_that_falls_silent_is_given_up_and_found_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "SILENCE", 1.5)
    monkeypatch.setattr(connection, "CONNECTED_WITHIN", 1.5)
    async with (
        serving(engine) as server,
        wire_to(server.socket) as wire,
        attached(RemoteHandle(wire.path)) as handle,
    ):
        handle.listen(heard := Heard())
        with wire.held_up():
            await soon(lambda: "silent" in handle.status.reason)
            run = await LocalHandle(engine).start_run("write", {"lines": 1})
        await heard.next(EngineStateChanged, lambda one: one.state is EngineState.LIVE)
        await heard.next(RunEnded, lambda one: one.run.id == run.id)


async def test_that_an_engine_is_silent_is_told_before_it_is_tried_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "SILENCE", 1.5)
    monkeypatch.setattr(link, "FIRST_PAUSE", 3_600.0)
    monkeypatch.setattr(link, "LONGEST_PAUSE", 3_600.0)
    async with (
        serving(engine) as server,
        wire_to(server.socket) as wire,
        attached(RemoteHandle(wire.path)) as handle,
    ):
        with wire.held_up():
            await soon(lambda: handle.status.state is EngineState.UNREACHABLE)


async def test_of_a_long_output_only_what_is_looked_at_is_fetched(engine: Engine) -> None:
    local, lines = LocalHandle(engine), 12_000
    run = await local.wait((await local.start_run("write", {"lines": lines})).id)
    async with (
        serving(engine) as server,
        wire_to(server.socket) as wire,
        attached(RemoteHandle(wire.path)) as handle,
    ):
        before = wire.passed
        output = handle.output(run.id)
        assert output is not None
        assert output.extent.total == 0
        await soon(lambda: output.extent.total == lines)
        assert output.has(lines - 40, lines)
        assert not output.has(100, 140)
        assert output.read(100, 140) == []
        await soon(lambda: output.has(100, 140))
        last = f"line {lines - 1} of {run.id}"
        assert OutputLine.decode(output.read(lines - 1, lines)[0]).text == last
        assert wire.passed - before < 120_000
        assert await texts(output) == [f"line {n} of {run.id}" for n in range(lines)]


async def test_who_is_not_let_in_is_told_why(
    engine: Engine, tmp_path: Path, unused_tcp_port: int
) -> None:
    nowhere = tmp_path / "nowhere.sock"
    async with serving(engine, port=0, token="secret") as server:
        for address, token, word in (
            (nowhere, None, "there is no such socket"),
            (f"http://127.0.0.1:{unused_tcp_port}", None, "nobody listens there"),
            (server.url, None, "token"),
            (server.url, "wrong", "token"),
            ("http://no-such-host.invalid", None, "host"),
        ):
            handle = RemoteHandle(address, token=token)
            with pytest.raises(EngineUnreachable, match=word) as refused:
                await handle.start()
            assert str(address) in str(refused.value)
            await handle.stop()


async def test_what_is_no_engine_is_not_taken_for_one(tmp_path: Path) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = bodies[0]
        head = f"HTTP/1.1 200 OK\r\ncontent-type: {kinds[0]}\r\ncontent-length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        writer.close()

    bodies, kinds = [b""], [""]
    path = tmp_path / "s"
    server = await asyncio.start_unix_server(answer, path)
    async with server:
        for body, kind in (
            (b"<html>", "text/html"),
            (b"event: State\ndata: {}\nid: a.1\n\n", "text/event-stream"),
            (b"event: State\ndata: nonsense\nid: a.1\n\n", "text/event-stream"),
            (b"", "text/event-stream"),
            (b"not even HTTP", "x\r\n\r\n"),
        ):
            bodies[0], kinds[0] = body, kind
            handle = RemoteHandle(path)
            with pytest.raises(EngineUnreachable, match=str(path)):
                await handle.start()
