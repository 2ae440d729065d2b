"""A process that waits for the next run is as good as one that is started for it."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from support.events import SOON
from support.isolated import children, is_alive, isolated, parent_of, run_to_end
from support.project import Project
from taskengine import Engine

KEEPER = "import os\nreturn os.getppid()"


async def spare_of(server: int) -> int:
    """The keeper that waits. There is no event for the birth of somebody else's child."""
    async with asyncio.timeout(SOON):
        while not (below := children_of(server)):  # noqa: ASYNC110 - as it says
            await asyncio.sleep(0.005)
    [keeper] = below
    return keeper


def children_of(parent: int) -> list[int]:
    return [pid for pid in children() if parent_of(pid) == parent and is_alive(pid)]


async def gone(pid: object) -> None:
    """Wait until a process is gone. There is no event for that either."""
    assert isinstance(pid, int)
    async with asyncio.timeout(SOON):
        while is_alive(pid):  # noqa: ASYNC110 - as it says
            await asyncio.sleep(0.005)


async def server_after(engine: Engine) -> int:
    """The fork server, when no run is left that it has a keeper for."""
    await gone(await engine.run_task("who"))
    [server] = filter(is_server, children_of(os.getpid()))
    return server


def is_server(pid: int) -> bool:
    """Other tests may have left Python's own helpers for processes."""
    return b"process.server" in Path(f"/proc/{pid}/cmdline").read_bytes()


async def test_the_next_run_takes_the_process_that_waits(project: Project, engine: Engine) -> None:
    isolated(project, "who.py", KEEPER)
    await engine.start()
    waiting = await spare_of(await server_after(engine))

    assert await engine.run_task("who") == waiting


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_one_that_has_died_while_it_waited_is_not_taken(
    project: Project, engine: Engine, number: signal.Signals
) -> None:
    isolated(project, "who.py", KEEPER)
    await engine.start()
    waiting = await spare_of(await server_after(engine))
    os.kill(waiting, number)
    await gone(waiting)

    ended = await run_to_end(engine, "who")

    assert ended.run.error is None
    assert ended.run.result != waiting


async def test_code_that_changed_while_a_process_waited_is_new_in_it(
    project: Project, engine: Engine
) -> None:
    isolated(project, "who.py", KEEPER)
    isolated(project, "job.py", "return 'old'")
    await engine.start()
    await spare_of(await server_after(engine))

    isolated(project, "job.py", "return 'new'")

    assert await engine.run_task("job") == "new"
