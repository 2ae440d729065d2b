"""The room's face: takes calls for runs and requests to stop them, on the engine's loop."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from taskengine.errors import EngineNotRunning
from taskengine.events import RunProgressed
from taskengine.executors.ending import Ending, cancelled_ending
from taskengine.project.catalog import Runnable
from taskengine.run import Payload, Progress, Run, RunState
from taskengine.runs.active import ActiveRuns
from taskengine.runs.admission import Admission
from taskengine.runs.call import Call
from taskengine.runs.checks import Checks, needs_check
from taskengine.runs.closing import Closing
from taskengine.runs.conductor import Conductor
from taskengine.runs.keys import key_of
from taskengine.runs.lanes import Lanes
from taskengine.runs.launcher import Launcher
from taskengine.runs.live import LiveRun
from taskengine.runs.record import Record
from taskengine.runs.request import RunRequest, request_of
from taskengine.runs.services import Services


class Tasks(Protocol):
    """What there is to run."""

    async def when_loaded(self, task: str) -> None:
        """Wait until a task's code is there, if it is only known by name so far."""

    def runnable(self, task: str) -> Runnable:
        """A task as it can be run. Raises TaskNotFound, TaskNotImplemented."""


class Runner:
    """Starts runs and stops them.

    Whoever asks for one meets TaskNotFound, TaskNotImplemented, InvalidPayload and
    EngineNotRunning before anything runs.
    """

    def __init__(self, tasks: Tasks, services: Services) -> None:
        self._tasks = tasks
        self._clock = services.clock
        self._active = ActiveRuns()
        self._record = Record(services.history, services.emit)
        self._checks = Checks(services.checks, services.clock)
        lanes = Lanes(asyncio.get_running_loop())
        self._conductor = Conductor(self, services, self._record, self._active, lanes)
        self._launcher = Launcher(services, self._conductor, self._active, lanes)
        self._admission = Admission(self._launcher, self._record, self._active, lanes, self._clock)
        self._closing = Closing(self._conductor, self._active, self._launcher.conductors)
        self._is_closed = False

    def active(self) -> tuple[Run, ...]:
        """The runs that are not over, oldest first. Answers from any thread."""
        return self._active.runs()

    def active_of(self, task: str) -> tuple[Run, ...]:
        """The runs of one task that are not over, oldest first. Answers from any thread."""
        return self._active.runs_of(task)

    def live(self, run_id: int) -> LiveRun | None:
        """A run that is not over."""
        return self._active.get(run_id)

    async def begin(self, request: RunRequest) -> LiveRun:
        """Begin a run, or join one, and give it back; it may have to wait for its turn.

        Raises TaskSkipped, once that is recorded.
        """
        live = self._admit(await self._prepare(request), waits=False)
        if live.run.state is RunState.SKIPPED:
            raise await _exception_of(live)
        return live

    async def start(self, request: RunRequest) -> Run:
        """Begin a run, or join one, and give back how it stood at that moment, once it is kept.

        Raises TaskSkipped, once that is recorded.
        """
        live = await self.begin(request)
        run = live.run
        await live.kept.wait()
        return run

    async def resume(self, left: Run) -> LiveRun:
        """Begin a run that an earlier engine left in the queue, by its own number.

        It waits for its turn where it has to, whatever the task's way with a further call.
        """
        call = await self._prepare(request_of(left))
        self._refuse_if_closed(call.request)
        return self._launcher.resume(call, left)

    async def run(
        self, request: RunRequest, on_begun: Callable[[Run], None] | None = None
    ) -> Ending:
        """Begin or join a run, and wait until it is known how that ends.

        `on_begun` is given the run as soon as it has begun, or was joined. Raises TaskCycle if the
        wait would have no end.
        """
        live = self._admit(await self._prepare(request), waits=True)
        if on_begun:
            on_begun(live.run)
        with self._waiting(request, live):
            return await live.answer.wait()

    async def check(self, task: str, payload: Payload) -> None:
        """Raise what a call would raise before anything runs, and run nothing."""
        await self._checked(task, payload)

    def cancel(self, run_id: int) -> bool:
        """Ask a run to stop; its callers are answered at once. False if it was over already.

        One that was asked before, or has timed out, and whose body goes on is killed, where that is
        possible.
        """
        live = self._active.get(run_id)
        if live is None or not live.is_going_on:
            return False
        if live.verdict is None:
            self._conductor.stop(live, cancelled_ending())
        elif live.attempt:
            live.attempt.kill()
        return True

    def report_progress(self, live: LiveRun, progress: Progress) -> None:
        """Tell of a run's progress; what comes after its end counts for nothing."""
        if live.is_going_on:
            run = live.change(progress=progress)
            self._record.tell(RunProgressed(at=self._clock.now(), run=run))

    async def close(self, grace: float) -> None:
        """Accept calls of runs only, let these end for `grace` seconds, then make them end."""
        self._is_closed = True
        await self._closing.close(grace)
        self._checks.close()

    def hurry(self) -> None:
        """Let `close` wait no longer."""
        self._closing.hurry()

    async def _prepare(self, request: RunRequest) -> Call:
        self._refuse_if_closed(request)
        task, key = await self._checked(request.task, request.payload)
        return Call(request, task, key)

    async def _checked(self, name: str, payload: Payload) -> tuple[Runnable, str]:
        """The task of this name, and the key of a call with a payload that is valid."""
        await self._tasks.when_loaded(name)
        task = self._tasks.runnable(name)
        if needs_check(task, payload):
            return task, await self._checks.key(task, payload)
        return task, key_of(task.options.key, payload)

    def _admit(self, call: Call, *, waits: bool) -> LiveRun:
        self._refuse_if_closed(call.request)
        return self._admission.admit(call, waits=waits)

    def _refuse_if_closed(self, request: RunRequest) -> None:
        """A stopping engine lets its runs end, so it begins what they need for that."""
        if self._is_closed and self._active.get(request.parent_id) is None:
            raise EngineNotRunning("The engine is stopping and accepts no runs")

    @contextmanager
    def _waiting(self, request: RunRequest, live: LiveRun) -> Iterator[None]:
        parent = self._active.get(request.parent_id)
        if parent is None:
            yield
            return
        parent.waits_for.append(live)
        live.waiters += 1
        try:
            yield
        finally:
            parent.waits_for.remove(live)
            live.waiters -= 1


async def _exception_of(live: LiveRun) -> BaseException:
    ending = await live.answer.wait()
    assert ending.exception is not None, "only a run that is done has none"
    return ending.exception
