"""`http:check` against a server of our own."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from support.events import Events
from support.examples import Examples
from taskengine.events import RunEnded, RunProgressed

SOON = 60


@dataclass
class Site:
    """What the server does: `/slow` waits for `gate`, `/meet` for a second request beside it."""

    url: str = ""
    gate: threading.Event = field(default_factory=threading.Event)
    meeting: threading.Barrier = field(default_factory=lambda: threading.Barrier(2))

    def status(self, path: str) -> int:
        if path.startswith("/slow"):
            self.gate.wait(SOON)
        if path.startswith("/meet"):
            self.meeting.wait(SOON)
        return {"/missing": 404, "/broken": 500, "/moved": 302}.get(path, 200)


class Server(ThreadingHTTPServer):
    daemon_threads = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has hung up is no error here."""


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("no_proxy", "*")
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(site.status(self.path))
            self.send_header("Location", "/here")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        site.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield site
        site.gate.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def refusing_url() -> Iterator[str]:
    """An address that refuses connections: its port is taken, but nobody listens."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/"


async def test_each_url_has_its_status_in_the_payloads_order(
    examples: Examples, site: Site
) -> None:
    urls = [site.url + path for path in ("/", "/missing", "/moved", "/broken")]

    answers = await examples.run("http:check", urls=urls)

    assert [answer["url"] for answer in answers] == urls
    assert [answer["status"] for answer in answers] == [200, 404, 200, 500]
    assert [answer["ok"] for answer in answers] == [True, False, True, False]
    assert all(isinstance(answer["ms"], int) for answer in answers)
    assert examples.output()[0] == "status      time  URL"
    assert any(
        line.split()[::3] == ["404", urls[1]] and line.split()[2] == "ms"
        for line in examples.output()
    )


async def test_unreachable_urls_are_reported_and_fail_the_run_only_on_request(
    examples: Examples, site: Site, refusing_url: str
) -> None:
    urls = [refusing_url, "ftp://127.0.0.1/", "http://[/", site.url]

    answers = await examples.run("http:check", urls=urls)

    assert [answer["status"] for answer in answers] == [None, None, None, 200]
    assert all(answer["error"] for answer in answers[:3])
    assert any(answers[0]["error"] in line for line in examples.output())
    with pytest.raises(Exception, match=r"^1 of 2 failed: " + refusing_url):
        await examples.run("http:check", urls=[refusing_url, site.url], fail_on_error=True)


async def test_all_good_urls_do_not_fail_the_run(examples: Examples, site: Site) -> None:
    [answer] = await examples.run("http:check", urls=site.url, fail_on_error=True)

    assert (answer["status"], answer["ok"]) == (200, True)


async def test_a_url_that_does_not_answer_in_time_says_so(examples: Examples, site: Site) -> None:
    [answer] = await examples.run("http:check", urls=[site.url + "/slow"], timeout=0.25)

    assert (answer["ok"], answer["error"]) == (False, "no answer within 0.25 s")


async def test_lines_come_as_the_answers_do(examples: Examples, site: Site) -> None:
    events = Events(examples.engine)
    slow, quick = site.url + "/slow", site.url + "/quick"
    await examples.engine.start_run("http:check", {"urls": [slow, quick]})

    progressed = await events.next(RunProgressed)
    site.gate.set()
    ended = await events.next(RunEnded)

    assert progressed.run.progress is not None
    assert (progressed.run.progress.done, progressed.run.progress.message) == (1, quick)
    assert [line.split()[-1] for line in examples.output()[1:]] == [quick, slow]
    assert isinstance(ended.run.result, list)
    assert [answer["url"] for answer in ended.run.result] == [slow, quick]


async def test_as_many_urls_are_asked_at_a_time_as_the_limit_allows(
    examples: Examples, site: Site
) -> None:
    urls = [f"{site.url}/meet{number}" for number in range(4)]

    answers = await examples.run("http:check", urls=urls, limit=2)

    assert [answer["status"] for answer in answers] == [200] * 4


async def test_a_url_beyond_the_limit_has_to_wait(examples: Examples, site: Site) -> None:
    slow, quick = site.url + "/slow", site.url + "/quick"

    await examples.run("http:check", urls=[slow, quick], limit=1, timeout=0.5)

    assert [line.split()[3] for line in examples.output()[1:]] == [slow, quick]


async def test_without_urls_it_asks_this_machine_and_says_how_to_name_some(
    examples: Examples, site: Site
) -> None:
    [answer] = await examples.run("http:check")

    assert answer["url"] == "http://127.0.0.1:8000/"
    assert any('{"urls": ["https://' in line for line in examples.output())
