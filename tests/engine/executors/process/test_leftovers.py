"""Nothing is left of a run when it is over, nor when the engine is gone."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support.events import SOON, Events
from support.isolated import (
    children,
    is_alive,
    isolated,
    parent_of,
    run_to_end,
    server_since,
)
from support.project import Project
from taskengine import Engine, RunState
from taskengine.events import RunProgressed

DAEMON = """
    import os, subprocess, time
    def daemon():
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.closerange(0, 3)
                with open("daemon", "w") as file:
                    file.write(str(os.getpid()))
                os.rename("daemon", "daemon.pid")
                time.sleep(600)
            os._exit(0)
    daemon()
    while not os.path.exists("daemon.pid"):
        time.sleep(0.01)
"""


@pytest.fixture(autouse=True)
def _in_the_project(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.root)


def daemon_of(project: Project) -> int:
    return int((project.root / "daemon.pid").read_text())


async def gone(pid: int) -> None:
    """Wait until a process is gone. There is no event for the end of somebody else's child."""
    async with asyncio.timeout(SOON):
        while is_alive(pid):  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0.005)


async def test_a_daemon_that_a_run_leaves_behind_is_killed_with_its_end(
    project: Project, engine: Engine
) -> None:
    isolated(project, "job.py", DAEMON)
    await engine.start()

    ended = await run_to_end(engine, "job")

    assert ended.run.state is RunState.DONE
    assert not is_alive(daemon_of(project))


async def test_a_grandchild_that_holds_the_output_open_holds_up_nobody(
    project: Project, engine: Engine
) -> None:
    isolated(
        project, "job.py", "import subprocess\nsubprocess.Popen(['sleep', '600'])\nprint('done')"
    )
    await engine.start()

    assert (await run_to_end(engine, "job")).texts == ["done"]


async def test_descendants_of_other_runs_are_left_alone(project: Project, engine: Engine) -> None:
    isolated(
        project,
        "long.py",
        """
        import os, subprocess
        child = subprocess.Popen(["sleep", "600"], start_new_session=True)
        event.context.progress(child.pid)
        event.context.cancelled.wait()
        return child.poll()
        """,
    )
    isolated(project, "short.py", DAEMON)
    events = Events(engine)
    await engine.start()
    long = await engine.start_run("long")
    told = await events.next(RunProgressed)
    await run_to_end(engine, "short")

    assert told.run.progress is not None
    assert is_alive(int(told.run.progress.done))
    await engine.cancel_run(long.id)
    await engine.wait(long.id)
    assert not is_alive(int(told.run.progress.done))


async def test_what_a_killed_keeper_leaves_is_killed_by_the_server(
    project: Project, engine: Engine
) -> None:
    isolated(project, "job.py", DAEMON + "    os.kill(os.getppid(), 9)\n    time.sleep(600)")
    await engine.start()

    ended = await run_to_end(engine, "job")

    assert ended.run.state is RunState.CRASHED
    await gone(daemon_of(project))


async def test_runs_go_on_without_the_fork_server_and_the_next_one_gets_a_new_one(
    project: Project, engine: Engine
) -> None:
    isolated(
        project, "long.py", "event.context.progress(1)\nevent.context.cancelled.wait(600)\nreturn 1"
    )
    isolated(project, "job.py", "import os\nreturn os.getppid()")
    before = children()
    events = Events(engine)
    await engine.start()
    long = await engine.start_run("long")
    await events.next(RunProgressed)
    server = server_since(before)

    os.kill(server, signal.SIGKILL)

    ended = await asyncio.gather(*(run_to_end(engine, "job") for _ in range(3)))
    assert {one.run.state for one in ended} == {RunState.DONE}
    await engine.cancel_run(long.id)
    assert (await engine.wait(long.id)).state is RunState.CANCELLED


ENGINE = """
    import asyncio
    from taskengine import Engine
    from taskengine.events import RunProgressed

    async def main():
        loop, ready = asyncio.get_running_loop(), asyncio.Event()
        async with Engine(".") as engine:
            engine.subscribe(
                lambda event: isinstance(event, RunProgressed)
                and loop.call_soon_threadsafe(ready.set)
            )
            await engine.start_run("job")
            await ready.wait()
            print("ready", flush=True)
            await asyncio.Event().wait()

    asyncio.run(main())
"""


STOP_KEEPER = "        os.kill(os.getppid(), signal.SIGSTOP)\n"


@pytest.mark.parametrize(
    ("number", "more"),
    [
        (signal.SIGKILL, ""),
        pytest.param(signal.SIGTERM, "", marks=pytest.mark.slow),
        (signal.SIGKILL, STOP_KEEPER),
    ],
)
async def test_an_engine_that_is_killed_leaves_no_process_behind(
    project: Project, number: signal.Signals, more: str
) -> None:
    isolated(
        project,
        "job.py",
        """
        import signal
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        """
        + DAEMON.replace("\n    ", "\n        ")
        + "        subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
        + more
        + "        event.context.progress(1)\n"
        + "        while True: signal.pause()\n",
    )
    program = project.write("program.py", ENGINE)
    with subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE) as engine:  # noqa: ASYNC220 - is quick
        assert engine.stdout is not None
        assert await asyncio.to_thread(engine.stdout.readline) == b"ready\n"
        below = children(engine.pid)
        assert len(below) >= 5
        engine.send_signal(number)

    for pid in below:
        await gone(pid)


async def test_a_fork_of_the_engine_keeps_no_run_alive(project: Project) -> None:
    isolated(project, "job.py", "import time\nevent.context.progress(1)\ntime.sleep(600)")
    fork = "import os, time\n            if os.fork() == 0: time.sleep(600)\n            print("
    program = project.write("program.py", ENGINE.replace("print(", fork))
    with subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE) as engine:  # noqa: ASYNC220 - is quick
        assert engine.stdout is not None
        assert await asyncio.to_thread(engine.stdout.readline) == b"ready\n"
        below = children(engine.pid)
        forked = {pid for pid in below if parent_of(pid) == engine.pid and _is_fork(pid)}
        assert len(forked) == 1
        engine.kill()
        for pid in below - forked:
            await gone(pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(forked.pop(), signal.SIGKILL)


def _is_fork(pid: int) -> bool:
    return b"program.py" in Path(f"/proc/{pid}/cmdline").read_bytes()
