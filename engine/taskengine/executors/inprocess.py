"""Runs tasks in this process: `async` functions on the task loop, others in the pool of threads."""

import asyncio
import contextlib
import inspect
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import Future

from taskengine.executors.at_work import name_of_run
from taskengine.executors.ending import Ending
from taskengine.executors.executor import Execution, Job
from taskengine.executors.parts import CANCELLED, CallParts, Outcome, call_out
from taskengine.task import is_async
from taskengine.threads.forked import end_if_forked
from taskengine.threads.mailbox import Mailbox
from taskengine.threads.pool import DaemonPool


class InProcessExecutor:
    """Shares modules and connection pools with the rest of the process."""

    def __init__(self, task_loop: asyncio.AbstractEventLoop, pool: DaemonPool) -> None:
        self._mailbox = Mailbox(task_loop)
        self._pool = pool

    def prepare(self, job: Job) -> Execution:
        """A call on the task loop, or on a thread of the pool."""
        if is_async(job.task.function):
            return AsyncExecution(job, self._mailbox)
        return SyncExecution(job, self._mailbox.loop, self._pool)


class AsyncExecution:
    """A call of an `async` function on the task loop."""

    def __init__(self, job: Job, mailbox: Mailbox) -> None:
        self._job = job
        self._mailbox = mailbox
        self._parts = CallParts(mailbox.loop)
        self._task: asyncio.Task[Outcome] | None = None
        self._is_cancelled = False

    @property
    def ending(self) -> Future[Ending]:
        """Set when the call and its `wait_until` work are over."""
        return self._parts.ending

    def begin(self) -> None:
        """Make the call on the task loop's next round."""
        self._mailbox.post(self._begin)

    def cancel(self) -> None:
        """Raise `CancelledError` in the function, at what it awaits."""
        with contextlib.suppress(RuntimeError):  # the loop has ended, and all that was on it
            self._mailbox.post(self._cancel)

    def kill(self) -> None:
        """Raise `CancelledError` once more: the function may have swallowed the first, or be busy
        tidying up.
        """
        self.cancel()

    def wait_until(self, awaitable: Awaitable[object]) -> None:
        """Keep the call going until the awaitable is done."""
        self._parts.add(awaitable)

    def _begin(self) -> None:
        if self._is_cancelled:
            self._parts.end_body(CANCELLED)
            return
        self._task = self._mailbox.loop.create_task(
            self._call(), name=name_of_run(self._job.run), context=self._job.context
        )
        self._task.add_done_callback(self._end)

    def _cancel(self) -> None:
        self._is_cancelled = True
        if self._task:
            self._task.cancel()
        self._parts.cancel()

    async def _call(self) -> Outcome:
        self._job.on_started()
        return await call_out(self._job.call)

    def _end(self, task: asyncio.Task[Outcome]) -> None:
        """A task that is cancelled before its first step never enters `_call`."""
        self._parts.end_body(CANCELLED if task.cancelled() else task.result())


class SyncExecution:
    """A call of a plain function on a thread of the pool."""

    def __init__(self, job: Job, task_loop: asyncio.AbstractEventLoop, pool: DaemonPool) -> None:
        self._job = job
        self._pool = pool
        self._parts = CallParts(task_loop)
        self._queued: Callable[[], None] = self._call

    @property
    def ending(self) -> Future[Ending]:
        """Set when the call and its `wait_until` work are over."""
        return self._parts.ending

    def begin(self) -> None:
        """Queue the call for a thread of the pool."""
        self._pool.submit(self._queued)

    def cancel(self) -> None:
        """Take the call back if no thread has begun it; one that runs can't be stopped."""
        if self._pool.withdraw(self._queued):
            self._parts.end_body(CANCELLED)
        self._parts.cancel()

    def kill(self) -> None:
        """Nothing can be done to a thread."""

    def wait_until(self, awaitable: Awaitable[object]) -> None:
        """Keep the call going until the awaitable is done."""
        self._parts.add(awaitable)

    def _call(self) -> None:
        self._job.on_started()
        self._parts.end_body(self._job.context.run(self._call_function))

    def _call_function(self) -> Outcome:
        process = os.getpid()
        outcome = self._outcome()
        end_if_forked(process, outcome.error)
        return outcome

    def _outcome(self) -> Outcome:
        try:
            value = self._job.call()
            if inspect.isawaitable(value):
                # A plain function may give back a coroutine, as a wrapper without `async` does.
                self._parts.add(value, is_result=True)
                return Outcome()
        except BaseException as error:  # noqa: BLE001 - even SystemExit must not leave the runner
            return Outcome(error=error)
        return Outcome(value=value)
