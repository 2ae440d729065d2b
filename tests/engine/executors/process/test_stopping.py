"""Every run in a process of its own can be stopped, whatever it makes of being asked."""

import asyncio
from collections.abc import Callable

import pytest

from support.events import SOON, Events
from support.isolated import Ended, end_of, is_alive, isolated, run_to_end
from support.project import Project
from taskengine import Engine, Run, RunState, TaskCancelled
from taskengine.errors import TaskTimeout
from taskengine.events import RunProgressed, RunStarted
from taskengine.executors.process import supervision
from taskengine.executors.process.host import Host

READY = "event.context.progress(1)\n"


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who makes an end when interrupted has all the time for it, however slow the machine is."""
    monkeypatch.setattr(supervision, "KILL_SECONDS", 2 * SOON)


@pytest.fixture
def uninterrupted(unhurried: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who makes an end when asked has all the time for it."""
    monkeypatch.setattr(supervision, "INTERRUPT_SECONDS", SOON)


async def started(engine: Engine, task: str) -> Run:
    """A run of the task that has told of its progress."""
    events = Events(engine)
    run = await engine.start_run(task)
    await events.next(RunProgressed)
    return run


async def cancelled(engine: Engine, task: str) -> Ended:
    """How a run ends that is cancelled in its midst."""
    run = await started(engine, task)
    async with asyncio.timeout(SOON):
        await engine.cancel_run(run.id)
        return await end_of(engine, run.id)


STUBBORN = {
    "a loop that looks at nothing": "while True: pass",
    "signals that are ignored": """
        import signal
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
            signal.signal(number, signal.SIG_IGN)
        event.context.progress(1)
        while True: pass
    """,
    "signals that are blocked": """
        import signal
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        event.context.progress(1)
        while True: signal.pause()
    """,
    "every exception swallowed": """
        import time
        event.context.progress(1)
        while True:
            try:
                time.sleep(600)
            except BaseException:
                pass
    """,
    "a stopped process": """
        import os, signal
        event.context.progress(1)
        os.kill(os.getpid(), signal.SIGSTOP)
    """,
    "a stopped keeper": """
        import os, signal
        os.kill(os.getppid(), signal.SIGSTOP)
        event.context.progress(1)
        while True: pass
    """,
    "an exit handler that hangs": """
        import atexit, time
        atexit.register(time.sleep, 600)
        event.context.progress(1)
        time.sleep(600)
    """,
    "children that fork on": """
        import os, signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for _ in range(5):
            os.fork()
        event.context.progress(1)
        while True:
            pid = os.fork()
            if pid:
                os.waitpid(pid, 0)
                time.sleep(0.002)
            else:
                os._exit(0)
    """,
}
STUBBORN_ASYNC = {
    "a cancel that is swallowed": """
        import asyncio
        event.context.progress(1)
        while True:
            try:
                await asyncio.sleep(600)
            except BaseException:
                pass
    """,
    "a blocked loop": """
        import time
        event.context.progress(1)
        while True: time.sleep(600)
    """,
}
QUICK = {"signals that are blocked", "a cancel that is swallowed"}
CASES = [
    pytest.param(body, sync, id=name, marks=() if name in QUICK else pytest.mark.slow)
    for cases, sync in ((STUBBORN, True), (STUBBORN_ASYNC, False))
    for name, body in cases.items()
]


@pytest.mark.parametrize(("body", "sync"), CASES)
async def test_a_cancel_ends_what_will_not_listen(
    project: Project, engine: Engine, body: str, sync: bool
) -> None:
    isolated(project, "job.py", body if "progress" in body else READY + body, sync=sync)
    await engine.start()

    ended = await cancelled(engine, "job")

    assert ended.run.state is RunState.CANCELLED


@pytest.mark.usefixtures("uninterrupted")
async def test_a_sync_task_that_looks_is_heard_out(project: Project, engine: Engine) -> None:
    isolated(
        project, "job.py", READY + "event.context.cancelled.wait()\nprint('tidied up')\nreturn 1"
    )
    await engine.start()

    ended = await cancelled(engine, "job")

    assert (ended.run.state, ended.texts) == (RunState.CANCELLED, ["tidied up"])


@pytest.mark.usefixtures("unhurried")
async def test_a_sync_task_that_does_not_look_runs_its_finally(
    project: Project, engine: Engine
) -> None:
    isolated(
        project,
        "job.py",
        READY + "import time\ntry:\n    time.sleep(600)\nfinally:\n    print('tidied up')",
    )
    await engine.start()

    ended = await cancelled(engine, "job")

    assert (ended.run.state, ended.texts) == (RunState.CANCELLED, ["tidied up"])


@pytest.mark.usefixtures("uninterrupted")
async def test_an_async_task_is_cancelled_as_any_other(project: Project, engine: Engine) -> None:
    isolated(
        project,
        "job.py",
        READY
        + "import asyncio\ntry:\n    await asyncio.sleep(600)\nfinally:\n    print('tidied up')",
        sync=False,
    )
    await engine.start()

    ended = await cancelled(engine, "job")

    assert (ended.run.state, ended.texts) == (RunState.CANCELLED, ["tidied up"])


@pytest.mark.usefixtures("uninterrupted")
async def test_what_a_sync_task_waits_for_is_cancelled(project: Project, engine: Engine) -> None:
    isolated(
        project,
        "job.py",
        """
        import asyncio
        async def later():
            event.context.progress(1)
            try:
                await asyncio.sleep(600)
            finally:
                print("tidied up")
        event.context.wait_until(later())
        """,
    )
    await engine.start()

    ended = await cancelled(engine, "job")

    assert (ended.run.state, ended.texts) == (RunState.CANCELLED, ["tidied up"])


SIGNALLED = """
import asyncio, signal, threading

def signal_this_thread():
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

async def later():
    threading.Timer(0.1, signal_this_thread).start()  # the main thread sleeps by then
    try:
        await asyncio.sleep(600)
    finally:
        print("tidied up")

"""

LOOKS = """
threading.Timer(0.1, signal_this_thread).start()
assert not event.context.cancelled.wait(0)
if event.context.cancelled.wait():
    print("tidied up")
"""


@pytest.mark.usefixtures("uninterrupted")
@pytest.mark.parametrize(
    ("waits", "sync"),
    [
        ("event.context.wait_until(later())", True),
        ("await later()", False),
        (LOOKS, True),
    ],
    ids=["what it waits for", "async", "looks"],
)
async def test_a_signal_that_another_thread_gets_is_heard(
    waits: str, sync: bool, project: Project, engine: Engine
) -> None:
    """One that comes a moment before the main thread sleeps is like it: neither wakes that."""
    isolated(project, "job.py", SIGNALLED + waits, sync=sync)
    await engine.start()

    ended = await run_to_end(engine, "job")

    assert ended.texts == ["tidied up"]


async def test_a_task_may_close_what_it_was_woken_by_itself(
    project: Project, engine: Engine
) -> None:
    isolated(
        project,
        "job.py",
        """
        import os, signal
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer)
        async def later():
            os.close(writer)
        event.context.wait_until(later())
        """,
    )
    await engine.start()

    assert (await run_to_end(engine, "job")).run.state is RunState.DONE


async def test_a_timeout_ends_a_task_that_will_not_listen(project: Project, engine: Engine) -> None:
    isolated(
        project,
        "job.py",
        "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: signal.pause()",
        options="timeout=0.3",
    )
    await engine.start()

    with pytest.raises(TaskTimeout):
        await engine.run_task("job")
    async with asyncio.timeout(SOON):
        assert (await engine.wait(1)).state is RunState.TIMEOUT


async def test_a_cancel_right_after_the_start_is_not_lost(
    project: Project, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    isolated(project, "job.py", "print('never')\nwhile True: pass")
    asked: list[Callable[[], None]] = []
    begin_was_asked = asyncio.Event()
    loop, post = asyncio.get_running_loop(), Host.post

    def post_both_at_once(host: Host, action: Callable[[], None]) -> None:
        asked.append(action)
        loop.call_soon_threadsafe(begin_was_asked.set)
        if len(asked) == 2:
            post(host, do_both)

    def do_both() -> None:
        for action in asked:
            action()

    monkeypatch.setattr(Host, "post", post_both_at_once)
    await engine.start()
    run = await engine.start_run("job")
    async with asyncio.timeout(SOON):
        await begin_was_asked.wait()

        await engine.cancel_run(run.id)

        ended = await end_of(engine, run.id)
    assert (ended.run.state, ended.texts) == (RunState.CANCELLED, [])


async def test_a_run_that_waits_for_room_is_cancelled_at_once(
    project: Project, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taskengine.executors.process.host.MAX_PROCESSES", 1)
    isolated(project, "first.py", READY + "event.context.cancelled.wait()")
    isolated(project, "second.py", "print('never')")
    await engine.start()
    first = await started(engine, "first")
    second = await engine.start_run("second")

    await engine.cancel_run(second.id)

    assert (await end_of(engine, second.id)).run.state is RunState.CANCELLED
    await engine.cancel_run(first.id)
    await engine.wait(first.id)


async def test_the_next_one_gets_the_room_of_one_that_was_called_off(
    project: Project, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taskengine.executors.process.host.MAX_PROCESSES", 1)
    isolated(project, "first.py", READY + "event.context.cancelled.wait()")
    isolated(project, "second.py", "return 2")
    isolated(project, "third.py", "return 3")
    await engine.start()
    first = await started(engine, "first")
    second = await engine.start_run("second")
    third = await engine.start_run("third")
    await engine.cancel_run(second.id)

    await engine.cancel_run(first.id)

    async with asyncio.timeout(SOON):
        assert (await engine.wait(third.id)).result == 3


async def test_a_stop_of_the_engine_ends_everything(project: Project, engine: Engine) -> None:
    isolated(
        project,
        "job.py",
        """
        import os, signal
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        event.context.progress(os.getpid())
        while True: signal.pause()
        """,
    )
    events = Events(engine)
    await engine.start()
    run = await engine.start_run("job")
    told = await events.next(RunProgressed)
    assert told.run.progress is not None

    await engine.stop(grace=0)

    assert not is_alive(int(told.run.progress.done))
    ended = engine.history.run(run.id)
    assert ended is not None
    assert ended.state in {RunState.CANCELLED, RunState.INTERRUPTED}


async def test_a_run_is_running_before_its_task_is_imported(
    project: Project, engine: Engine
) -> None:
    project.write(
        "tasks/job.py",
        """
        import os, time
        from taskengine import task

        if os.environ.get("SLOW"):
            time.sleep(600)

        @task(isolation="process")
        def run(event):
            return 1
        """,
    )
    events = Events(engine)
    await engine.start()
    await events.live()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLOW", "1")
        run = await engine.start_run("job")
        await events.next(RunStarted)

    await engine.cancel_run(run.id)

    assert (await end_of(engine, run.id)).run.state is RunState.CANCELLED


async def test_callers_of_a_cancelled_run_are_told(project: Project, engine: Engine) -> None:
    isolated(project, "job.py", READY + "import time\ntime.sleep(600)")
    await engine.start()
    run = await started(engine, "job")
    caller = asyncio.create_task(engine.run_task("job"))
    await asyncio.sleep(0)

    await engine.cancel_run(run.id)

    with pytest.raises(TaskCancelled):
        await caller
