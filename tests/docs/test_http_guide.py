"""The guide to the HTTP interface tells of the calls that there are, and its examples work."""

import json
import shlex
from typing import Any

import httpx
import pytest

from support import guides
from support.event_stream import event_stream
from support.project import Project
from support.served import served
from taskengine.client.remote import connection
from taskengine.client.wire.messages import LARGE
from taskengine.http.api import event_log, excerpt, parameters, stream
from taskengine.http.api.events import EventsQuery
from taskengine.http.api.routes import OPERATIONS

GUIDE = "http.md"


def test_every_call_is_told() -> None:
    told = [call for call, _ in guides.table(GUIDE, "## All calls")]

    assert sorted(told) == sorted(f"{one.method} {one.path}" for one in OPERATIONS)


def test_what_a_stream_may_be_asked_for_is_told() -> None:
    told = {query.partition("=")[0] for query, _ in guides.table(GUIDE, "## The stream of events")}

    assert told == set(EventsQuery.__struct_fields__)


def test_the_limits_are_told() -> None:
    text = " ".join(guides.text_of(GUIDE).split())

    assert f"A wait is {parameters.LONGEST_WAIT} seconds at most" in text
    assert f"An answer holds {excerpt.MOST_LINES:,} lines, or about 1 MB" in text
    assert excerpt.MOST_CHARS == 10**6
    assert f"more than {LARGE // 1024} KB is left out" in text
    assert f"After {stream.PING_SECONDS:g} seconds of silence" in text
    assert 3 * stream.PING_SECONDS < connection.SILENCE, "a busy engine is not taken for a dead one"
    console = " ".join(guides.text_of("console.md").split())
    assert f"silent for {connection.SILENCE:g} seconds" in console
    kept = f"the latest {event_log.MAX_EVENTS:,} events, {event_log.MAX_BYTES // 10**6} MB of them"
    assert kept in text
    assert f"for {event_log.LINGER:g} seconds after that" in text


def curls() -> list[list[str]]:
    """The calls of the guide, as words, in their order."""
    lines = [
        line
        for block in guides.blocks(GUIDE)
        if block.language == "sh"
        for line in block.text.splitlines()
        if line.startswith("curl ")
    ]
    return [shlex.split(line) for line in lines]


async def call(client: httpx.AsyncClient, words: list[str]) -> httpx.Response:
    """Do what curl would do with these words."""
    [url] = [word for word in words if word.startswith("http://engine/")]
    options: dict[str, Any] = {}
    if "--json" in words:
        options["json"] = json.loads(words[words.index("--json") + 1])
    method = words[words.index("-X") + 1] if "-X" in words else "POST" if options else "GET"
    return await client.request(method, url, **options)


@pytest.fixture
def guide_project(project: Project) -> Project:
    """The project that the guide writes."""
    for path, text in guides.files(GUIDE).items():
        project.write(path, text)
    return project


async def test_the_calls_answer(guide_project: Project) -> None:
    plain = [words for words in curls() if "-N" not in words]
    async with served(guide_project) as here:
        answers = [await call(here.client, words) for words in plain]
        refused = await here.client.get("/api/v1/runs?stat=done")

    assert [one.status_code for one in answers if not one.is_success] == []
    assert (answers[1].json()["state"], answers[1].json()["result"]) == ("done", "Success")
    output, refusal = (
        json.loads(block.text) for block in guides.blocks(GUIDE) if block.language == "json"
    )
    assert without_times(answers[2].json()) == without_times(output)
    assert refused.json() == refusal


def without_times(output: Any) -> Any:
    return {**output, "lines": [line[1:] for line in output["lines"]]}


async def test_the_streams_begin(guide_project: Project) -> None:
    async with served(guide_project) as here:
        run = await here.engine.start_run("db:migrate")
        for words in curls():
            if "-N" in words:
                [url] = [word for word in words if word.startswith("http://engine/")]
                async with event_stream(here.client, url.partition("/events")[2]) as stream:
                    await stream.until("Lines" if "run=" in url else "State")

    assert run.id == 1
