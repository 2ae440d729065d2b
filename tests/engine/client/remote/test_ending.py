"""An engine that stops, as those see it who look from elsewhere."""

from support.project import Project
from support.reached import Heard, attached
from taskengine import Engine, RunState
from taskengine.client.remote.handle import RemoteHandle
from taskengine.events import EngineState, EngineStateChanged, RunEnded, RunStarted
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
