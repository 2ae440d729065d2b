"""The threads, loops and streams that an engine lives on, and has to give back."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, Literal, TypeVar

from taskengine.capture.capture import Capture
from taskengine.capture.sink import RunOutput
from taskengine.executors.choice import ChosenExecutor
from taskengine.executors.executor import Executor
from taskengine.executors.inprocess import InProcessExecutor
from taskengine.executors.process.executor import ProcessExecutor
from taskengine.threads.loop import LoopThread
from taskengine.threads.mailbox import Mailbox
from taskengine.threads.on_loop import on_loop
from taskengine.threads.pool import DaemonPool, answer

POOL_SIZE = 32
CHECKS = 8
CLOSE_SECONDS = 1.0

T = TypeVar("T")


class Machinery:
    """`pool` is for sync tasks, `checks` for what users' code says of a call, `loader` for imports.

    `unowned` takes what is written by code that belongs to no run.
    """

    def __init__(
        self,
        unowned: RunOutput,
        *,
        capture: Literal["context", "process"],
        task_loop: Literal["own", "current"],
    ) -> None:
        self.capture = Capture(unowned, mode=capture)
        self.pool = DaemonPool(POOL_SIZE, "taskengine pool")
        self.checks = DaemonPool(CHECKS, "taskengine checks")
        self.loader = DaemonPool(1, "taskengine loader")
        self.owns_task_loop = task_loop == "own"
        self._loop = LoopThread("taskengine engine")
        self._task_loop = LoopThread("taskengine tasks")
        self._callers: Mailbox | None = None
        self._processes = ProcessExecutor(lambda: self.capture.log_level)

    @property
    def is_alive(self) -> bool:
        """Whether the engine's own thread runs."""
        return self._loop.is_alive

    @property
    def mailbox(self) -> Mailbox:
        """The mailbox of the engine's loop. Raises RuntimeError before `start`."""
        return self._loop.mailbox

    def start(self) -> asyncio.AbstractEventLoop:
        """Capture output, start the loops, and give back the one for tasks. In a coroutine."""
        self.capture.install()
        self._loop.start()
        if not self.owns_task_loop:
            return asyncio.get_running_loop()
        self._task_loop.start()
        return self._task_loop.loop

    def executor(self, task_loop: asyncio.AbstractEventLoop) -> Executor:
        """What runs tasks, in this process or in others."""
        return ChosenExecutor(InProcessExecutor(task_loop, self.pool), self._processes)

    def submit(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        """Run a coroutine on the engine's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop.loop)

    async def on_loop(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the engine's loop and wait for it; to stop waiting cancels it. Raises
        RuntimeError before `start`.
        """
        try:
            there = self.mailbox
        except RuntimeError:
            work.close()  # or it would be complained of as one that nobody has awaited
            raise
        return await on_loop(there, self._mailbox_here(), work)

    def _mailbox_here(self) -> Mailbox:
        """A mailbox of the loop at hand: the one of the last call, for most come from one loop."""
        loop = asyncio.get_running_loop()
        mailbox = self._callers
        if mailbox is None or mailbox.loop is not loop:
            mailbox = self._callers = Mailbox(loop)
        return mailbox

    def post(self, callback: Callable[[], None]) -> None:
        """Call something on the engine's loop, if that has not ended meanwhile; before work that is
        asked for after this.
        """
        with contextlib.suppress(RuntimeError):
            self.mailbox.post(callback)

    def release(self, close_project: Callable[[], None]) -> None:
        """Give back all that `start` took, each part whatever became of the others."""
        with contextlib.ExitStack() as parts:
            parts.callback(self.capture.uninstall)
            parts.callback(self._loop.stop)
            parts.callback(self._task_loop.stop)
            parts.callback(self.pool.close)
            parts.callback(self._processes.stop)
            parts.callback(self.checks.close)
            parts.callback(self.loader.close, drops_queue=False)
            parts.callback(self._close, close_project)

    def _close(self, close_project: Callable[[], None]) -> None:
        """An import that hangs is not waited for: the loader closes the project when it ends."""
        closed: Future[None] = Future()
        try:
            self.loader.submit(lambda: answer(closed, close_project))
        except RuntimeError:  # it has no thread, and can get none: nothing is being imported
            close_project()
            return
        with contextlib.suppress(TimeoutError):
            closed.result(CLOSE_SECONDS)
