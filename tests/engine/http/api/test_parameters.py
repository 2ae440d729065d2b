"""What callers get for calls that are wrong: words that name what is wrong with them."""

import itertools
import json

import httpx
import pytest

from support.served import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")
TOO_LONG = "x" * 1_001


QUERIES = {
    "runs?limit=abc": "`limit` must be a whole number, not `abc`",
    "runs?limit=0": "`limit` must be at least 1",
    "runs?limit=1001": "`limit` must be at most 1000",
    "runs?limit=1e2": "`limit` must be a whole number, not `1e2`",
    "runs?limit=5.0": "`limit` must be a whole number, not `5.0`",
    "runs?limit=-1": "`limit` must be at least 1",
    "runs?limit=1&limit=2": "`limit` is given 2 times",
    "runs?limit=": "`limit` must be a whole number, not ``",
    "runs?before=99999999999999999999": "`before` must be at most 9223372036854775807",
    "runs?stat=done": "`stat` is not known here: did you mean `state`?",
    "runs?state=dno": "`state[0]` is no possible value: 'dno'",
    "runs?since=yesterday": "`since` must be like 2026-01-31T12:00:00Z",
    "runs?since=2026-01-01T00:00:00": "`since` must be a date and time with a time zone",
    "runs?since=2026-01-01T00:00:00+01:00": (
        "`since` must be like 2026-01-31T12:00:00Z (`+` in a query is written as `%2B`)"
    ),
    "runs?until=0001-01-01T00:00:00%2B10:00": "`until` is before or after all dates",
    "runs?text=!!!": "`text` has no word: a word is a row of letters and digits",
    f"runs?text={TOO_LONG}": "`text` must have a length of at most 1000",
    "runs/abc": "`run_id` must be a whole number, not `abc`",
    "runs/-1": "`run_id` must be at least 0",
    "runs/1?wait=61": "`wait` must be at most 60",
    "runs/1?wait=inf": "`wait` must be at most 60",
    "runs/1?wait=nan": "`wait` must be at least 0",
    "runs/1/output?tail=3&start=1": "`tail` goes without `start` and `stop`",
    "runs/1/output?tail=20001": "`tail` must be at most 20000",
    "runs/1/search?text=x&backwards=maybe": "`backwards` must be true or false, not `maybe`",
    "runs/1/search": "the query lacks `text`",
    "agenda?count=10001": "`count` must be at most 10000",
    "events?run=x": "`run` must be a whole number, not `x`",
    "events?output=some": "`output[0]` is no possible value: 'some'",
    "health?deep=1": "`deep` is not known here: there is none",
}

BODIES = {
    b"": "the body lacks `task`",
    b"{": "the body is not JSON",
    b"[]": "the body must be an object, not a list",
    b'{"task": 1}': "`task` must be text, not a whole number",
    b'{"task": "echo", "payload": []}': "`payload` must be an object, not a list",
    b'{"task": "echo", "payload": null}': "`payload` must be an object, not null",
    b'{"task": "echo", "paylaod": {}}': "`paylaod` is not known here: did you mean `payload`?",
    b'{"task": "echo", "at": "2026-01-01T00:00:00"}': (
        "`at` must be a date and time with a time zone"
    ),
    b'{"task": "echo", "at": "9999-12-31T23:00:00-23:00"}': "`at` is before or after all dates",
    b'{"task": "echo", "at": "2999-01-01T00:00:00Z", "trigger": "cli"}': (
        "`trigger` goes without `at`: a run that was put off begins as `delayed`"
    ),
    b'{"task": "echo", "payload": {"a": "\\ud800"}}': "the body is not JSON",
    b'{"task": "echo", "payload": {"a": \xff}}': "the body is not JSON",
    b'{"task": "echo", "payload": {"a": 1e999}}': "`payload[...]` Number out of range",
    b'{"task": "echo", "payload": ' + b'{"a":' * 20_000 + b"}": "the body is nested too deep",
}


@pytest.fixture
def here(shared: Served) -> Served:
    """One engine for all of these tests."""
    return shared


async def test_a_wrong_query_is_refused(client: httpx.AsyncClient) -> None:
    told = {}
    for call in QUERIES:
        answer = await client.get(f"/api/v1/{call}")
        assert answer.status_code == 400, call
        told[call] = answer.json()["message"]

    assert told == QUERIES


async def test_a_wrong_body_is_refused_and_nothing_runs(here: Served) -> None:
    told = {}
    for body, message in BODIES.items():
        answer = await here.client.post("/api/v1/runs", content=body)
        assert answer.status_code == 400, body
        told[body] = answer.json()["message"][: len(message)]

    assert told == BODIES
    assert (await here.client.get("/api/v1/runs")).json()["runs"] == []
    assert (await here.client.get("/api/v1/delayed")).json()["delayed"] == []


async def test_what_json_can_say_and_a_payload_can_not_is_refused(here: Served) -> None:
    deep: object = 1
    for _ in range(300):
        deep = [deep]
    for value, others in itertools.product((deep, 10**4_100), ("", "x" * 20_000)):
        body = json.dumps({"task": "echo", "payload": {"others": others, "a": value}})
        answer = await here.client.post("/api/v1/runs", content=body)
        assert answer.status_code == 422
        assert answer.json()["message"].startswith("payload.a")


async def test_a_method_that_a_path_does_not_have_is_405(client: httpx.AsyncClient) -> None:
    for method in ("HEAD", "PUT", "DELETE", "PATCH"):
        answer = await client.request(method, "/api/v1/runs")
        assert answer.status_code == 405
        assert set(answer.headers["allow"].split(", ")) == {"GET", "POST"}
    assert (await client.get("/api/v1/nothing")).status_code == 404
    assert (await client.get("/api/v1/runs/")).status_code == 404
