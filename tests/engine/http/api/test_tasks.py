"""Tasks over HTTP: the list, one of them, its past, and whether it fires."""

from urllib.parse import quote

import httpx
import pytest

from support.served import Served
from taskengine.client.local import LocalHandle

pytestmark = pytest.mark.asyncio(loop_scope="module")
ODD = "odd/na me:ü"


@pytest.fixture
def here(shared: Served) -> Served:
    """One engine for all of these tests."""
    return shared


async def test_tasks_are_told_as_a_screen_sees_them(here: Served) -> None:
    await here.engine.run_task("echo", {"a": 1})
    handle = LocalHandle(here.engine)

    told = {
        one["view"]["name"]: one for one in (await here.client.get("/api/v1/tasks")).json()["tasks"]
    }
    echo = (await here.client.get("/api/v1/tasks/echo")).json()

    assert list(told) == [view.name for view in handle.tasks()]
    view = handle.task("echo")
    assert view
    assert told["echo"]["view"]["path"] == str(view.path)
    assert [one["cron"] for one in echo["view"]["schedules"]] == ["@hourly"]
    assert told["typed"]["view"]["schema"]["required"] == ["days"]
    assert echo["status"]["last"]["payload"] == {"a": 1}
    assert (echo["status"]["outcomes"], echo["statistics"]["counts"]) == (["done"], {"done": 1})
    fires = [at.isoformat().replace("+00:00", "Z") for at in handle.next_fires("echo", 10)]
    assert echo["next_fires"] == fires


async def test_a_large_result_is_left_out_of_the_list_and_said_so(here: Served) -> None:
    await here.engine.run_task("gives", {"text": "x" * 100_000})

    [gives] = [
        one
        for one in (await here.client.get("/api/v1/tasks")).json()["tasks"]
        if one["view"]["name"] == "gives"
    ]

    last = gives["status"]["last"]
    assert (last["payload"], last["result"]) == ({}, None)
    assert gives["left_out"] == {str(last["id"]): ["payload", "result"]}
    whole = (await here.client.get(f"/api/v1/runs/{last['id']}")).json()
    assert whole["payload"] == whole["result"] == {"text": "x" * 100_000}


async def test_a_name_may_hold_whatever_can_be_encoded(here: Served) -> None:
    encoded = quote(ODD, safe="")

    task = (await here.client.get(f"/api/v1/tasks/{encoded}")).json()
    source = (await here.client.get(f"/api/v1/tasks/{encoded}/source")).json()
    other = (await here.client.get(f"/api/v1/tasks/{quote(f'{ODD}/source', safe='')}")).json()

    assert task["view"]["name"] == ODD
    assert "return event.name" in source["text"]
    assert other["view"]["name"] == f"{ODD}/source"
    assert (await here.client.get(f"/api/v1/tasks/{quote(ODD)}")).status_code == 404


async def test_a_task_that_is_not_there_is_404_with_its_name(client: httpx.AsyncClient) -> None:
    for call in ("", "/source", "/payloads", "/fires"):
        answer = await client.get(f"/api/v1/tasks/nobody%1B%F0%9F%98%80{call}")
        assert answer.status_code == 404
        assert answer.json()["message"] == "Task `nobody\x1b😀` is not available!"
    for call in ("check", "pause", "resume"):
        body: dict[str, object] = {"payload": {}} if call == "check" else {}
        answer = await client.post(f"/api/v1/tasks/nobody/{call}", json=body)
        assert (call, answer.status_code) == (call, 404)


async def test_payloads_and_fires_of_the_past(here: Served) -> None:
    path = f"/api/v1/tasks/{quote(ODD, safe='')}"
    for number in range(3):
        await here.engine.run_task(ODD, {"n": number % 2})

    payloads = (await here.client.get(f"{path}/payloads?limit=5")).json()
    one = (await here.client.get(f"{path}/payloads?limit=1")).json()

    assert payloads == {"payloads": [{"n": 0}, {"n": 1}]}
    assert one == {"payloads": [{"n": 0}]}
    assert (await here.client.get(f"{path}/fires")).json() == {"fires": []}


async def test_a_payload_is_checked_without_a_run(here: Served) -> None:
    check = "/api/v1/tasks/typed/check"

    wrong = (await here.client.post(check, json={"payload": {"days": "x"}})).json()
    right = (await here.client.post(check, json={"payload": {"days": 3}})).json()

    assert [one["path"] for one in wrong["faults"]] == ["days"]
    assert right == {"faults": []}
    assert (await here.client.get("/api/v1/runs?task=typed")).json()["runs"] == []


async def test_a_task_is_paused_with_a_reason_and_resumed(here: Served) -> None:
    paused = await here.client.post("/api/v1/tasks/echo/pause", json={"reason": "broken → mend"})
    status = (await here.client.get("/api/v1/tasks/echo")).json()["status"]
    again = await here.client.post("/api/v1/tasks/echo/resume")

    assert (paused.status_code, paused.content, again.status_code) == (204, b"", 204)
    assert (status["paused"], status["pause_reason"]) == (True, "broken → mend")
    assert here.engine.pause_reason("echo") is None


async def test_a_first_task_is_written_once(here: Served) -> None:
    first = await here.client.post("/api/v1/example")
    second = await here.client.post("/api/v1/example")

    path = here.engine.root and here.engine.root / "tasks" / "hello.py"
    assert (first.status_code, first.json()) == (201, {"path": str(path)})
    assert (second.status_code, second.json()["message"]) == (409, f"{path} is there already")
