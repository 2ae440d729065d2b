"""How much a server takes before it loses patience, and that others don't suffer from it."""

import asyncio
import contextlib
import json
from pathlib import Path

import pytest

from support import guides
from support.host import descriptors
from support.project import Project
from support.raw_http import SOON, Callers, exchange, get
from support.served import served
from taskengine.http.limits import Limits
from taskengine.records import RunQuery

TASK = "/_nitro/tasks/echo"
PROMPT = Limits(head_seconds=0.3, body_seconds=0.3, drain_seconds=0.3, idle_seconds=0.3)


@pytest.fixture(autouse=True)
def tasks(project: Project) -> None:
    project.task("echo.py", 'return len(str(event.payload.get("text", "")))')


def post(body: bytes, *headers: str, path: str = TASK) -> bytes:
    return get(path, f"Content-Length: {len(body)}", *headers, method="POST") + body


def text(size: int) -> bytes:
    return json.dumps({"payload": {"text": "x" * size}}).encode()


async def is_turned_away(place: Path) -> bool:
    """Whether there is no room for another caller, who may hear that before having asked."""
    with contextlib.suppress(ConnectionError):
        return (await exchange(place, get(TASK))).status != 200
    return True


def chunked(*chunks: bytes) -> bytes:
    coded = b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in chunks)
    return get(TASK, "Transfer-Encoding: chunked", method="POST") + coded


async def test_what_is_too_large_is_refused_and_what_is_not_is_taken(project: Project) -> None:
    frame, impatient = len(text(0)), Limits(drain_seconds=0.2)
    async with served(project, port=0, limits=impatient) as there, Callers() as callers:
        url = there.server.url
        fits = await exchange(url, post(text(1_000_000 - frame)))
        assert json.loads(fits.body) == {"result": 1_000_000 - frame}
        assert (await exchange(url, chunked(text(10)[:7], text(10)[7:], b""))).status == 200
        late = chunked(text(10)) + b"0\r\nHost: a.test\r\nX: y\r\n\r\n"
        assert (await exchange(url, late)).status == 200, "what comes after the body is no header"

        declared = get(TASK, "Content-Length: 1000001", method="POST")
        assert (await exchange(url, declared)).message == "The body is larger than 1,000,000 bytes"
        huge = get(TASK, f"Content-Length: {'9' * 4000}", method="POST")
        assert (await exchange(url, huge)).status == 400
        assert (await exchange(url, chunked(*[b" " * 100_000] * 11))).status == 413
        assert (await exchange(url, get("/" + "x" * 33_000))).status == 431
        assert (await exchange(url, get(TASK, "X: " + "x" * 33_000))).status == 431
        assert (await exchange(url, get(TASK, *["X: y"] * 100))).status == 431
        assert (await exchange(url, get(TASK, *["X: y"] * 99))).status == 200
        assert (await exchange(url, chunked(b"{}") + b"zz\r\n")).status == 400

        endless = await callers.connect(url)
        with pytest.raises(ConnectionError):
            await endless.send_for_ever(b"x" * 10_000)
        runs = await there.engine.history.runs(RunQuery())
        assert len(runs.runs) == 4


async def test_a_connection_outlives_a_body_that_was_refused(project: Project) -> None:
    async with served(project, port=0) as there, Callers() as callers:
        caller = await callers.connect(there.server.url)
        await caller.send(get(TASK, "Content-Length: 1500000", method="POST"), b" " * 500_000)
        assert (await caller.answer()).status == 413
        await caller.send(b" " * 1_000_000, get(TASK), get("/_nitro/tasks"))
        assert (await caller.answer()).status == 200
        assert b"echo" in (await caller.answer()).body, "pipelined"


async def test_what_is_garbled_does_not_cost_the_answer_before_it(project: Project) -> None:
    """As where a program counts its own body wrong: the task runs, and its result is told."""
    async with served(project, port=0) as there, Callers() as callers:
        caller = await callers.connect(there.server.url)
        await caller.send(get(TASK), get("/_nitro/tasks"), b"garbled\r\n\r\n", get(TASK))
        assert (await caller.answer()).status == 200
        assert b"echo" in (await caller.answer()).body
        assert await caller.is_closed()


async def test_who_dawdles_is_cut_off(project: Project) -> None:
    has_body = "Content-Length: 9"
    async with served(project, port=0, limits=PROMPT) as there, Callers() as callers:
        url = there.server.url
        # Each sends at once: who has not begun within 0.3 s is not heard.
        await (head := await callers.connect(url)).send(get(TASK)[:-4])
        await (body := await callers.connect(url)).send(get(TASK, has_body, method="POST"))
        refused = get(TASK, has_body, host="evil.test", method="POST")
        await (rest := await callers.connect(url)).send(refused)
        await (idle := await callers.connect(url)).send(get(TASK))
        silent = await callers.connect(url)

        assert (await head.answer()).status == 408
        assert (await body.answer()).message == "The body took longer than 0.3 s"
        assert (await rest.answer()).status == 403
        assert (await idle.answer()).status == 200
        for caller in (head, body, rest, idle, silent):
            assert await caller.is_closed()

        trickle = await callers.connect(url)
        with pytest.raises(ConnectionError):
            await trickle.send_for_ever(b"x", pause=0.02)


async def test_who_asks_on_and_on_and_takes_no_answer_is_cut_off(project: Project) -> None:
    """Else a few strangers, each of whom is refused, would shut everybody else out."""
    crowded = Limits(connections=1, flush_seconds=0.2)
    async with served(project, limits=crowded) as there, Callers() as callers:
        place = there.server.socket
        assert place
        stuck = await callers.connect(place)
        asking = asyncio.ensure_future(stuck.send(get(TASK, "Origin: http://a.test") * 3_000))
        assert await stuck.line()
        assert await is_turned_away(place)
        async with asyncio.timeout(SOON):
            while await is_turned_away(place):  # noqa: ASYNC110 - a server says nothing when there is room
                await asyncio.sleep(0.01)
        with contextlib.suppress(ConnectionError):
            await asking


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["keep-alive", "close"])
async def test_who_takes_a_large_answer_slowly_gets_all_of_it(
    project: Project, ending: str
) -> None:
    project.task("large.py", "return 'x' * 8_000_000")
    patience = Limits(connections=1, flush_seconds=1.0, idle_seconds=0.5)
    async with served(project, limits=patience) as there, Callers() as callers:
        assert there.server.socket
        slow = await callers.connect(there.server.socket)
        await slow.send(get("/_nitro/tasks/large", f"Connection: {ending}"))
        assert await slow.body_in_pieces(pieces=25, pause=0.1) == 8_000_013


async def test_a_crowd_of_idle_connections_makes_room_for_who_comes_to_call(
    project: Project,
) -> None:
    project.task("slow.py", "import asyncio\nawait asyncio.Event().wait()")
    crowded = Limits(connections=4)
    async with served(project, port=0, limits=crowded) as there, Callers() as callers:
        url = there.server.url
        busy = await callers.connect(url)
        await busy.send(get("/_nitro/tasks/slow"))
        kept = await callers.connect(url)
        await kept.send(get(TASK))
        assert (await kept.answer()).status == 200

        crowd = [await callers.connect(url) for _ in range(20)]
        assert (await exchange(url, get(TASK))).status == 200
        for one in (kept, *crowd[:18]):
            assert await one.is_closed(), "the oldest go"

        crowd.append(await callers.connect(url))
        await asyncio.gather(*(one.send(get("/_nitro/tasks/slow")) for one in crowd[-3:]))
        await there.client.get("/_nitro/tasks")  # the socket has room of its own
        full = await exchange(url, get(TASK))
        assert full.status == 503
        run = there.engine.active_runs_of("slow")[0]
        assert len(run.joined) == 3
        await there.engine.cancel_run(run.id)
        assert (await busy.answer()).status == 499


@pytest.mark.slow
@pytest.mark.parametrize("by_socket", [False, True])
async def test_a_thousand_idle_connections_keep_nobody_out(
    project: Project, *, by_socket: bool
) -> None:
    async with served(project, port=0) as there, Callers() as callers:
        place = there.server.socket if by_socket else there.server.url
        assert place
        before = len(descriptors())
        for _ in range(1_000):
            await callers.connect(place)

        answers = await asyncio.gather(*(exchange(place, get(TASK)) for _ in range(50)))
        assert [one.status for one in answers] == [200] * 50
        assert (await there.client.get("/_nitro/tasks")).status_code == 200
        # The callers' own are of this process too.
        ours = len(descriptors()) - before - 1_000
        assert ours <= Limits().connections


def test_the_guide_names_the_limits_as_they_are() -> None:
    limits = Limits()
    told = {row[0]: row[1] for row in guides.table("server.md", "### Limits")}

    assert told["body"] == f"{limits.body:,} bytes, within {limits.body_seconds:g} s"
    assert told["request line and headers"] == (
        f"{limits.head:,} bytes, {limits.headers} headers, within {limits.head_seconds:g} s"
    )
    assert told["connections, at the socket and on the network each"].startswith(
        "256, or a quarter"
    )
    assert limits.connections <= 256
    assert told["connection without a request"] == f"{limits.idle_seconds:g} s"
    assert (
        told["answer of which nothing is taken, be it a stream's"] == f"{limits.flush_seconds:g} s"
    )
