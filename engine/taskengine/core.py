"""What works inside a living engine, all of it on the engine's loop: tasks, runs and schedules."""

import asyncio
import traceback
from collections.abc import Coroutine, Mapping
from datetime import datetime
from types import MappingProxyType

from taskengine.capture.sink import RunOutput
from taskengine.errors import RunNotFound
from taskengine.events import EngineState, SchedulePaused, ScheduleResumed, SchedulingChanged
from taskengine.history.retention import HistorySettings, Retention
from taskengine.lifecycle import Lifecycle
from taskengine.project.catalog import Catalog
from taskengine.project.catalog_source import CatalogSource
from taskengine.project.registry import Registry
from taskengine.run import DelayedRun, Payload, Run, Trigger
from taskengine.runs.live import LiveRun
from taskengine.runs.request import RunRequest
from taskengine.runs.runner import Runner
from taskengine.runs.services import Services
from taskengine.schedule.scheduler import Scheduler
from taskengine.schedule.timed import TimedSchedule
from taskengine.threads.pool import DaemonPool
from taskengine.triggers.delayed import DelayedRuns
from taskengine.triggers.fire_runs import FireRuns
from taskengine.triggers.firing import Firing
from taskengine.triggers.missed import MissedLog
from taskengine.triggers.startup import run_at_startup
from taskengine.wording import raised_in_words


class Core:
    """Joins the registry, the runner and the scheduler.

    When a part of the engine itself fails, the lifecycle is told that it is dead, for nothing can
    be relied on after that. `unowned` takes the words that belong to no run.
    """

    def __init__(
        self,
        project: CatalogSource,
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
        self._stop_watching = asyncio.Event()
        self._background: set[asyncio.Task[None]] = set()
        self.registry = Registry(project, loader, self._clock, self._emit, self._take_up)
        self.runner = Runner(self.registry, services)
        self._make_triggers()

    def _make_triggers(self) -> None:
        """What begins runs by the clock, with all that earlier engines kept of it."""
        fires, clock, emit = self._services.history.fires, self._clock, self._emit
        note = self._unowned.note
        runs = FireRuns(self.registry, self.runner)
        self.missed = MissedLog(fires, runs, clock, emit)
        self._firing = Firing(
            fires,
            runs,
            self.missed,
            is_on=lambda: self.scheduling,
            is_paused=lambda task: task in self.paused,
            note=note,
        )
        self.scheduler = Scheduler(clock, fires.looks(), self._firing.deal, self._firing.note_looks)
        self.delayed = DelayedRuns(
            fires, self.runner.begin, clock, emit, is_on=lambda: self.scheduling, note=note
        )

    async def open(self) -> None:
        """Learn what tasks there are, without running any of their code."""
        await self.registry.scan()

    def load(self) -> None:
        """In the background, import the tasks, then fire schedules and take up changes of files."""
        self._spawn("loading", self._load())
        self._spawn("watching files", self.registry.watch(self._stop_watching))

    def take_up(self, added: str) -> None:
        """In the background, take up a task that the program has added."""
        self._spawn("adding a task", self.registry.take_up(added))

    async def close(self, grace: float) -> None:
        """Fire no more, and see the runs to their end, `grace` seconds at the most."""
        self._halt()
        await self.runner.close(grace)
        await asyncio.gather(self._firing.close(), self.delayed.close())

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
        """Let schedules fire and delayed runs begin, or none of them."""
        if self.scheduling is not on:
            self.scheduling = on
            self.delayed.look_again()
            self._emit(SchedulingChanged(at=self._clock.now(), on=on))

    async def delay(self, task: str, payload: Payload, at: datetime) -> DelayedRun:
        """Put off a run. Raises TaskNotFound, TaskNotImplemented, InvalidPayload."""
        await self.runner.check(task, payload)
        return await self.delayed.add(task, payload, at)

    async def _load(self) -> None:
        await self.registry.load()
        self._lifecycle.change(EngineState.LIVE)
        if self.scheduling:
            await run_at_startup(self._startup_tasks(), self.runner.begin, self._unowned.note)
        self._spawn("delayed runs", self.delayed.run())
        await self.scheduler.run()

    def _startup_tasks(self) -> list[str]:
        entries = self.registry.catalog.entries.values()
        return [entry.name for entry in entries if entry.options.run_on_startup]

    def _take_up(self, catalog: Catalog) -> None:
        self.scheduler.replace(
            TimedSchedule.of(schedule, entry.options)
            for entry in catalog.entries.values()
            for schedule in entry.schedules
        )
        limits = {entry.name: Retention.of(entry.options) for entry in catalog.entries.values()}
        self._services.history.configure(HistorySettings(tasks=limits))
        self._services.capture.set_log_level(catalog.config.capture.log_level)

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
        self._lifecycle.change(EngineState.DEAD, f"{what} failed: {raised_in_words(error)}")
