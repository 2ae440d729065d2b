"""An engine inside somebody else's program leaves that program as it found it."""

import asyncio
import threading
from contextlib import suppress

import pytest

from support.host import SOON, Host, host_after, host_now
from support.project import Project
from taskengine import Engine, RunState, TaskEvent

pytestmark = pytest.mark.filterwarnings("default:warned")


NOISY = """
import logging, subprocess, sys, threading, warnings
print("printed")
print("printed too", file=sys.stderr)
logging.getLogger("hosts.own").error("logged")
warnings.warn("warned")
thread = threading.Thread(target=print, args=("from a thread",))
thread.start()
thread.join()
subprocess.run([sys.executable, "-c", "print('from a child')"], check=True)
"""


@pytest.fixture
def noisy(project: Project) -> Project:
    """A project with a task that writes in many ways."""
    project.task("noisy.py", NOISY)
    return project


def embedded(project: Project) -> Engine:
    return Engine(project.root, capture="context", task_loop="current")


async def use(engine: Engine) -> None:
    async with engine:
        await engine.run_task("noisy")


async def host_before(project: Project) -> Host:
    """The process as it is now, with all imported already that any engine imports late, and with
    all gone that earlier tests have left to end by itself.
    """
    before = host_now()
    for _ in range(5):
        await use(embedded(project))
        after = await host_after(before)
        if not after.change_since(before):
            break
        before = after
    return after


async def test_an_engine_that_has_stopped_leaves_nothing(noisy: Project) -> None:
    before = await host_before(noisy)
    await use(embedded(noisy))

    assert (await host_after(before)).change_since(before) == {}


async def test_a_living_engine_leaves_alone_what_is_the_hosts(noisy: Project) -> None:
    before = await host_before(noisy)
    async with embedded(noisy) as engine:
        await engine.run_task("noisy")

        assert host_now().touched_since(before) == {}


async def test_the_hosts_own_output_goes_where_it_went(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.task("noisy.py", "print('of the run')")
    async with embedded(project) as engine:
        print("before")
        await engine.run_task("noisy")
        print("after")

    assert capsys.readouterr().out == "before\nafter\n"


async def test_a_start_that_fails_leaves_nothing(
    noisy: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await host_before(noisy)
    for first in ("taskengine engine", "taskengine history", "taskengine loader"):
        with monkeypatch.context() as patched:
            no_more_threads(patched, first)
            engine = embedded(noisy)
            with pytest.raises(RuntimeError, match="can't start new thread"):
                await asyncio.wait_for(engine.start(), SOON)
            with suppress(RuntimeError):
                await asyncio.wait_for(engine.stop(), SOON)

        assert (await host_after(before)).change_since(before) == {}


async def test_an_engine_stops_though_there_is_no_more_thread_to_be_had(
    noisy: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await host_before(noisy)
    with monkeypatch.context() as patched:
        no_more_threads(patched, "taskengine stop")
        engine = embedded(noisy)
        await engine.start()
        await engine.run_task("noisy")
        await asyncio.wait_for(engine.stop(), SOON)

    assert (await host_after(before)).change_since(before) == {}


def no_more_threads(patched: pytest.MonkeyPatch, first: str) -> None:
    """Let a process be at its limit of threads when the first one of a name is to be started."""
    start = threading.Thread.start
    is_at_limit = threading.Event()

    def start_or_not(thread: threading.Thread) -> None:
        if thread.name == first:
            is_at_limit.set()
        if is_at_limit.is_set():
            raise RuntimeError("can't start new thread")
        start(thread)

    patched.setattr(threading.Thread, "start", start_or_not)


async def test_a_second_project_of_the_same_package_leaves_nothing_when_it_ends(
    noisy: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    before = await host_before(noisy)
    other = Project(tmp_path_factory.mktemp("other"))
    other.task("noisy.py", "return 1")
    async with embedded(noisy) as engine:
        await engine.run_task("noisy")
        await asyncio.wait_for(use_in_vain(embedded(other)), 20)

    assert (await host_after(before)).change_since(before) == {}


async def use_in_vain(engine: Engine) -> None:
    async with engine:
        with suppress(Exception):
            await engine.run_task("noisy")


async def test_a_host_that_is_cancelled_inside_gets_all_back(noisy: Project) -> None:
    before = await host_before(noisy)
    inside = asyncio.Event()

    async def host_task() -> None:
        async with embedded(noisy) as engine:
            await engine.run_task("noisy")
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(host_task())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    del task
    assert (await host_after(before)).change_since(before) == {}


async def test_an_async_task_that_hangs_is_gone_with_its_engine(noisy: Project) -> None:
    before = await host_before(noisy)

    async def hang(event: TaskEvent) -> None:
        await asyncio.Event().wait()

    engine = embedded(noisy)
    engine.add(hang, "hang")
    async with engine:
        run = await engine.start_run("hang")
        await engine.stop(grace=0)

    assert engine.history.run(run.id) is not None
    assert (await host_after(before)).change_since(before) == {}


async def test_a_sync_task_that_hangs_keeps_its_thread_and_nothing_else(noisy: Project) -> None:
    before = await host_before(noisy)
    loop, begun, released = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def hang(event: TaskEvent) -> None:
        loop.call_soon_threadsafe(begun.set)
        released.wait()

    engine = embedded(noisy)
    engine.add(hang, "hang")
    async with engine:
        await engine.start_run("hang")
        await begun.wait()
        await engine.stop(grace=0)

    left = {thread.name: thread for thread in threading.enumerate()}
    assert left["taskengine pool"].daemon
    changed = host_now().change_since(before)
    assert changed.keys() <= {"threads", "descriptors"}
    released.set()
    assert (await host_after(before)).change_since(before) == {}


async def test_a_run_in_a_process_of_its_own_leaves_nothing(noisy: Project) -> None:
    noisy.task("apart.py", "print('from afar')\nreturn 1", options="isolation='process'")
    before = await host_before(noisy)
    async with embedded(noisy) as engine:
        assert await engine.run_task("apart") == 1
        assert host_now().touched_since(before) == {}

    assert (await host_after(before)).change_since(before) == {}


async def test_a_run_in_a_process_that_hangs_is_gone_with_its_engine(noisy: Project) -> None:
    noisy.task("apart.py", "import time\nwhile True: time.sleep(1)", options="isolation='process'")
    before = await host_before(noisy)
    async with embedded(noisy) as engine:
        await engine.start_run("apart")
        await engine.stop(grace=0)

    assert (await host_after(before)).change_since(before) == {}


def test_an_engine_stops_even_where_the_loop_of_its_tasks_was_closed(project: Project) -> None:
    project.task("wait.py", "import asyncio\nawait asyncio.Event().wait()")
    engine = embedded(project)
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda _loop, _told: None)  # of the run's task, which is left to it
    loop.run_until_complete(engine.start())
    run = loop.run_until_complete(engine.start_run("wait"))
    loop.close()

    asyncio.run(engine.stop(grace=0))

    ended = engine.history.run(run.id)
    assert ended is not None
    assert ended.state is RunState.INTERRUPTED
