"""Runs over HTTP: begun, waited for, looked for, stopped and run again."""

import asyncio
from datetime import UTC, datetime, timedelta

from support.served import Served
from taskengine import RunState, Trigger
from taskengine.events import RunEnded, RunStarted

RUNS = "/api/v1/runs"


async def test_a_run_is_begun_and_waited_for(here: Served) -> None:
    begun = await here.client.post(RUNS, json={"task": "echo", "payload": {"to": "Ånn"}})
    over = (await here.client.get(f"{RUNS}/{begun.json()['id']}?wait=20")).json()

    assert begun.status_code == 201
    assert (over["state"], over["result"], over["trigger"]) == ("done", {"to": "Ånn"}, "api")


async def test_who_asked_is_recorded(here: Served) -> None:
    for trigger in ("manual", "cli"):
        run = (await here.client.post(RUNS, json={"task": "echo", "trigger": trigger})).json()
        assert run["trigger"] == trigger
        await here.engine.wait(run["id"])  # or the next one would join it
    refused = await here.client.post(RUNS, json={"task": "echo", "trigger": "schedule"})
    assert refused.status_code == 400
    assert "`trigger`" in refused.json()["message"]


async def test_a_run_is_waited_for_in_vain_and_cancelled_once(here: Served) -> None:
    run = (await here.client.post(RUNS, json={"task": "waits"})).json()
    await here.events.next(RunStarted)
    early = (await here.client.get(f"{RUNS}/{run['id']}?wait=0.05")).json()
    waiting = asyncio.create_task(here.client.get(f"{RUNS}/{run['id']}?wait=20"))

    first = (await here.client.post(f"{RUNS}/{run['id']}/cancel")).json()
    over = (await waiting).json()
    second = (await here.client.post(f"{RUNS}/{run['id']}/cancel")).json()

    assert early["state"] == "running"
    assert (first, over["state"], second) == (
        {"cancelled": True},
        "cancelled",
        {"cancelled": False},
    )
    assert (await here.client.post(f"{RUNS}/999/cancel")).status_code == 404


async def test_a_failed_run_tells_why(here: Served) -> None:
    run = (await here.client.post(RUNS, json={"task": "fails"})).json()

    over = (await here.client.get(f"{RUNS}/{run['id']}?wait=20")).json()

    assert over["state"] == "failed"
    assert (over["error"]["type"], over["error"]["message"]) == ("ValueError", "no such table")
    assert "raise ValueError" in over["error"]["traceback"]


async def test_what_can_not_be_run_is_refused_before_anything_runs(here: Served) -> None:
    unknown = await here.client.post(RUNS, json={"task": "nobody"})
    invalid = await here.client.post(RUNS, json={"task": "typed", "payload": {"days": "x"}})

    assert (unknown.status_code, unknown.json()["message"]) == (
        404,
        "Task `nobody` is not available!",
    )
    assert invalid.status_code == 422
    assert [one["path"] for one in invalid.json()["faults"]] == ["days"]
    assert (await here.client.get(RUNS)).json() == {"runs": [], "before": None}


async def test_runs_are_looked_for_and_paged(here: Served) -> None:
    for number in range(5):
        await here.engine.run_task("echo", {"word": f"w{number}"})
    failed = await here.engine.start_run("fails", trigger=Trigger.CLI)
    await here.engine.wait(failed.id)

    async def ids(query: str) -> list[int]:
        page = (await here.client.get(f"{RUNS}?{query}")).json()
        return [run["id"] for run in page["runs"]]

    first = (await here.client.get(f"{RUNS}?limit=2")).json()
    assert await ids("limit=3") == [6, 5, 4]
    assert await ids(f"limit=2&before={first['before']}") == [4, 3]
    assert await ids("task=fails") == await ids("state=failed&state=crashed") == [6]
    assert await ids("trigger=cli&trigger=manual") == [6]
    assert await ids("text=w3") == [4]
    now = datetime.now(UTC)
    future = (now + timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    assert await ids(f"since={future}") == []
    assert len(await ids(f"until={future}")) == 6
    assert await ids("since=2020-01-01T00:00:00%2B02:00&task=fails") == [6]


async def test_a_run_is_put_off_and_called_off(here: Served) -> None:
    body = {"task": "echo", "payload": {"a": 1}, "at": "2999-01-01T12:00:00+01:00"}
    delayed = await here.client.post(RUNS, json=body)
    kept = (await here.client.get("/api/v1/delayed")).json()["delayed"]
    agenda = (await here.client.get("/api/v1/agenda?task=echo&count=1")).json()["fires"]
    path = f"/api/v1/delayed/{delayed.json()['id']}"

    assert (delayed.status_code, kept) == (201, [delayed.json()])
    assert kept[0]["at"] == "2999-01-01T11:00:00Z"
    assert [(one["task"], one["kind"]) for one in agenda] == [("echo", "schedule")]
    assert (await here.client.delete(path)).json() == {"cancelled": True}
    assert (await here.client.delete(path)).json() == {"cancelled": False}


async def test_a_run_is_run_again(here: Served) -> None:
    await here.engine.run_task("echo", {"a": 1})

    again = await here.client.post(f"{RUNS}/1/rerun")
    over = await here.engine.wait(again.json()["id"])

    assert again.status_code == 201
    assert (over.rerun_of, over.payload, over.state) == (1, {"a": 1}, RunState.DONE)
    assert (await here.client.post(f"{RUNS}/77/rerun")).status_code == 404


async def test_waits_end_when_the_server_does_and_an_engine_that_stops_refuses(
    here: Served,
) -> None:
    run = (await here.client.post(RUNS, json={"task": "waits"})).json()
    waiting = asyncio.create_task(here.client.get(f"{RUNS}/{run['id']}?wait=60"))
    lines = asyncio.create_task(here.client.get("/api/v1/output?wait=60&start=1000000"))
    await here.events.next(RunStarted)
    stopping = asyncio.create_task(here.engine.stop(grace=60))
    await here.events.state(here.engine.state.STOPPING)

    refused = await here.client.post(RUNS, json={"task": "echo"})
    health = (await here.client.get("/api/v1/health")).json()
    await here.server.stop()

    assert refused.status_code == 503
    assert (health["status"]["state"], health["running"]) == ("stopping", 1)
    assert (await waiting).json()["state"] == "running"
    assert (await lines).json()["lines"] == []
    await here.engine.stop(grace=0)
    await stopping
    assert here.events.of(RunEnded)
