"""An engine that stops, as those see it who look from elsewhere."""

import asyncio

from support.project import Project
from support.reached import Heard, attached
from taskengine import Engine, RunState
from taskengine.client.remote.handle import RemoteHandle
from taskengine.events import (
    EngineState,
    EngineStateChanged,
    RunEnded,
    RunProgressed,
    RunStarted,
)
from taskengine.http.server import Server


async def test_the_last_runs_are_seen_to_end(project: Project) -> None:
    project.task("slow.py", "import asyncio\nawait asyncio.sleep(0.3)\nreturn 'in time'")
    async with Engine(project.root) as engine:
        server, heard = Server(engine), Heard()
        await server.start()
        assert server.socket
        async with attached(RemoteHandle(server.socket)) as handle:
            handle.listen(heard)
            run = await handle.start_run("slow", {})
            await heard.next(RunStarted)

            await engine.stop(grace=20)

            ended = await heard.next(RunEnded)
            assert (ended.run.id, ended.run.state) == (run.id, RunState.DONE)
            assert (await handle.wait(run.id)).result == "in time"
            await heard.until(lambda: handle.status.state is EngineState.UNREACHABLE)
            states = [event.state for event in heard.of(EngineStateChanged)]
            states = [state for state in states if state is not EngineState.LIVE]  # may come late
            assert states[0] is EngineState.STOPPING
    assert server.socket is None


async def test_an_end_that_follows_other_news_at_once_is_told_before_the_server_goes(
    project: Project,
) -> None:
    wait = "import asyncio, pathlib\nwhile not pathlib.Path(event.payload['gate']).exists():\n"
    project.task("slow.py", wait + "    await asyncio.sleep(0.01)\nevent.context.progress(1)")
    gate = project.root / "gate"
    async with Engine(project.root) as engine:
        server, heard = Server(engine), Heard()
        await server.start()
        assert server.socket
        async with attached(RemoteHandle(server.socket)) as handle:
            handle.listen(heard)
            run = await handle.start_run("slow", {"gate": str(gate)})
            await heard.next(RunStarted)
            stopping = asyncio.create_task(engine.stop(grace=20))
            await heard.next(EngineStateChanged, lambda event: event.state is EngineState.STOPPING)
            gate.touch()
            await stopping

            await heard.until(lambda: handle.status.state is EngineState.UNREACHABLE)
            assert len(heard.of(RunProgressed)) == 1
            assert [event.run.id for event in heard.of(RunEnded)] == [run.id]
