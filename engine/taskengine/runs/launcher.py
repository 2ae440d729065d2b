"""Makes runs of admitted calls, and hands each to the conductor on a task of its own."""

import asyncio
import logging
from collections.abc import Coroutine
from contextvars import Context
from dataclasses import replace
from datetime import datetime

from taskengine.capture.sink import RunOutput
from taskengine.errors import TaskSkipped
from taskengine.events import RunQueued
from taskengine.executors.ending import skipped_ending
from taskengine.output import OutputBuffer
from taskengine.project.catalog import Runnable
from taskengine.run import Run, RunState
from taskengine.runs.active import ActiveRuns
from taskengine.runs.call import Call
from taskengine.runs.conductor import Conductor
from taskengine.runs.lanes import Lanes
from taskengine.runs.live import LiveRun
from taskengine.runs.services import Services

_log = logging.getLogger(__name__)


class Launcher:
    """`conductors` are the tasks that see runs through, by the run's number."""

    def __init__(
        self, services: Services, conductor: Conductor, active: ActiveRuns, lanes: Lanes
    ) -> None:
        self.conductors: dict[int, asyncio.Task[None]] = {}
        self._services = services
        self._conductor = conductor
        self._active = active
        self._lanes = lanes
        self._loop = asyncio.get_running_loop()

    def launch(self, call: Call) -> LiveRun:
        """Begin a run, which may have to wait for its turn."""
        return self._begin(call, self._new_run(call, RunState.QUEUED))

    def resume(self, call: Call, left: Run) -> LiveRun:
        """Begin a run that an earlier engine left in the queue, as the run that it was."""
        return self._begin(call, _as_queued(left, call.task))

    def _begin(self, call: Call, run: Run) -> LiveRun:
        buffer = OutputBuffer()
        live = self._live(call, run, buffer)
        self._lanes.enter(live)
        turn = live.turn
        # Before anybody can hear of the run: they may ask for it and its output at once.
        kept = self._services.history.keep_queued(run, buffer, begins=turn is None)
        self._active.add(live)
        self._services.emit(RunQueued(at=self._services.clock.now(), run=run))
        self._conduct(live, self._conductor.conduct(live, kept, turn))
        return live

    def skip(self, call: Call, running: LiveRun) -> LiveRun:
        """Make a run that only records that it was skipped, because another one goes on."""
        buffer = OutputBuffer()
        live = self._live(call, self._new_run(call, RunState.SKIPPED), buffer)
        ending = skipped_ending(TaskSkipped(call.task.name, live.run.id, running.run.id))
        run = live.change(error=ending.error)
        kept = self._services.history.keep_queued(run, buffer, begins=False)
        self._conduct(live, self._conductor.record_skipped(live, kept, ending))
        return live

    def _new_run(self, call: Call, state: RunState) -> Run:
        return _run(call, state, self._services.history.next_id(), self._services.clock.now())

    def _live(self, call: Call, run: Run, buffer: OutputBuffer) -> LiveRun:
        return LiveRun(
            run=run,
            request=call.request,
            task=call.task,
            output=RunOutput(buffer, self._services.clock.now),
        )

    def _conduct(self, live: LiveRun, work: Coroutine[object, object, None]) -> None:
        # In a context of its own: the caller may be a run, whose output is not this run's.
        conductor = self._loop.create_task(work, context=Context())
        self.conductors[live.run.id] = conductor
        conductor.add_done_callback(lambda done: self._bury(live.run.id, done))

    def _bury(self, run_id: int, conductor: asyncio.Task[None]) -> None:
        del self.conductors[run_id]
        if not conductor.cancelled() and (error := conductor.exception()):
            _log.error("The end of run #%s could not be kept", run_id, exc_info=error)


def _run(call: Call, state: RunState, run_id: int, now: datetime) -> Run:
    request = call.request
    return Run(
        id=run_id,
        task=request.task,
        payload=request.payload,
        trigger=request.trigger,
        state=state,
        queued_at=now,
        ended_at=now if state.is_final else None,
        scheduled_time=request.scheduled_time,
        key=call.key,
        max_attempts=1 + call.task.options.retries,
        parent_id=request.parent_id,
        rerun_of=request.rerun_of,
    )


def _as_queued(left: Run, task: Runnable) -> Run:
    """The run as it was while it waited for its turn, with as many attempts as the task has now."""
    return replace(
        left,
        state=RunState.QUEUED,
        ended_at=None,
        error=None,
        max_attempts=1 + task.options.retries,
    )
