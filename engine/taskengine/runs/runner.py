"""Starts runs, one at a time per task, and sees each through to its end, on the engine's loop."""

import asyncio
import contextlib
import copy
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context
from datetime import datetime
from typing import Any, Protocol

from taskengine.capture.current import current_sink
from taskengine.capture.sink import RunOutput
from taskengine.errors import EngineNotRunning, TaskCycle
from taskengine.events import (
    RunEnded,
    RunEvent,
    RunJoined,
    RunProgressed,
    RunQueued,
    RunStarted,
    RunStopping,
)
from taskengine.executors.ending import (
    Ending,
    cancelled_ending,
    failed_ending,
    interrupted_ending,
)
from taskengine.executors.executor import Job
from taskengine.output import OutputBuffer
from taskengine.project.catalog import Runnable
from taskengine.run import JoinedCaller, JsonValue, Progress, Run, RunState
from taskengine.runs.control import LiveControl
from taskengine.runs.live import LiveRun, chain_of_waits
from taskengine.runs.request import RunRequest
from taskengine.runs.services import Services
from taskengine.task import TaskContext, TaskEvent, current_context

STOP_SECONDS = 1.0
MAX_JOINED_KEPT = 100


class Tasks(Protocol):
    """What there is to run."""

    async def when_loaded(self, task: str) -> None:
        """Wait until a task's code is there, if it is only known by name so far."""

    def runnable(self, task: str) -> Runnable:
        """A task as it can be run. Raises TaskNotFound, TaskNotImplemented."""


class Runner:
    """At most one run of a task goes on at a time: a further call joins it."""

    def __init__(self, tasks: Tasks, services: Services) -> None:
        self._tasks = tasks
        self._services = services
        self._history = services.history
        self._clock = services.clock
        self._emit = services.emit
        self._loop = asyncio.get_running_loop()
        self._by_task: dict[str, LiveRun] = {}
        self._by_id: dict[int, LiveRun] = {}
        self._conductors: dict[int, asyncio.Task[None]] = {}
        self._is_closed = False
        self._hurried = asyncio.Event()

    def active(self) -> tuple[Run, ...]:
        """The runs that are not over, oldest first. Answers from any thread."""
        return tuple(live.run for live in list(self._by_id.values()))

    def active_of(self, task: str) -> tuple[Run, ...]:
        """The runs of one task that are not over. Answers from any thread."""
        live = self._by_task.get(task)
        return (live.run,) if live else ()

    def live(self, run_id: int) -> LiveRun | None:
        """A run that is not over."""
        return self._by_id.get(run_id)

    def start(self, request: RunRequest) -> LiveRun:
        """Begin a run, or join the one that is going on. Decided before this returns.

        Raises TaskNotFound, TaskNotImplemented, InvalidPayload, TaskCycle, EngineNotRunning.
        """
        if self._is_closed:
            raise EngineNotRunning("The engine is stopping and accepts no runs")
        task = self._tasks.runnable(request.task)
        if live := self._by_task.get(request.task):
            self._join(live, request)
            return live
        return self._launch(request, task)

    async def begin(self, request: RunRequest) -> LiveRun:
        """Do what `start` does as soon as the task's code is there."""
        await self._tasks.when_loaded(request.task)
        return self.start(request)

    async def run(self, request: RunRequest) -> JsonValue:
        """Begin or join a run and wait for its result.

        Raises what the task raised, and TaskCycle if the wait would have no end.
        """
        await self._tasks.when_loaded(request.task)
        self._refuse_cycle(request)
        live = self.start(request)
        with self._waiting(request, live):
            ending = await asyncio.shield(live.answer)
        if ending.exception is not None:
            raise ending.exception
        return ending.result

    @contextmanager
    def _waiting(self, request: RunRequest, live: LiveRun) -> Iterator[None]:
        parent = self._parent(request)
        if parent is None:
            yield
            return
        parent.waits_for.append(live)
        try:
            yield
        finally:
            parent.waits_for.remove(live)

    def cancel(self, run_id: int) -> bool:
        """Ask a run to stop. Its callers are answered at once; False if it was over already."""
        live = self._by_id.get(run_id)
        if live is None or live.cancelled.is_set() or live.run.state.is_final:
            return False
        live.cancelled.set()
        live.answer_with(cancelled_ending())
        self._tell(RunStopping, live.change(stopping=True))
        if live.execution:
            live.execution.cancel()
        return True

    def report_progress(self, live: LiveRun, progress: Progress) -> None:
        """Tell of a run's progress; what comes after its end counts for nothing."""
        if not live.over.done():
            self._tell(RunProgressed, live.change(progress=progress))

    async def close(self, grace: float) -> None:
        """Accept no more runs, wait `grace` seconds for those that go on, then cancel them.

        What does not stop within a second of that is left behind as interrupted.
        """
        self._is_closed = True
        await self._drain(grace, unless=self._hurried)
        for run in self.active():
            self.cancel(run.id)
        await self._drain(STOP_SECONDS)
        for live in list(self._by_id.values()):
            if conductor := self._conductors.get(live.run.id):
                conductor.cancel()
            await self._end(live, interrupted_ending())

    def hurry(self) -> None:
        """Let `close` wait no longer before it cancels."""
        self._hurried.set()

    async def _drain(self, seconds: float, unless: asyncio.Event | None = None) -> None:
        if not self._conductors:
            return
        ended = asyncio.wait(self._conductors.values())
        waits: set[asyncio.Future[Any]] = {asyncio.ensure_future(ended)}
        if unless:
            waits.add(asyncio.ensure_future(unless.wait()))
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()

    def _parent(self, request: RunRequest) -> LiveRun | None:
        return None if request.parent_id is None else self._by_id.get(request.parent_id)

    def _refuse_cycle(self, request: RunRequest) -> None:
        live, parent = self._by_task.get(request.task), self._parent(request)
        if live and parent and (chain := chain_of_waits(live, parent)):
            raise TaskCycle([*(one.run.task for one in chain), live.run.task])

    def _join(self, live: LiveRun, request: RunRequest) -> None:
        is_same = request.payload == live.run.payload
        caller = JoinedCaller(at=self._clock.now(), trigger=request.trigger, payload_used=is_same)
        latest = live.run.joined[1 - MAX_JOINED_KEPT :]
        run = live.change(joined=(*latest, caller), joined_count=live.run.joined_count + 1)
        self._history.keep_changed(run)
        self._emit(RunJoined(at=caller.at, run=run, caller=caller))

    def _launch(self, request: RunRequest, task: Runnable) -> LiveRun:
        run = Run(
            id=self._history.next_id(),
            task=request.task,
            payload=request.payload,
            trigger=request.trigger,
            state=RunState.QUEUED,
            queued_at=self._clock.now(),
            scheduled_time=request.scheduled_time,
            parent_id=request.parent_id,
            rerun_of=request.rerun_of,
        )
        buffer = OutputBuffer()
        live = LiveRun(
            run=run,
            output=RunOutput(buffer, self._clock.now),
            answer=self._loop.create_future(),
            over=self._loop.create_future(),
        )
        self._by_task[run.task] = self._by_id[run.id] = live
        self._emit(RunQueued(at=run.queued_at, run=run))
        # In a context of its own: the caller may be a run, whose output is not this run's.
        conductor = self._loop.create_task(
            self._conduct(live, request, task, buffer), context=Context()
        )
        self._conductors[run.id] = conductor
        conductor.add_done_callback(lambda _: self._conductors.pop(run.id))
        return live

    async def _conduct(
        self, live: LiveRun, request: RunRequest, task: Runnable, buffer: OutputBuffer
    ) -> None:
        try:
            await self._history.keep_queued(live.run, buffer)
            ending = await self._execute(live, request, task)
        except Exception as error:  # noqa: BLE001 - a fault of ours must end the run, not hang it
            ending = failed_ending(error)
        await self._end(live, ending)

    async def _execute(self, live: LiveRun, request: RunRequest, task: Runnable) -> Ending:
        if live.cancelled.is_set():
            return cancelled_ending()
        self._services.capture.mend()
        live.execution = self._services.executor.prepare(self._job(live, request, task))
        live.execution.begin()
        ending = await asyncio.wrap_future(live.execution.ending)
        return cancelled_ending() if live.cancelled.is_set() else ending

    def _job(self, live: LiveRun, request: RunRequest, task: Runnable) -> Job:
        run = live.run
        control = LiveControl(live, self, self._loop, self._services.pool)
        task_context = TaskContext(
            run_id=run.id,
            attempt=run.attempt,
            trigger=run.trigger,
            scheduled_time=run.scheduled_time,
            extra=request.extra,
            log=logging.getLogger(f"task.{run.task}"),
            cancelled=live.cancelled,
            control=control,
        )
        context = Context()
        context.run(current_sink.set, live.output)
        context.run(current_context.set, task_context)
        return Job(
            task=task,
            run=run,
            output=live.output,
            control=control,
            cancelled=live.cancelled,
            extra=request.extra,
            make_event=lambda: TaskEvent(
                name=run.task, payload=copy.deepcopy(run.payload), context=task_context
            ),
            context=context,
            on_started=lambda: self._post_started(live),
        )

    def _post_started(self, live: LiveRun) -> None:
        with contextlib.suppress(RuntimeError):  # a call may begin just after the engine has gone
            self._loop.call_soon_threadsafe(
                self._started, live, self._clock.now(), context=Context()
            )

    def _started(self, live: LiveRun, at: datetime) -> None:
        if live.run.state is RunState.QUEUED:
            self._tell(RunStarted, live.change(state=RunState.RUNNING, started_at=at))

    async def _end(self, live: LiveRun, ending: Ending) -> None:
        """Keep the end, then let everybody hear of it, whatever the history makes of that."""
        live.output.close()
        at = self._clock.now()
        run = live.change(
            state=ending.state,
            result=ending.result,
            error=ending.error,
            ended_at=at,
            stopping=False,
        )
        try:
            await self._history.keep_ended(run)
        finally:
            self._by_id.pop(run.id, None)
            if self._by_task.get(run.task) is live:
                del self._by_task[run.task]
            if not live.over.done():
                self._emit(RunEnded(at=at, run=run))
                live.answer_with(ending)
                live.over.set_result(run)

    def _tell(self, event: type[RunEvent], run: Run) -> None:
        self._history.keep_changed(run)
        self._emit(event(at=self._clock.now(), run=run))
