"""A handle that leaves its engine, or moves with it, leaves nothing behind and says so."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from support.cut_wire import wire_to
from support.project import Project
from support.reached import attached, living, soon
from support.restarts import held_up
from support.served import serving
from taskengine import Engine, RunQuery
from taskengine.client.remote.handle import RemoteHandle
from taskengine.client.remote.place import Place
from taskengine.errors import EngineUnreachable
from taskengine.http.server import Server
from taskengine.run import Run


@asynccontextmanager
async def at_work(project: Project) -> AsyncIterator[Server]:
    """A living engine with a run, number 1, that goes on until it is cancelled."""
    held_up(project, "held.py")
    engine = Engine(project.root)
    async with living(engine), serving(engine) as server:
        await engine.start_run("held")
        yield server


async def test_whoever_waits_learns_that_the_handle_has_left(project: Project) -> None:
    async with at_work(project) as server:
        async with attached(RemoteHandle(server.socket or "")) as handle:
            waiting = asyncio.create_task(handle.wait(1))
            given_up = asyncio.create_task(handle.wait(1))
            output = handle.output(1)
            assert output is not None
            await soon(lambda: output.extent.total == 1)
            given_up.cancel()
            await asyncio.wait({given_up})
            assert _of_handles()
        with pytest.raises(EngineUnreachable, match="left before the run ended"):
            await asyncio.wait_for(waiting, 60)
        for call in (handle.start_run("held", {}), handle.runs(RunQuery()), handle.find_run(1)):
            with pytest.raises(EngineUnreachable, match="given up"):
                await call
        assert not _of_handles()


def _of_handles() -> list[str]:
    """The tasks of this loop that handles have begun."""
    tasks = map(repr, asyncio.all_tasks() - {asyncio.current_task()})
    return [task for task in tasks if "taskengine/client/" in task or "Event.wait()" in task]


async def test_a_call_that_is_under_way_when_the_engine_moves_is_not_answered(
    project: Project,
) -> None:
    async with at_work(project) as server, wire_to(server.socket) as wire:
        place = Place(wire.path, None, None)
        with wire.held_up():
            call = asyncio.create_task(place.connection.get(Run, "runs", 1))
            await soon(lambda: wire.is_used)
            await place._move_to(server.socket or "")
            with pytest.raises(EngineUnreachable, match="was given up"):
                await call
        assert (await place.connection.get(Run, "runs", 1)).id == 1
        await place.close()
