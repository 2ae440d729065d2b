"""`http:download` against servers of our own: what is tried again, and what is left on the disk."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from support.engines import NOON
from support.events import Events
from taskengine import Engine, Run, RunState
from taskengine.events import AttemptEnded, RunEnded, RunEvent
from taskengine.testing import ManualClock

BODY = b"tea,3.10\n" * 5_000


@dataclass
class Site:
    """Gives its answers one after the other, the last one again and again."""

    url: str = ""
    answers: list[bytes] = field(default_factory=list)
    asked: int = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(self.answers[min(self.asked, len(self.answers) - 1)])
        self.asked += 1
        await writer.drain()
        writer.close()


def answer(status: str, body: bytes = b"", length: int | None = None) -> bytes:
    length = len(body) if length is None else length
    head = f"HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


@pytest.fixture
async def site(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    monkeypatch.setenv("no_proxy", "*")
    site = Site()
    async with await asyncio.start_server(site.answer, "127.0.0.1", 0) as server:
        site.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield site


def _is_turn(event: RunEvent) -> bool:
    return isinstance(event, AttemptEnded | RunEnded)


@dataclass
class Downloads:
    """Runs the task; the time between two attempts passes at once."""

    engine: Engine
    clock: ManualClock
    folder: Path

    async def run(self, url: str | None) -> Run:
        events = Events(self.engine)
        payload = {"url": url, "folder": str(self.folder)} if url else {}
        await self.engine.start_run("http:download", payload)
        while True:
            event = await events.next(RunEvent, _is_turn)
            if isinstance(event, RunEnded):
                return event.run
            if event.run.next_attempt_at:
                self.clock.advance((event.run.next_attempt_at - self.clock.now()).total_seconds())

    @property
    def left(self) -> list[str]:
        return sorted(path.name for path in self.folder.rglob("*"))


@pytest.fixture
async def downloads(shipped: Path) -> AsyncIterator[Downloads]:
    clock = ManualClock(NOON)
    async with Engine(shipped, scheduler=False, clock=clock) as engine:
        yield Downloads(engine, clock, shipped.parent / "scratch")


async def test_a_server_that_is_busy_is_asked_again(site: Site, downloads: Downloads) -> None:
    site.answers = [answer("503 Busy"), answer("429 Slowly"), answer("200 OK", BODY)]

    run = await downloads.run(f"{site.url}/lists/prices.csv")

    file = downloads.folder / "prices.csv"
    assert run.result == {"file": str(file), "bytes": len(BODY), "attempt": 3}
    assert file.read_bytes() == BODY
    assert [one.error.message.split(":")[0] for one in run.attempts if one.error] == [
        "503 Busy",
        "429 Slowly",
    ]
    assert run.progress is not None
    assert (run.progress.done, run.progress.total) == (len(BODY), len(BODY))


async def test_a_connection_that_breaks_off_leaves_nothing_behind(
    site: Site, downloads: Downloads
) -> None:
    site.answers = [answer("200 OK", BODY[:100], length=len(BODY))]

    run = await downloads.run(f"{site.url}/prices.csv")

    assert (run.state, run.attempt, site.asked) == (RunState.FAILED, 5, 5)
    assert downloads.left == []


async def test_what_is_not_there_is_asked_for_once(site: Site, downloads: Downloads) -> None:
    site.answers = [answer("404 Not Found")]

    run = await downloads.run(f"{site.url}/prices.csv")

    assert run.error is not None
    assert (run.error.type, site.asked) == ("HTTPStatusError", 1)
    assert downloads.left == []


async def test_no_url_leads_out_of_the_folder(site: Site, downloads: Downloads) -> None:
    site.answers = [answer("200 OK", BODY)]

    for path in ("", "/", "/..", "/a/%2e%2e", "/a%2f..%2f..", "/%2e"):
        await downloads.run(site.url + path)

        assert downloads.left == ["index.html"], path
        (downloads.folder / "index.html").unlink()


async def test_without_a_url_a_server_for_show_is_busy_twice(
    downloads: Downloads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "*")

    run = await downloads.run(None)

    assert (run.state, run.attempt) == (RunState.DONE, 3)
    assert [one.error.type for one in run.attempts if one.error] == ["ServerBusy"] * 2
    assert downloads.left == []
