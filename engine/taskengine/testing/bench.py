"""Runs one task as an engine would, and tells what came of it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from taskengine.engine import Engine
from taskengine.history.memory import MemoryHistory
from taskengine.project.catalog import CatalogEntry
from taskengine.run import JsonValue, Payload, Trigger
from taskengine.task import Task, TaskFunction
from taskengine.testing.manual_clock import ManualClock
from taskengine.testing.outcome import Outcome
from taskengine.testing.record import Record
from taskengine.testing.stubs import as_task
from taskengine.triggers.fire_runs import scheduled_payload

NEW_YEAR = datetime(2030, 1, 1, tzinfo=UTC)


class TaskBench:
    """Runs single tasks, each in an engine of its own that lives as long as the run.

    With `root`, a project's folder, its tasks are there by their names; without, only the task that
    is run and the `stubs`: what each name stands for, see `stub`.
    The `clock` stands still, but where a run waits for its next attempt it moves on to that.
    `timeout` is how many seconds of real time a run may take; log records count from `log_level`.
    """

    def __init__(
        self,
        root: Path | str | None = None,
        *,
        stubs: Mapping[str, object] | None = None,
        clock: ManualClock | None = None,
        timeout: float = 30.0,
        log_level: int | str = logging.INFO,
    ) -> None:
        self.clock = clock or ManualClock(NEW_YEAR)
        self._root = root
        self._stubs = dict(stubs or {})
        self._timeout = timeout
        self._log_level = log_level

    def stub(self, name: str, answer: object) -> None:
        """Let a name stand for something else in the runs to come, in place of the project's task:
        for another task or function, for an exception to raise, or for the result as such.
        """
        self._stubs[name] = answer

    async def run(
        self,
        task: Task | TaskFunction | str,
        payload: Payload | None = None,
        context: Mapping[str, Any] | None = None,
        *,
        name: str = "",
        trigger: Trigger | None = None,
        scheduled_time: datetime | None = None,
    ) -> Outcome:
        """Run a task, or one of the project by its name, and wait until the run is over.

        An `async` task runs on the present event loop. `context` is found as `event.context.extra`.
        `name` is what the task is called; without it, the name of its function. With a
        `scheduled_time` (aware) the run is as a schedule would have begun it.
        Raises what refuses a run before it begins, such as InvalidPayload; ValueError if something
        is wrong with how the task is written; TimeoutError.
        """
        called = task if isinstance(task, str) else name or _name_of(task)
        trigger = trigger or (Trigger.SCHEDULE if scheduled_time else Trigger.MANUAL)
        call = _Call(called, payload or {}, context, trigger, scheduled_time)
        try:
            with _logging_from(self._log_level):
                async with asyncio.timeout(self._timeout):
                    return await self._outcome(self._engine(task, called), call)
        except TimeoutError:
            raise TimeoutError(f"`{called}` did not end within {self._timeout:g} s") from None

    def run_blocking(
        self,
        task: Task | TaskFunction | str,
        payload: Payload | None = None,
        context: Mapping[str, Any] | None = None,
        *,
        name: str = "",
        trigger: Trigger | None = None,
        scheduled_time: datetime | None = None,
    ) -> Outcome:
        """Do what `run` does, on an event loop of its own, from a test that has none."""
        if asyncio._get_running_loop() is not None:  # noqa: SLF001 - get_running_loop() raises
            raise RuntimeError("run_blocking() would block the event loop: await run()")
        with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
            return runner.run(
                self.run(
                    task,
                    payload,
                    context,
                    name=name,
                    trigger=trigger,
                    scheduled_time=scheduled_time,
                )
            )

    def _engine(self, task: Task | TaskFunction | str, called: str) -> Engine:
        engine = Engine(
            self._root,
            task_loop="current",
            scheduler=False,
            clock=self.clock,
            history=MemoryHistory(),
        )
        tasks = self._stubs if isinstance(task, str) else {**self._stubs, called: task}
        for name, answer in tasks.items():
            engine.add(as_task(answer), name)
        return engine

    async def _outcome(self, engine: Engine, call: "_Call") -> Outcome:
        record = Record(engine, self.clock)
        async with _living(engine):
            entry = await record.loaded(call.task)
            return await record.outcome(call.on(engine, entry))


@dataclass(frozen=True, slots=True)
class _Call:
    task: str
    payload: Payload
    context: Mapping[str, Any] | None
    trigger: Trigger
    scheduled_time: datetime | None

    async def on(self, engine: Engine, entry: CatalogEntry) -> JsonValue:
        payload = self.payload
        if self.scheduled_time:
            payload = scheduled_payload(payload, self.scheduled_time, entry.payload_type)
        return await engine.run_task(
            self.task,
            payload,
            self.context,
            trigger=self.trigger,
            scheduled_time=self.scheduled_time,
        )


def _name_of(task: Task | TaskFunction) -> str:
    function = task.function if isinstance(task, Task) else task
    return str(getattr(function, "__name__", type(function).__name__))


@asynccontextmanager
async def _living(engine: Engine) -> AsyncIterator[None]:
    """The engine at work inside; what still runs then is cancelled."""
    await engine.start()
    try:
        yield
    finally:
        await engine.stop(grace=0)


@contextmanager
def _logging_from(level: int | str) -> Iterator[None]:
    root = logging.getLogger()
    before = root.level
    root.setLevel(level)
    try:
        yield
    finally:
        root.setLevel(before)
