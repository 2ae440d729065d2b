"""A platform's cron lets schedules fire, by the route that Nitro gives to Vercel's."""

import runpy
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from support import guides
from support.engines import NOON
from support.project import Project
from support.served import serving, socket_client
from taskengine import Engine, Trigger
from taskengine.history.memory import MemoryHistory
from taskengine.http import asgi
from taskengine.testing import ManualClock

CRON = "/_vercel/cron"
HOST = "tasks.example.org"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
async def engine(project: Project, clock: ManualClock) -> AsyncIterator[Engine]:
    project.write("taskconsole.toml", 'timezone = "UTC"\nscheduler = "external"')
    project.task("clean.py", "return event.payload", options="schedule='0 9 * * MON-FRI'")
    project.task("rested.py", "return 1", options="schedule='0 9 * * MON-FRI'")
    project.task("good.py", "return 1", options="schedule='*/5 * * * *'")
    project.task("bad.py", "raise ValueError('no disk')", options="schedule='*/5 * * * *'")
    async with Engine(project.root, clock=clock, history=MemoryHistory()) as engine:
        yield engine


@asynccontextmanager
async def deployed(engine: Engine) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the engine in a program of its own, which asks for a token."""
    app = asgi(engine, token="the-engines", allowed_hosts=[HOST])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=f"https://{HOST}") as client:
        yield client


def headers(cron: str = "0 9 * * 1-5", secret: str = "platform's") -> Mapping[str, str]:
    return {"authorization": f"Bearer {secret}", "x-vercel-cron-schedule": cron}


async def refused(answer: httpx.Response, status: int, message: str) -> None:
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body["message"]) == (status, message)
    assert "stack" not in body


async def test_a_call_with_the_secret_runs_all_tasks_of_the_expression_once(
    engine: Engine, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRON_SECRET", "platform's")
    await engine.pause("rested")
    async with deployed(engine) as client:
        answer = await client.get(CRON, headers=headers())
        again = await client.post(CRON, headers=headers())
        unknown = await client.get(CRON, headers=headers("* * * * *"))

    at = "2026-03-01T12:00:00Z"
    paused = {"task": "rested", "scheduledTime": at, "outcome": "paused"}
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "success": True,
            "fires": [{"task": "clean", "scheduledTime": at, "outcome": "fired", "run": 1}, paused],
        },
    )
    assert again.json()["fires"] == [
        {"task": "clean", "scheduledTime": at, "outcome": "fired before"},
        paused,
    ]
    assert (unknown.status_code, unknown.json()) == (200, {"success": True, "fires": []})
    [run] = engine.history.recent(None, 10)
    assert (run.task, run.trigger, run.scheduled_time) == ("clean", Trigger.SCHEDULE, NOON)
    whole = engine.history.run(run.id)
    assert whole
    assert whole.result == {"scheduledTime": int(NOON.timestamp() * 1000)}


async def test_calls_that_are_not_the_platforms_or_fail_say_so(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRON_SECRET", "platform's")
    async with deployed(engine) as client:
        for wrong in (
            headers(secret="wrong"),
            headers(secret="platform's "),
            headers(secret="the-engines"),
            headers(secret=""),
            {"authorization": "platform's", "x-vercel-cron-schedule": "0 9 * * 1-5"},
            {"x-vercel-cron-schedule": "0 9 * * 1-5"},
            {},
        ):
            await refused(await client.get(CRON, headers=wrong), 401, "Unauthorized")
        with_secret = {"authorization": "Bearer platform's"}
        missing = "Missing x-vercel-cron-schedule header"
        await refused(await client.get(CRON, headers=with_secret), 400, missing)
        await refused(await client.get(CRON, headers=headers(cron=" ")), 400, missing)
        assert engine.history.recent(None, 1) == []

        failed = await client.get(CRON, headers=headers("*/5 * * * *"))
        bad = next(run for run in engine.history.recent("bad", 1))
        await refused(failed, 500, f"bad failed in run #{bad.id}: no disk")
        assert [run.state for run in engine.history.recent("good", 9)] == ["done"]

        # The secret opens this route and no other, nor by methods that only look.
        for method, path in (("GET", "/_nitro/tasks"), ("HEAD", CRON), ("PUT", CRON)):
            answer = await client.request(method, path, headers=headers())
            assert answer.status_code in (401, 405), (method, path)
        elsewhere = await client.get(CRON, headers={**headers(), "host": "evil.example"})
        assert elsewhere.status_code == 403


async def test_without_a_secret_the_route_is_as_open_as_any_other(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CRON_SECRET", raising=False)
    async with deployed(engine) as client:
        assert (await client.get(CRON, headers=headers())).status_code == 401
        assert engine.history.recent(None, 1) == []
        own = await client.get(CRON, headers=headers(secret="the-engines"))
        assert own.json()["success"] is True

    async with serving(engine) as server, socket_client(server) as client:
        call = await client.post(CRON, headers={"x-vercel-cron-schedule": "0 9 * * 1-5"})
        assert [fire["outcome"] for fire in call.json()["fires"]] == ["fired before"] * 2


async def test_the_application_that_the_guide_shows_is_driven_by_a_platforms_cron(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRON_SECRET", "platform's")
    monkeypatch.setenv("TASKS_TOKEN", "our-own")
    for path, text in guides.files("nitro.md").items():
        project.write(path, text)
    project.write("taskconsole.toml", 'timezone = "UTC"\nscheduler = "external"')
    app = runpy.run_path(str(project.root / "app.py"))["app"]
    assert isinstance(app, Starlette)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="https://my-app.vercel.app") as client,
    ):
        called = await client.get(CRON, headers=headers("0 3 * * *"))
        listed = await client.get("/_nitro/tasks", headers={"authorization": "Bearer our-own"})

    assert [(one["task"], one["outcome"]) for one in called.json()["fires"]] == [
        ("cleanup", "fired"),
        ("db:migrate", "fired"),
    ]
    assert listed.json()["scheduledTasks"] == [
        {"cron": "0 3 * * *", "tasks": ["cleanup", "db:migrate"]}
    ]
