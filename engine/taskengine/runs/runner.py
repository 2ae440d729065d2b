"""Starts runs, one at a time per task, and sees each through to its end, on the engine's loop."""

import asyncio
import contextlib
import copy
import logging
from contextvars import Context
from datetime import datetime
from typing import Protocol

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
from taskengine.executors.executor import Job
from taskengine.output import OutputBuffer
from taskengine.run import JoinedCaller, JsonValue, Payload, Progress, Run, RunState
from taskengine.runs.control import LiveControl
from taskengine.runs.ending import (
    Ending,
    cancelled_ending,
    ending_of,
    failed_ending,
    interrupted_ending,
)
from taskengine.runs.live import LiveRun, chain_of_waits
from taskengine.runs.request import RunRequest, checked_payload
from taskengine.runs.services import Services
from taskengine.task import TaskContext, TaskEvent, TaskFunction, current_context

STOP_SECONDS = 1.0


class Tasks(Protocol):
    """What there is to run."""

    async def when_loaded(self, task: str) -> None:
        """Wait until a task's code is there, if it is only known by name so far."""

    def function(self, task: str) -> TaskFunction:
        """A task's code. Raises TaskNotFound, TaskNotImplemented."""


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
        function = self._tasks.function(request.task)
        payload = checked_payload(request.payload)
        if live := self._by_task.get(request.task):
            self._refuse_cycle(live, self._parent(request))
            self._join(live, request, is_same_payload=payload == live.run.payload)
            return live
        return self._launch(request, payload, function)

    async def begin(self, request: RunRequest) -> LiveRun:
        """Do what `start` does as soon as the task's code is there."""
        await self._tasks.when_loaded(request.task)
        return self.start(request)

    async def run(self, request: RunRequest) -> JsonValue:
        """Begin or join a run and wait for its result. Raises what the task raised."""
        live = await self.begin(request)
        parent = self._parent(request)
        if parent:
            parent.waits_for.append(live)
        try:
            ending = await asyncio.shield(live.answer)
        finally:
            if parent:
                parent.waits_for.remove(live)
        if ending.exception is not None:
            raise ending.exception
        return ending.result

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
        await self._drain(grace)
        for run in self.active():
            self.cancel(run.id)
        await self._drain(STOP_SECONDS)
        for live in list(self._by_id.values()):
            if not live.run.state.is_final:
                self._conductors[live.run.id].cancel()
                await self._end(live, interrupted_ending())

    async def _drain(self, seconds: float) -> None:
        if self._conductors:
            await asyncio.wait(self._conductors.values(), timeout=seconds)

    def _parent(self, request: RunRequest) -> LiveRun | None:
        return None if request.parent_id is None else self._by_id.get(request.parent_id)

    def _refuse_cycle(self, live: LiveRun, parent: LiveRun | None) -> None:
        if parent and (chain := chain_of_waits(live, parent)):
            raise TaskCycle([*(one.run.task for one in chain), live.run.task])

    def _join(self, live: LiveRun, request: RunRequest, *, is_same_payload: bool) -> None:
        caller = JoinedCaller(
            at=self._clock.now(), trigger=request.trigger, payload_used=is_same_payload
        )
        run = live.change(joined=(*live.run.joined, caller))
        self._history.keep_changed(run)
        self._emit(RunJoined(at=caller.at, run=run, caller=caller))

    def _launch(self, request: RunRequest, payload: Payload, function: TaskFunction) -> LiveRun:
        run = Run(
            id=self._history.next_id(),
            task=request.task,
            payload=payload,
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
        conductor = self._loop.create_task(self._conduct(live, request, function, buffer))
        self._conductors[run.id] = conductor
        conductor.add_done_callback(lambda _: self._conductors.pop(run.id))
        return live

    async def _conduct(
        self, live: LiveRun, request: RunRequest, function: TaskFunction, buffer: OutputBuffer
    ) -> None:
        await self._history.keep_queued(live.run, buffer)
        try:
            ending = await self._execute(live, request, function)
        except Exception as error:  # noqa: BLE001 - a fault of ours must end the run, not hang it
            ending = failed_ending(error)
        await self._end(live, ending)

    async def _execute(self, live: LiveRun, request: RunRequest, function: TaskFunction) -> Ending:
        if live.cancelled.is_set():
            return cancelled_ending()
        self._services.capture.mend()
        live.execution = self._services.executor.prepare(self._job(live, request, function))
        live.execution.begin()
        outcome = await asyncio.wrap_future(live.execution.outcome)
        return cancelled_ending() if live.cancelled.is_set() else ending_of(outcome)

    def _job(self, live: LiveRun, request: RunRequest, function: TaskFunction) -> Job:
        run = live.run
        task_context = TaskContext(
            run_id=run.id,
            attempt=run.attempt,
            trigger=run.trigger,
            scheduled_time=run.scheduled_time,
            extra=request.extra,
            log=logging.getLogger(f"task.{run.task}"),
            cancelled=live.cancelled,
            control=LiveControl(live, self, self._loop, self._services.pool),
        )
        context = Context()
        context.run(current_sink.set, live.output)
        context.run(current_context.set, task_context)
        return Job(
            function=function,
            event=TaskEvent(
                name=run.task, payload=copy.deepcopy(run.payload), context=task_context
            ),
            context=context,
            on_started=lambda: self._post_started(live),
        )

    def _post_started(self, live: LiveRun) -> None:
        with contextlib.suppress(RuntimeError):  # a call may begin just after the engine has gone
            self._loop.call_soon_threadsafe(self._started, live, self._clock.now())

    def _started(self, live: LiveRun, at: datetime) -> None:
        if live.run.state is RunState.QUEUED:
            self._tell(RunStarted, live.change(state=RunState.RUNNING, started_at=at))

    async def _end(self, live: LiveRun, ending: Ending) -> None:
        live.output.close()
        run = live.change(
            state=ending.state,
            result=ending.result,
            error=ending.error,
            ended_at=self._clock.now(),
            stopping=False,
        )
        await self._history.keep_ended(run)
        del self._by_task[run.task], self._by_id[run.id]
        self._emit(RunEnded(at=self._clock.now(), run=run))
        live.answer_with(ending)
        live.over.set_result(run)

    def _tell(self, event: type[RunEvent], run: Run) -> None:
        self._history.keep_changed(run)
        self._emit(event(at=self._clock.now(), run=run))
