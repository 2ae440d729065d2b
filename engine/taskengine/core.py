"""What works inside a living engine, all of it on the engine's loop: tasks, runs and schedules."""

import asyncio
import itertools
import traceback
from collections.abc import Coroutine, Mapping
from datetime import datetime
from types import MappingProxyType

from taskengine.capture.sink import RunOutput
from taskengine.errors import RunNotFound, TaskError
from taskengine.events import (
    EngineState,
    FireMissed,
    SchedulePaused,
    ScheduleResumed,
    SchedulingChanged,
)
from taskengine.lifecycle import Lifecycle
from taskengine.project.catalog import Catalog
from taskengine.project.project import Project
from taskengine.project.registry import Registry
from taskengine.run import MissedFires, Run, Trigger
from taskengine.runs.live import LiveRun
from taskengine.runs.request import RunRequest, checked_payload
from taskengine.runs.runner import Runner
from taskengine.runs.services import Services
from taskengine.schedule.entry import ScheduleEntry
from taskengine.schedule.scheduler import Scheduler
from taskengine.schedule.timetable import Missed
from taskengine.threads.pool import DaemonPool


class Core:
    """Joins the registry, the runner and the scheduler.

    When a part of the engine itself fails, the lifecycle is told that it is dead, for nothing can
    be relied on after that. `unowned` takes the words that belong to no run.
    """

    def __init__(
        self,
        project: Project,
        loader: DaemonPool,
        services: Services,
        lifecycle: Lifecycle,
        unowned: RunOutput,
        *,
        scheduling: bool,
    ) -> None:
        self.paused: Mapping[str, str] = MappingProxyType({})
        self._services = services
        self._clock = services.clock
        self._emit = services.emit
        self._lifecycle = lifecycle
        self._unowned = unowned
        self.scheduling = scheduling
        self._missed_ids = itertools.count(1)
        self._stop_watching = asyncio.Event()
        self._background: set[asyncio.Task[None]] = set()
        self.scheduler = Scheduler(self._clock, self._fire, self._miss)
        self.registry = Registry(project, loader, self._clock, self._emit, self._take_up)
        self.runner = Runner(self.registry, services)

    async def open(self) -> None:
        """Learn what tasks there are, without running any of their code."""
        await self.registry.scan()

    def load(self) -> None:
        """In the background, import the tasks, then fire schedules and take up changes of files."""
        self._spawn("loading", self._load())
        self._spawn("watching files", self.registry.watch(self._stop_watching))

    async def close(self, grace: float) -> None:
        """Fire no more, and see the runs to their end, `grace` seconds at the most."""
        self._halt()
        await self.runner.close(grace)

    def _halt(self) -> None:
        """Load, watch and fire no more."""
        self._stop_watching.set()
        for one in self._background:
            one.cancel()
        self.registry.give_up()

    async def rerun(self, run_id: int) -> LiveRun:
        """Run a task again with an earlier run's payload. Raises RunNotFound."""
        run = self.known_run(run_id)
        return await self.runner.begin(
            RunRequest(
                task=run.task,
                payload=run.payload,
                trigger=Trigger.RERUN,
                scheduled_time=run.scheduled_time,
                rerun_of=run.id,
            )
        )

    async def wait(self, run_id: int) -> Run:
        """Wait until a run is over. Raises RunNotFound."""
        if live := self.runner.live(run_id):
            return await asyncio.shield(live.over)
        return self.known_run(run_id)

    def known_run(self, run_id: int) -> Run:
        """A run as it stands. Raises RunNotFound."""
        if run := self._services.history.run(run_id):
            return run
        raise RunNotFound(run_id)

    def pause(self, task: str, reason: str) -> None:
        """Fire a task's schedules no more."""
        self.registry.expect(task)
        self.paused = MappingProxyType({**self.paused, task: reason})
        self._emit(SchedulePaused(at=self._clock.now(), task=task, reason=reason))

    def resume(self, task: str) -> None:
        """Fire a task's schedules again."""
        if task in self.paused:
            others = {name: reason for name, reason in self.paused.items() if name != task}
            self.paused = MappingProxyType(others)
            self._emit(ScheduleResumed(at=self._clock.now(), task=task))

    def set_scheduling(self, *, on: bool) -> None:
        """Let schedules fire, or none of them."""
        if self.scheduling is not on:
            self.scheduling = on
            self._emit(SchedulingChanged(at=self._clock.now(), on=on))

    async def _load(self) -> None:
        await self.registry.load()
        self._lifecycle.change(EngineState.LIVE)
        await self.scheduler.run()

    def _take_up(self, catalog: Catalog) -> None:
        self.scheduler.replace(catalog.schedules)
        self._services.capture.set_log_level(catalog.config.capture.log_level)

    def _may_fire(self, entry: ScheduleEntry) -> bool:
        return self.scheduling and entry.task not in self.paused

    def _fire(self, entry: ScheduleEntry, at: datetime) -> None:
        if not self._may_fire(entry):
            return
        payload = {**entry.payload, "scheduledTime": int(at.timestamp() * 1000)}
        try:
            self.runner.start(
                RunRequest(
                    task=entry.task,
                    payload=checked_payload(payload),
                    trigger=Trigger.SCHEDULE,
                    scheduled_time=at,
                )
            )
        except TaskError as error:
            self._unowned.note(f"{entry.task} could not be fired at {at:%H:%M:%S} UTC: {error}")

    def _miss(self, entry: ScheduleEntry, missed: Missed) -> None:
        if not self._may_fire(entry):
            return
        self._emit(
            FireMissed(
                at=self._clock.now(),
                missed=MissedFires(
                    id=next(self._missed_ids),
                    task=entry.task,
                    cron=entry.cron.expression,
                    timezone=entry.cron.timezone,
                    payload=entry.payload,
                    first=missed.first,
                    last=missed.last,
                    count=missed.count,
                ),
            )
        )

    def _spawn(self, what: str, work: Coroutine[object, object, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(lambda done: self._bury(what, done))

    def _bury(self, what: str, task: asyncio.Task[None]) -> None:
        self._background.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        for line in traceback.format_exception(error):
            self._unowned.note(line.rstrip("\n"))
        self._halt()
        self._lifecycle.change(EngineState.DEAD, f"{what} failed: {type(error).__name__}: {error}")
