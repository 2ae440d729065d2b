"""An event loop on a daemon thread of its own."""

import asyncio
import threading
from collections.abc import Coroutine
from contextvars import Context
from typing import Any

from taskengine.threads.executor import DaemonExecutor
from taskengine.threads.mailbox import Mailbox

HELPERS = 32


class LoopThread:
    """Runs an event loop until it is stopped, whatever the code on it raises.

    `SystemExit` and `KeyboardInterrupt` raised in a task of the loop leave `run_forever`; a loop
    that others depend on must go on after them.
    """

    def __init__(self, name: str) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._mailbox: Mailbox | None = None
        self._executor = DaemonExecutor(HELPERS, f"{name} helper")
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Make the loop and start the thread. Raises RuntimeError where no more can be started."""
        self._loop = asyncio.new_event_loop()
        self._loop.set_default_executor(self._executor)
        self._mailbox = Mailbox(self._loop)
        try:
            Context().run(self._thread.start)
        except BaseException:
            self._loop.close()
            raise

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop. Raises RuntimeError before `start`."""
        if self._loop is None:
            raise RuntimeError("the loop was not started")
        return self._loop

    @property
    def mailbox(self) -> Mailbox:
        """A mailbox of the loop. Raises RuntimeError before `start`."""
        if self._mailbox is None:
            raise RuntimeError("the loop was not started")
        return self._mailbox

    @property
    def is_alive(self) -> bool:
        """Whether the thread is running."""
        return self._thread.is_alive()

    def stop(self, timeout: float = 1.0) -> bool:
        """Cancel what runs on the loop and end the thread; False if that took over `timeout` s."""
        if not self._thread.is_alive():
            return True
        self.loop.call_soon_threadsafe(self._begin_stop)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _begin_stop(self) -> None:
        self._stopping = True
        self.loop.stop()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        while not self._stopping:
            try:
                self.loop.run_forever()
            except (SystemExit, KeyboardInterrupt):
                continue
        self.mailbox.close()
        self._cancel_all()
        self._complete(self.loop.shutdown_asyncgens())
        self._executor.shutdown()
        self.loop.close()

    def _cancel_all(self) -> None:
        tasks = asyncio.all_tasks(self.loop)
        for one in tasks:
            one.cancel()
        if tasks:
            self._complete(asyncio.wait(tasks, timeout=0.5))

    def _complete(self, coroutine: Coroutine[Any, Any, object]) -> None:
        """Run the loop until a coroutine has ended, whatever other tasks raise meanwhile."""
        task = self.loop.create_task(coroutine)
        while not task.done():
            try:
                self.loop.run_until_complete(task)
            except (SystemExit, KeyboardInterrupt):
                continue
