"""Runs to come over HTTP, missed ones, and whether anything fires; texts that are kept."""

from datetime import UTC, datetime
from urllib.parse import quote

import httpx

from support.project import Project
from support.served import Served, serving, socket_client
from taskengine import Engine
from taskengine.client.local import LocalHandle
from taskengine.history.sqlite.project_history import ProjectHistory
from taskengine.records import StateKind
from taskengine.run import MissedFires

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


async def test_the_agenda_is_what_a_screen_shows(here: Served) -> None:
    fires = (await here.client.get("/api/v1/agenda?count=3")).json()["fires"]
    mine = (await here.client.get("/api/v1/agenda?count=3&task=echo")).json()["fires"]

    shown = LocalHandle(here.engine).agenda(3)
    assert [one["at"] for one in fires] == [
        one.at.isoformat().replace("+00:00", "Z") for one in shown
    ]
    assert mine == fires
    assert (await here.client.get("/api/v1/agenda?task=nobody")).status_code == 404
    assert (await here.client.get("/api/v1/agenda?task=fails")).json() == {"fires": []}


async def test_scheduling_is_put_off_and_on(here: Served) -> None:
    off = await here.client.put("/api/v1/scheduling", json={"on": False})

    assert off.status_code == 204
    assert not here.engine.scheduling
    assert (await here.client.get("/api/v1/health")).json()["status"]["scheduling"] is False


async def test_missed_fires_are_run_or_dismissed(project: Project) -> None:
    project.task("echo.py", "return event.payload")
    history = ProjectHistory(project.root)
    async with (
        Engine(project.root, history=history) as engine,
        serving(engine) as server,
        socket_client(server) as client,
    ):
        for number in (1, 2):
            await engine.on_loop(history.fires.keep_missed(missed(number)))
        listed = (await client.get("/api/v1/missed")).json()["missed"]
        run = await client.post("/api/v1/missed/1/run")
        dismissed = [(await client.delete("/api/v1/missed/2")).json() for _ in range(2)]
        gone = await client.post("/api/v1/missed/1/run")

    assert [(one["id"], one["count"]) for one in listed] == [(1, 3), (2, 3)]
    assert (run.status_code, run.json()["scheduled_time"]) == (201, "2026-03-01T12:00:00Z")
    assert dismissed == [{"dismissed": True}, {"dismissed": False}]
    assert (gone.status_code, gone.json()["message"]) == (
        404,
        "Missed fires #1 are not known any more",
    )


def missed(number: int) -> MissedFires:
    return MissedFires(
        id=number,
        task="echo",
        cron="@hourly",
        timezone="UTC",
        payload={"n": number},
        first=NOON.replace(hour=10),
        last=NOON,
        count=3,
    )


async def test_texts_are_kept_by_any_name(here: Served) -> None:
    odd = "a/b c\x1f😀?#%"
    path = f"/api/v1/kept/preset/{quote(odd, safe='')}"

    kept = await here.client.put(path, json={"text": '{"a": 1}'})
    listed = (await here.client.get("/api/v1/kept/preset")).json()
    dropped = await here.client.delete(path)

    assert (kept.status_code, dropped.status_code) == (204, 204)
    assert listed == {"texts": {odd: '{"a": 1}'}}
    assert here.engine.history.state.all(StateKind.PRESET) == {}


async def test_a_pause_is_no_text_to_be_kept(client: httpx.AsyncClient) -> None:
    answer = await client.put("/api/v1/kept/pause/echo", json={"text": "x"})

    assert answer.status_code == 400
    assert (await client.get("/api/v1/kept/pause")).json() == {"texts": {}}
    assert (await client.get("/api/v1/kept/nothing")).status_code == 400
