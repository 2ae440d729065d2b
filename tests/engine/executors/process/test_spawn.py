"""Fresh interpreters, for systems that cannot fork."""

import asyncio

import pytest

from support.events import SOON, Events
from support.isolated import end_of, isolated, run_to_end
from support.project import Project
from taskengine import Engine, RunState
from taskengine.events import RunProgressed


@pytest.fixture(autouse=True)
def _spawned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "taskengine.executors.process.executor.default_start_method", lambda: "spawn"
    )


async def test_a_spawned_process_does_what_a_forked_one_does(
    project: Project, engine: Engine
) -> None:
    isolated(
        project,
        "job.py",
        """
        import logging, os, sys
        print("out")
        print("err", file=sys.stderr)
        logging.info("log")
        os.system("echo sub")
        return event.context.run_task_blocking("child")
        """,
    )
    project.task("child.py", "return 1")
    isolated(project, "dies.py", "import os\nprint('before')\nos._exit(7)")
    await engine.start()

    ended = await run_to_end(engine, "job")
    assert (ended.run.result, ended.texts) == (1, ["out", "err", "log", "sub"])

    ended = await run_to_end(engine, "dies")
    assert (ended.run.state, ended.texts) == (RunState.CRASHED, ["before"])


@pytest.mark.slow
async def test_a_spawned_process_can_be_stopped(project: Project, engine: Engine) -> None:
    isolated(
        project,
        "job.py",
        """
        import signal, subprocess
        subprocess.Popen(["sleep", "600"], start_new_session=True)
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        event.context.progress(1)
        while True: signal.pause()
        """,
    )
    events = Events(engine)
    await engine.start()
    run = await engine.start_run("job")
    await events.next(RunProgressed)

    async with asyncio.timeout(SOON):
        await engine.cancel_run(run.id)
        assert (await end_of(engine, run.id)).run.state is RunState.CANCELLED
