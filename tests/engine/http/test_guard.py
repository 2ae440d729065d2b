"""Who may call a served engine, and what can't be smuggled past that."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from support.project import Project
from support.raw_http import Answer, exchange, get
from support.served import Served, served
from taskengine.hosts import is_loopback, plain_host
from taskengine.http.authority import Authority
from taskengine.records import RunQuery

TASK = "/_nitro/tasks/hello"
TOKEN = "s3cret-t0ken"


@pytest.fixture(autouse=True)
def hello(project: Project) -> None:
    project.task("hello.py", 'return "hi"')


async def statuses(place: str | Path, requests: Sequence[bytes]) -> dict[bytes, int]:
    return {one: (await exchange(place, one)).status for one in requests}


async def runs_of(served: Served) -> int:
    return len((await served.engine.history.runs(RunQuery())).runs)


NOT_MEANT = [
    get(TASK, host="evil.test"),
    get(TASK, host="evil.test:80"),
    get(TASK, host="localhost.evil.test"),
    get(TASK, host="127.0.0.1.evil.test"),
    get(TASK, host="0.0.0.0"),
    get(TASK, host="128.0.0.1"),
    get(TASK, host="[::]"),
    get(TASK, host="[::ffff:1.2.3.4]"),
    get(TASK, "Origin: http://evil.test"),
    get(TASK, "Origin: http://localhost:1"),
    get(TASK, "Origin: null"),
    get(TASK, "Origin:"),
    get(TASK, "Origin: file://"),
    get(TASK, "Origin: http://localhost http://evil.test"),
    get(TASK, "Origin: http://localhost.evil.test"),
    get(TASK, "Origin: http://evil.test#localhost"),
    get(TASK, "Origin: http://localhost@evil.test"),
    get(TASK, "Sec-Fetch-Site: cross-site"),
    get(TASK, "Sec-Fetch-Site: same-site"),
    get(TASK, "Sec-Fetch-Site: same-origin, none"),
    get(TASK, "Sec-Fetch-Site:"),
    get(TASK, "Origin: http://localhost", "Sec-Fetch-Site: cross-site"),
    get(TASK, "Upgrade: websocket", "Connection: Upgrade", "Origin: http://evil.test"),
]

MALFORMED = [
    get(TASK, host=None),
    get(TASK, host=None).replace(b"HTTP/1.1", b"HTTP/1.0"),
    get(TASK, host=""),
    get(TASK, "Host: localhost"),
    get(TASK, "Host: evil.test"),
    get(TASK, host="localhost, evil.test"),
    get(TASK, host="user@localhost"),
    get(TASK, host="localhost:99999"),
    get(TASK, host="localhost:http"),
    get(TASK, host="localhost:"),
    get(TASK, host="localhost.."),
    get(TASK, host="[::1"),
    get(TASK, host="[127.0.0.1]"),
    get(TASK, host="::1"),
    get(TASK, host="l\xf6calhost"),
    get(TASK, host="localhost/evil.test"),
    get(TASK, host="local\x00host"),
    get(TASK, "Origin: http://localhost", "Origin: http://localhost"),
    get(TASK, "Origin: http://localhost", "Origin: http://evil.test"),
    get(TASK, "Sec-Fetch-Site: none", "Sec-Fetch-Site: cross-site"),
    get(TASK, "Authorization: Bearer a", "Authorization: Bearer b"),
    get(f"http://evil.test{TASK}"),
    get(f"http://localhost{TASK}"),
    get("*", method="OPTIONS"),
    get("localhost:80", method="CONNECT"),
    get(TASK, "Content-Length: 1", "Content-Length: 2"),
    get(TASK, "Content-Length: 5", "Transfer-Encoding: chunked"),
    get(TASK, "Content-Length: -1"),
    get(TASK, "Bad Header: x"),
    get(f"{TASK}\x00"),
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET / HTTP/3.7\r\n\r\n",
]

NOTHING_THERE = [
    get("/_nitro/tasks/../tasks/hello"),
    get("/_nitro/tasks/./hello"),
    get("/_nitro/tasks/%2e%2e/tasks/hello"),
    get("/_nitro/tasks/..%2fhello"),
    get("/_nitro/tasks/%2e%2e%2f%2e%2e%2fetc%2fpasswd"),
    get("/_nitro//tasks/hello"),
    get("//_nitro/tasks/hello"),
    get("//evil.test/_nitro/tasks/hello"),
    get("/_nitro/tasks/hello%00"),
    get("/_nitro/tasks/hello.py"),
    get("/_nitro/tasks/hello/"),
    get("/_nitro/tasks/%ff%fe"),
    get("/_nitro/tasks/hello%0d%0aX-Evil:%201"),
    get("/_NITRO/tasks/hello"),
]

OTHER_METHODS = [get(TASK, method=one) for one in ("HEAD", "PUT", "DELETE", "OPTIONS", "PATCH")]


async def test_over_the_network_hostile_requests_run_nothing(project: Project) -> None:
    async with served(project, port=0) as there:
        url = there.server.url
        assert await statuses(url, NOT_MEANT) == dict.fromkeys(NOT_MEANT, 403)
        assert await statuses(url, MALFORMED) == dict.fromkeys(MALFORMED, 400)
        assert await statuses(url, NOTHING_THERE) == dict.fromkeys(NOTHING_THERE, 404)
        assert await statuses(url, OTHER_METHODS) == dict.fromkeys(OTHER_METHODS, 405)
        assert await runs_of(there) == 0


async def test_those_who_mean_this_server_may_call(project: Project) -> None:
    hosts = ["localhost", "LocalHost:1", "localhost.", "127.0.0.1", "127.0.0.2:80", "[::1]:65535"]
    hosts += ["tasks.example.com", "TASKS.example.com.:443", "192.168.7.1:8080"]
    shown = f"Authorization: Bearer {TOKEN}"
    good = [
        *(get(TASK, shown, host=one) for one in hosts),
        get(TASK, shown, "Origin: http://localhost:8080", host="localhost:8080"),
        get(TASK, shown, "Origin: http://[::1]", "Sec-Fetch-Site: same-origin", host="[::1]:80"),
        get(TASK, shown, "Origin: https://tasks.example.com", host="tasks.example.com"),
        get(TASK, shown, "Sec-Fetch-Site: none"),
        get(TASK, shown, "Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings"),
    ]
    project.write("taskconsole.toml", '[server]\nallowed_hosts = ["Tasks.Example.com"]')
    async with served(project, port=0, token=TOKEN, allowed_hosts=["192.168.7.1"]) as there:
        assert await statuses(there.server.url, good) == dict.fromkeys(good, 200)
        assert await runs_of(there) == len(good)

        other = await exchange(there.server.url, get(TASK, host="sub.tasks.example.com"))
        assert "allowed_hosts" in other.message


async def test_a_token_is_asked_for_over_the_network_alone(project: Project) -> None:
    refused = [
        get(TASK),
        get(f"{TASK}?token={TOKEN}&access_token={TOKEN}"),
        get(TASK, f"Authorization: {TOKEN}"),
        get(TASK, f"Authorization: Basic {TOKEN}"),
        get(TASK, "Authorization: Bearer"),
        get(TASK, "Authorization: Bearer "),
        get(TASK, f"Authorization: Bearer {TOKEN}x"),
        get(TASK, f"Authorization: Bearer {TOKEN[:-1]}"),
        get(TASK, f"Authorization: Bearer {TOKEN.upper()}"),
        get(TASK, "Authorization: Bearer \xff\xfe"),
        get(TASK, f"X-Token: {TOKEN}"),
        get("/nothing"),
    ]
    accepted = [
        get(TASK, f"Authorization: Bearer {TOKEN}"),
        get(TASK, f"authorization: bearer  {TOKEN} "),
    ]
    async with served(project, port=0, token=TOKEN) as there:
        url = there.server.url
        assert await statuses(url, refused) == dict.fromkeys(refused, 401)
        assert await runs_of(there) == 0
        assert await statuses(url, accepted) == dict.fromkeys(accepted, 200)

        told = await exchange(url, get(TASK))
        assert told.headers["www-authenticate"] == "Bearer"
        assert TOKEN not in told.message
        shown = get(TASK, f"Authorization: Bearer {TOKEN}", "Sec-Fetch-Site: cross-site")
        assert (await exchange(url, shown)).status == 403, "a token does not make a page welcome"
        assert (await there.client.get(TASK)).json() == {"result": "hi"}


async def test_the_socket_asks_for_no_host_but_takes_no_calls_of_browsers(
    project: Project,
) -> None:
    accepted = [get(TASK, host="anything.test"), get(TASK, host="")]
    refused = [get(TASK, "Origin: http://localhost"), get(TASK, "Sec-Fetch-Site: none")]
    async with served(project) as there:
        path = there.server.socket
        assert path
        assert await statuses(path, accepted) == dict.fromkeys(accepted, 200)
        assert await statuses(path, refused) == dict.fromkeys(refused, 403)
        assert await statuses(path, NOTHING_THERE) == dict.fromkeys(NOTHING_THERE, 404)
        assert there.server.url == ""


async def test_a_refusal_is_json_and_says_what_is_wrong_in_its_status_line_too(
    project: Project,
) -> None:
    project.task("broken.py", 'raise ValueError("zwei\\r\\nZeilen: ä, €")')

    async with served(project, port=0) as there:
        url = there.server.url

        async def reason(request: bytes) -> tuple[str, Answer]:
            answer = await exchange(url, request)
            assert answer.headers["content-type"] == "application/json"
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "x-reason" not in answer.headers
            return answer.reason, answer

        told, answer = await reason(get("/_nitro/tasks/nothing"))
        assert told == answer.message == "Task `nothing` is not available!"
        told, answer = await reason(get("/_nitro/tasks/broken"))
        assert (told, answer.status) == ("zwei Zeilen: ä, ?", 500)
        assert answer.message == "zwei\r\nZeilen: ä, €"
        told, _ = await reason(get(TASK, method="PUT"))
        assert told == "PUT is not possible here; GET or POST is"
        told, _ = await reason(get("/" + "x" * 500))
        assert told == f"There is nothing at /{'x' * 500}"[:200]
        told, _ = await reason(get("/_nitro/tasks"))
        assert told == "OK"


async def test_a_traceback_is_told_to_callers_of_this_machine_alone(project: Project) -> None:
    project.task("broken.py", "1 / 0")
    broken = "/_nitro/tasks/broken"
    async with served(project, port=0) as there:
        url = there.server.url
        assert b"ZeroDivisionError" in (await exchange(url, get(broken))).body
        assert "ZeroDivisionError" in (await there.client.get(broken)).text
        passed_on = await exchange(url, get(broken, "X-Forwarded-For: 1.2.3.4"))
        assert b"ZeroDivisionError" not in passed_on.body
        assert passed_on.message == "division by zero"


def test_hosts_have_one_plain_form() -> None:
    assert plain_host("Example.COM.") == "example.com"
    assert plain_host("[0:0::1]") == plain_host("::1") == "::1"
    assert [is_loopback(one) for one in ("localhost", "127.8.9.1", "::1")] == [True] * 3
    assert not any(is_loopback(one) for one in ("localhost.test", "10.0.0.1", "::", "0.0.0.0"))
    for wrong in ("", ".", "a..b", "a b", "-a", "a" * 64, "a.b:80", "ex\xe4mple", "[::", "1::2::3"):
        with pytest.raises(ValueError, match="neither a host's name nor an address"):
            plain_host(wrong)


def test_an_origin_is_own_if_it_names_the_host_that_was_called() -> None:
    assert Authority.parse("a.test").is_origin("http://a.test")
    assert Authority.parse("a.test").is_origin("https://a.test:443")
    assert Authority.parse("a.test:443").is_origin("https://A.test")
    assert not Authority.parse("a.test:80").is_origin("https://a.test")
    assert not Authority.parse("a.test").is_origin("http://a.test:8080")
    assert not Authority.parse("a.test").is_origin("ftp://a.test")
