"""Programs that look at an engine elsewhere and are stopped themselves, as by ctrl-Z."""

import asyncio
import signal

import pytest

from support.programs import running
from support.project import Project
from support.served import served
from taskengine.http.api import stream

SILENCE = 2.5
LOOKS_ON = """
import asyncio
import sys
from pathlib import Path

from taskengine.client.remote import connection, link
from taskengine.client.remote.handle import RemoteHandle

connection.SILENCE = float(sys.argv[2])
link._LEAP = 0.5


def tell(events):
    for event in events:
        print(type(event).__name__, getattr(event, "reason", ""), flush=True)


async def look_on():
    handle = RemoteHandle(Path(sys.argv[1]))
    await handle.start()
    handle.listen(tell)
    print("looks on", flush=True)
    await asyncio.Event().wait()


asyncio.run(look_on())
"""


@pytest.mark.slow
async def test_who_was_stopped_for_long_does_not_say_that_the_engine_was_silent(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "PING_SECONDS", 0.2)
    project.task("hello.py", "return 1")
    async with served(project) as on:
        with running(LOOKS_ON, on.server.socket, SILENCE) as program:
            assert await asyncio.to_thread(program.hear) == "looks on"
            program.process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(2 * SILENCE)  # it is stopped for longer than engines are silent
            program.process.send_signal(signal.SIGCONT)
            heard: list[str] = []
            await on.engine.run_task("hello")
            while not heard or not heard[-1].startswith("RunEnded"):
                heard.append(await asyncio.wait_for(asyncio.to_thread(program.hear), 20))
            assert [one for one in heard if one.startswith("EngineStateChanged")] == []
