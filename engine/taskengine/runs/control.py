"""What a running task may ask of the engine, from the threads that tasks run on."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from taskengine.run import JsonValue, Payload, Progress, Trigger
from taskengine.runs.live import LiveRun
from taskengine.runs.request import RunRequest
from taskengine.threads.pool import DaemonPool


class Host(Protocol):
    """The runner, as far as a run's control needs it."""

    async def run(self, request: RunRequest) -> JsonValue:
        """Run a task and wait for its result. On the engine's loop."""

    def report_progress(self, live: LiveRun, progress: Progress) -> None:
        """Tell of a run's progress. On the engine's loop."""


class LiveControl:
    """The control of one run. Its methods are called on any thread but the engine's."""

    def __init__(
        self, live: LiveRun, host: Host, loop: asyncio.AbstractEventLoop, pool: DaemonPool
    ) -> None:
        self._live = live
        self.host = host
        self._loop = loop
        self._pool = pool

    def wait_until(self, awaitable: Awaitable[object]) -> None:
        """Keep the run going until `awaitable` is done."""
        execution = self._live.execution
        assert execution is not None, "a task can't call before it is executed"
        execution.wait_until(awaitable)

    def report_progress(self, progress: Progress) -> None:
        """Tell how far the run is."""
        self._post(lambda: self.host.report_progress(self._live, progress))

    async def run_task(self, name: str, payload: Payload | None) -> JsonValue:
        """Run another task as a child of this run, from a coroutine."""
        future = asyncio.run_coroutine_threadsafe(self._run_child(name, payload), self._loop)
        return await asyncio.wrap_future(future)

    def run_task_blocking(self, name: str, payload: Payload | None) -> JsonValue:
        """Do the same from a sync body, whose place in the pool others may use meanwhile."""
        if asyncio._get_running_loop() is not None:  # noqa: SLF001 - get_running_loop() raises
            raise RuntimeError("run_task_blocking() would block the event loop: await run_task()")
        future = asyncio.run_coroutine_threadsafe(self._run_child(name, payload), self._loop)
        with self._pool.lend_slot():
            return future.result()

    async def _run_child(self, name: str, payload: Payload | None) -> JsonValue:
        return await self.host.run(
            RunRequest(
                task=name, payload=payload, trigger=Trigger.TASK, parent_id=self._live.run.id
            )
        )

    def _post(self, callback: Callable[[], None]) -> None:
        self._loop.call_soon_threadsafe(callback)
