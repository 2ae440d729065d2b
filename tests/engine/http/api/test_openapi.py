"""The document of the interface says what there is, and real calls answer as it says."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from jsonschema import Draft202012Validator
from starlette.routing import Route

from support.event_stream import event_stream
from support.served import Served
from taskengine.client.local import LocalHandle
from taskengine.http.api.routes import api_routes
from taskengine.http.context import ServedEngine, is_near

DOCUMENT = "/api/v1/openapi.json"


@pytest.fixture
async def document(client: httpx.AsyncClient) -> Any:
    return (await client.get(DOCUMENT)).json()


class Described:
    """The document, by which answers are judged. What it does not name must not be there."""

    def __init__(self, document: Any) -> None:
        self.document = document
        for schema in document["components"]["schemas"].values():
            if "properties" in schema:
                schema.setdefault("additionalProperties", False)

    def check(self, value: Any, schema: Any) -> None:
        whole = {**schema, "components": self.document["components"]}
        Draft202012Validator(whole).validate(value)

    def check_answer(self, method: str, path: str, answer: httpx.Response) -> None:
        responses = self.document["paths"][f"/api/v1{path}"][method.lower()]["responses"]
        if answer.is_success:
            assert str(answer.status_code) in responses
        told = responses.get(str(answer.status_code), responses["default"])
        if "content" not in told:
            assert answer.content == b""
            return
        self.check(answer.json(), told["content"]["application/json"]["schema"])


async def test_every_route_is_told_and_nothing_else(here: Served, document: Any) -> None:
    routes = api_routes(ServedEngine(here.engine, LocalHandle(here.engine), is_near))

    there = {
        (route.path, method)
        for route in routes
        if isinstance(route, Route)
        for method in route.methods or ()
    }
    told = {
        (path, method.upper()) for path, methods in document["paths"].items() for method in methods
    }
    assert told == there
    ids = [one["operationId"] for one in operations(document).values()]
    assert len(ids) == len(set(ids))


async def test_the_parameters_are_those_that_calls_may_have(
    client: httpx.AsyncClient, document: Any
) -> None:
    for (path, method), told in operations(document).items():
        by_place: dict[str, set[str]] = {"path": set(), "query": set()}
        for one in told["parameters"]:
            by_place[one["in"]].add(one["name"])
        assert by_place["path"] == {part[1:-1] for part in path.split("/") if part[:1] == "{"}
        concrete = path.replace("{kind}", "draft").replace("{name}", "x")
        for number in ("{run_id}", "{delayed_id}", "{missed_id}"):
            concrete = concrete.replace(number, "1")
        answer = await client.request(method, concrete, params={"~": "1"})
        known = ", ".join(f"`{name}`" for name in told_in_order(told))
        assert answer.status_code == 400
        assert answer.json()["message"].removeprefix("`~` is not known here: there is ") == (
            known or "none"
        )


async def test_all_that_is_referred_to_is_there(document: Any) -> None:
    def references(part: Any) -> Iterator[str]:
        inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
        if isinstance(part, dict) and "$ref" in part:
            yield part["$ref"]
        for one in inner:
            yield from references(one)

    there = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(references(document)) <= there
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


async def test_it_says_how_a_token_is_shown_where_one_is_asked_for(document: Any) -> None:
    [name] = document["components"]["securitySchemes"]

    assert document["components"]["securitySchemes"][name] == {"type": "http", "scheme": "bearer"}
    assert document["security"] == [{}, {name: []}]


def operations(document: Any) -> dict[tuple[str, str], Any]:
    return {
        (path, method.upper()): told
        for path, methods in document["paths"].items()
        for method, told in methods.items()
    }


def told_in_order(operation: Any) -> list[str]:
    return [one["name"] for one in operation["parameters"] if one["in"] == "query"]


async def test_answers_are_as_they_are_told(here: Served, document: Any) -> None:
    described = Described(document)
    client = here.client
    odd = quote("odd/na me:ü", safe="")
    late = "2999-01-01T00:00:00Z"
    calls: list[tuple[str, str, dict[str, str], Any]] = [
        ("POST", "/example", {}, None),
        ("POST", "/runs", {}, {"task": "echo", "payload": {"a": [1, None, {"b": "ü"}]}}),
        ("POST", "/runs", {}, {"task": "fails"}),
        ("POST", "/runs", {}, {"task": "nobody"}),
        ("POST", "/runs", {}, {"task": "typed", "payload": {}}),
        ("POST", "/runs", {}, {"task": "echo", "at": late}),
        ("GET", "/runs/{run_id}?wait=20", {"run_id": "2"}, None),
        ("POST", "/runs/{run_id}/rerun", {"run_id": "1"}, None),
        ("GET", "/runs/{run_id}?wait=20", {"run_id": "3"}, None),
        ("POST", "/runs/{run_id}/cancel", {"run_id": "1"}, None),
        ("GET", "/runs/{run_id}/output", {"run_id": "1"}, None),
        ("GET", "/runs/{run_id}/search?text=e", {"run_id": "1"}, None),
        ("GET", "/runs", {}, None),
        ("GET", "/runs/{run_id}", {"run_id": "x"}, None),
        ("GET", "/output", {}, None),
        ("GET", "/health", {}, None),
        ("GET", "/tasks", {}, None),
        ("POST", "/tasks/{name}/pause", {"name": odd}, {"reason": "x"}),
        ("GET", "/tasks/{name}", {"name": odd}, None),
        ("POST", "/tasks/{name}/resume", {"name": odd}, None),
        ("GET", "/tasks/{name}", {"name": "typed"}, None),
        ("GET", "/tasks/{name}/source", {"name": "echo"}, None),
        ("GET", "/tasks/{name}/payloads", {"name": "echo"}, None),
        ("GET", "/tasks/{name}/fires", {"name": "echo"}, None),
        ("POST", "/tasks/{name}/check", {"name": "typed"}, {"payload": {}}),
        ("GET", "/agenda", {}, None),
        ("GET", "/delayed", {}, None),
        ("DELETE", "/delayed/{delayed_id}", {"delayed_id": "1"}, None),
        ("GET", "/missed", {}, None),
        ("POST", "/missed/{missed_id}/run", {"missed_id": "1"}, None),
        ("DELETE", "/missed/{missed_id}", {"missed_id": "1"}, None),
        ("GET", "/problems", {}, None),
        ("PUT", "/scheduling", {}, {"on": False}),
        ("PUT", "/kept/{kind}/{name}", {"kind": "draft", "name": odd}, {"text": "x"}),
        ("GET", "/kept/{kind}", {"kind": "draft"}, None),
        ("DELETE", "/kept/{kind}/{name}", {"kind": "draft", "name": odd}, None),
    ]
    for method, template, given, body in calls:
        answer = await client.request(method, f"/api/v1{template.format(**given)}", json=body)
        assert answer.status_code != 500
        described.check_answer(method, template.partition("?")[0], answer)

    made = {(template.partition("?")[0], method) for method, template, _, _ in calls}
    told = {(path.removeprefix("/api/v1"), method) for path, method in operations(document)}
    assert told - made == {("/events", "GET"), ("/openapi.json", "GET")}


async def test_the_messages_of_a_stream_are_as_they_are_told(here: Served, document: Any) -> None:
    described = Described(document)
    await here.engine.run_task("echo", {"a": 1})
    async with event_stream(here.client, "?output=all") as stream:
        await stream.until("State")
        await here.client.post("/api/v1/runs", json={"task": "fails"})
        await stream.until("RunEnded")
        here.engine.add(lambda event: None, "added")
        await stream.until("CatalogChanged")
        await here.engine.run_task("echo")
        await stream.until("RunEnded")

    for message in stream.seen:
        name = message.name if message.name in {"State", "Lines"} else "Telling"
        described.check(message.data, {"$ref": f"#/components/schemas/{name}"})
    assert {"State", "Lines", "RunQueued", "RunStarted"} < {one.name for one in stream.seen}
