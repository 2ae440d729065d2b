"""The event loop on a thread of its own."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextvars import ContextVar

import pytest

from taskengine.threads.loop import LoopThread

SOON = 60.0
user = ContextVar("user", default="nobody")

_LEAVE_A_CALL_BEHIND = """
import asyncio, threading
from taskengine.threads.loop import LoopThread

def block():
    begun.set()
    threading.Event().wait()

begun = threading.Event()
thread = LoopThread("left behind")
thread.start()
asyncio.run_coroutine_threadsafe(asyncio.to_thread(block), thread.loop)
assert begun.wait(10)
assert thread.stop(10)
print("stopped")
"""


@pytest.fixture
def thread() -> Iterator[LoopThread]:
    thread = LoopThread("test loop")
    thread.start()
    yield thread
    assert thread.stop(SOON)


def test_a_blocking_call_left_behind_does_not_keep_the_process_alive() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LEAVE_A_CALL_BEHIND],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "stopped\n", "")


def test_a_blocking_call_gives_its_value_or_its_exception(thread: LoopThread) -> None:
    async def call() -> int:
        with pytest.raises(ZeroDivisionError):
            await asyncio.to_thread(lambda: 1 // 0)
        return await asyncio.to_thread(lambda: 42)

    assert asyncio.run_coroutine_threadsafe(call(), thread.loop).result(SOON) == 42


def test_a_blocking_call_goes_on_in_its_callers_context(thread: LoopThread) -> None:
    async def call() -> str:
        user.set("ada")
        return await asyncio.get_running_loop().run_in_executor(None, user.get)

    assert asyncio.run_coroutine_threadsafe(call(), thread.loop).result(SOON) == "ada"


def test_a_task_that_leaves_by_sys_exit_when_cancelled_does_not_keep_the_loop_open() -> None:
    thread = LoopThread("leaving loop")
    thread.start()
    begun = threading.Event()

    async def leave() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            sys.exit(3)

    async def begin() -> "list[asyncio.Task[None]]":
        return [asyncio.create_task(leave()) for _ in range(3)]

    tasks = asyncio.run_coroutine_threadsafe(begin(), thread.loop).result(SOON)
    assert begun.wait(SOON)

    assert thread.stop(SOON)
    assert thread.loop.is_closed()
    assert [type(task.exception()) for task in tasks] == [SystemExit] * 3


def test_a_sys_exit_on_the_loop_does_not_end_it(thread: LoopThread) -> None:
    async def leave() -> None:
        sys.exit(3)

    leaving = asyncio.run_coroutine_threadsafe(leave(), thread.loop)
    with pytest.raises(SystemExit):
        leaving.result(SOON)

    assert asyncio.run_coroutine_threadsafe(asyncio.sleep(0, 42), thread.loop).result(SOON) == 42
