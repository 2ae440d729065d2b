"""A handle on a real `nitro dev`, version 2 and the beta of version 3."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.events import SOON
from support.nitro_attached import on_nitro
from support.nitro_bed import Nitro, NitroDev, nitro_dev
from support.reached import soon, texts
from taskengine import RunState
from taskengine.client.attach import handle_for
from taskengine.client.handle import Handle
from taskengine.client.nitro.handle import NitroHandle
from taskengine.clock import SystemClock
from taskengine.events import CatalogChanged, EngineState, EngineStateChanged
from taskengine.run import Payload, Run

pytestmark = pytest.mark.slow


@pytest.fixture
def dev(nitro: Nitro) -> Iterator[NitroDev]:
    """A dev server that answers."""
    with nitro_dev(nitro) as dev:
        yield dev


async def over(handle: Handle, run: Run) -> Run:
    """A run when it is over."""
    async with asyncio.timeout(SOON):
        return await handle.wait(run.id)


async def awaited(handle: Handle, door: Path) -> Run:
    """A run of the task that waits for a door, which is at work."""
    run = await handle.start_run("slow", {"until": str(door)})
    await soon(door.with_name(f"{door.name}.awaited").exists)
    return run


async def test_its_tasks_are_listed_and_run(dev: NitroDev) -> None:
    assert isinstance(await handle_for(dev.url), NitroHandle)
    async with on_nitro(dev.url, SystemClock()) as (handle, _):
        described = {view.name: view.description for view in handle.tasks()}
        assert described == {
            "cms:update": "",
            "db:broken": "Always fails",
            "db:migrate": "Run database migrations",
            "db:seed": "",
            "echo:payload": "Give back the payload",
            "slow": "Wait until a file is there",
        }
        assert handle.problems() == ()
        [first_monday] = handle.task("db:migrate").schedules  # type: ignore[union-attr]
        assert first_monday.cron == "0 3 * * MON#1"
        due = handle.task_status("cms:update").next_fire
        assert due is not None
        assert 0 < (due - handle.now()).total_seconds() <= 60
        assert [fire.task for fire in handle.agenda(2)] == ["cms:update", "cms:update"]

        async def ran(task: str, payload: Payload) -> tuple[RunState, object, str]:
            run = await over(handle, await handle.start_run(task, payload))
            return run.state, run.result, run.error.message if run.error else ""

        payload = {"deep": [{"ü": None}], "number": 1.5}
        result = {"name": "db:migrate", "payload": payload}
        assert await ran("db:migrate", payload) == (RunState.DONE, result, "")
        assert await ran("cms:update", {}) == (RunState.DONE, "updated", "")
        failed = (RunState.FAILED, None, "no such table: users")
        assert await ran("db:broken", {}) == failed
        unwritten = (RunState.FAILED, None, "Task `db:seed` is not implemented!")
        assert await ran("db:seed", {}) == unwritten
        broken = handle.task_status("db:broken").last
        assert broken is not None
        assert broken.error is not None
        assert "    at Object.run (" in broken.error.traceback


async def test_two_calls_of_a_task_both_get_an_answer(dev: NitroDev) -> None:
    door = dev.root / "door"
    async with on_nitro(dev.url, SystemClock()) as (handle, _):
        first = await awaited(handle, door)
        second = await handle.start_run("slow", {"until": str(door), "more": 1})
        assert [run.id for run in handle.active_runs()] == [first.id, second.id]
        door.touch()
        for run in (first, second):
            assert (await over(handle, run)).result == "there"


async def test_no_run_hangs_when_the_server_begins_anew(dev: NitroDev) -> None:
    """Nitro 2 forgets a call that is not answered when a file changes; version 3 answers first."""
    door = dev.root / "door"
    task = dev.root / "server" / "tasks" / "cms" / "update.mjs"
    async with on_nitro(dev.url, SystemClock()) as (handle, heard):
        await heard.next(CatalogChanged)
        first = await awaited(handle, door)
        task.write_text('export default { meta: { description: "New" }, run: () => ({}) };')
        if dev.nitro.major == 2:
            change = await heard.next(CatalogChanged)
            assert change.changed == ("cms:update",)
            assert "has begun anew" in (await texts(handle.output(first.id)))[-1]
        door.touch()
        second = await handle.start_run("slow", {"until": str(door)})
        assert (await over(handle, second)).state is RunState.DONE
        state = (await over(handle, first)).state
        assert state is (RunState.INTERRUPTED if dev.nitro.major == 2 else RunState.DONE)
        await soon(lambda: handle.task("cms:update").description == "New")  # type: ignore[union-attr]


async def test_a_server_that_was_stopped_is_found_again(dev: NitroDev) -> None:
    async with on_nitro(dev.url, SystemClock()) as (handle, heard):
        run = await awaited(handle, dev.root / "door")
        await asyncio.to_thread(dev.stop)
        assert (await over(handle, run)).state is not RunState.DONE
        gone = await heard.next(
            EngineStateChanged, lambda event: event.state is EngineState.UNREACHABLE
        )
        assert "nobody listens there" in gone.reason

        await asyncio.to_thread(dev.start)
        await heard.next(EngineStateChanged, lambda event: event.state is EngineState.LIVE)
        run = await handle.start_run("echo:payload", {"back": True})
        assert (await over(handle, run)).result == {"back": True}
