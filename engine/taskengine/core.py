"""What works inside a living engine, all of it on the engine's loop: tasks, runs and schedules."""

import asyncio
import traceback
from collections.abc import Callable, Coroutine
from datetime import datetime

from taskengine.capture.sink import RunOutput
from taskengine.errors import EngineNotRunning, RunNotFound
from taskengine.events import EngineState, SchedulingChanged
from taskengine.history.leftovers import Leftovers
from taskengine.history.retention import HistorySettings
from taskengine.lifecycle import Lifecycle
from taskengine.project.catalog import Catalog
from taskengine.project.catalog_source import CatalogSource
from taskengine.project.config import Config
from taskengine.project.registry import Registry
from taskengine.project.server_config import SchedulerKind
from taskengine.run import DelayedRun, Payload, Run
from taskengine.runs.request import rerun_request
from taskengine.runs.runner import Runner
from taskengine.runs.services import Services
from taskengine.schedule.scheduler import Scheduler
from taskengine.schedule.timed import TimedSchedule
from taskengine.threads.pool import DaemonPool
from taskengine.triggers.called import CalledFire, CalledFires, called_schedules
from taskengine.triggers.delayed import DelayedRuns
from taskengine.triggers.fire_runs import FireRuns
from taskengine.triggers.firing import Firing
from taskengine.triggers.leftover import LeftoverRuns
from taskengine.triggers.missed import MissedLog
from taskengine.triggers.pauses import Pauses
from taskengine.triggers.startup import run_at_startup
from taskengine.wording import raised_in_words


class Core:
    """Joins the registry, the runner and the scheduler.

    When a part of the engine itself fails, the lifecycle is told that it is dead, for nothing can
    be relied on after that. `unowned` takes the words that belong to no run. `leftovers` are what
    the history had of earlier engines.
    """

    def __init__(
        self,
        project: CatalogSource,
        loader: DaemonPool,
        services: Services,
        lifecycle: Lifecycle,
        unowned: RunOutput,
        leftovers: Leftovers,
        *,
        scheduling: bool,
    ) -> None:
        self._services = services
        self._clock = services.clock
        self._emit = services.emit
        self._lifecycle = lifecycle
        self._unowned = unowned
        self.scheduling = scheduling
        self._stop_watching = asyncio.Event()
        self._schedules_begin = asyncio.Event()
        self._background: set[asyncio.Task[None]] = set()
        self._config = Config()
        self.config_followers: list[Callable[[], None]] = []
        self.registry = Registry(project, loader, self._clock, self._emit, self._take_up)
        self.runner = Runner(self.registry, services)
        self._make_triggers(leftovers)

    def _make_triggers(self, leftovers: Leftovers) -> None:
        """What begins runs that nobody calls for, with all that earlier engines kept of it."""
        history = self._services.history
        fires, clock, emit = history.fires, self._clock, self._emit
        note = self._unowned.note
        self.pauses = Pauses(history.state, clock, emit)
        self._leftover = LeftoverRuns(
            leftovers, history, self.runner, lambda: self.registry.catalog, clock, emit, note
        )
        runs = FireRuns(self.registry, self.runner)
        self.missed = MissedLog(fires, runs, clock, emit)
        self._firing = Firing(
            fires,
            runs,
            self.missed,
            is_on=lambda: self.scheduling,
            is_external=lambda: self.registry.catalog.config.scheduler is SchedulerKind.EXTERNAL,
            is_paused=self.pauses.holds,
            note=note,
        )
        self._called = CalledFires(
            fires,
            runs,
            self.missed,
            is_on=lambda: self.scheduling,
            is_paused=self.pauses.holds,
            note=note,
        )
        self.scheduler = Scheduler(clock, fires.looks(), self._firing.deal, self._firing.note_looks)
        self.delayed = DelayedRuns(
            fires, self.runner.begin, clock, emit, is_on=lambda: self.scheduling, note=note
        )

    async def open(self) -> None:
        """Learn what tasks there are, without running any of their code."""
        await self.registry.scan()

    def load(self, first: str | None = None) -> None:
        """In the background, import the tasks, then fire schedules and take up changes of files."""
        self._spawn("loading", self._load(first))
        self._spawn("watching files", self.registry.watch(self._stop_watching))

    def take_up(self, added: str) -> None:
        """In the background, take up a task that the program has added."""
        self._spawn("adding a task", self.registry.take_up(added))

    async def close(self, grace: float) -> None:
        """Fire no more, and see the runs to their end, `grace` seconds at the most."""
        self._halt()
        await self.runner.close(grace)
        await asyncio.gather(
            self._firing.close(), self._called.close(), self.delayed.close(), self._leftover.close()
        )

    def _halt(self) -> None:
        """Load, watch and fire no more."""
        self._stop_watching.set()
        self._schedules_begin.set()
        for one in self._background:
            one.cancel()
        self.registry.give_up(self._lifecycle.in_words)

    async def rerun(self, run_id: int) -> Run:
        """Run a task again with an earlier run's payload. Raises RunNotFound."""
        return await self.runner.start(rerun_request(self.known_run(run_id)))

    async def wait(self, run_id: int) -> Run:
        """Wait until a run is over. Raises RunNotFound."""
        if live := self.runner.live(run_id):
            return await live.over.wait()
        return self.known_run(run_id)

    def known_run(self, run_id: int) -> Run:
        """A run as it stands. Raises RunNotFound."""
        if run := self._services.history.run(run_id):
            return run
        raise RunNotFound(run_id)

    async def pause(self, task: str, reason: str) -> None:
        """Fire a task's schedules no more. Raises TaskNotFound."""
        self.registry.expect(task)
        await self.pauses.begin(task, reason)

    def set_scheduling(self, *, on: bool) -> None:
        """Let schedules fire and runs begin that were put off or left in the queue, or none."""
        if self.scheduling is not on:
            self.scheduling = on
            self.delayed.look_again()
            self._emit(SchedulingChanged(at=self._clock.now(), on=on))
            if on and self._lifecycle.state is EngineState.LIVE:
                self._spawn("leftover runs", self._leftover.take_up())

    async def fire(self, expression: str) -> list[CalledFire]:
        """Fire all schedules of an expression, once schedules begin. Raises EngineNotRunning."""
        await self._schedules_begin.wait()
        if self._lifecycle.state is not EngineState.LIVE:
            raise EngineNotRunning(self._lifecycle.in_words)
        schedules = called_schedules(self.registry.catalog.schedules, expression)
        if not schedules:
            self._unowned.note(f"a call for {expression!r} fires nothing: no schedule is like that")
        return await self._called.fire(schedules, self._clock.now())

    async def delay(self, task: str, payload: Payload, at: datetime) -> DelayedRun:
        """Put off a run. Raises TaskNotFound, TaskNotImplemented, InvalidPayload."""
        await self.runner.check(task, payload)
        return await self.delayed.add(task, payload, at)

    async def _load(self, first: str | None) -> None:
        await self.registry.load(first)
        self._leftover.tell(goes_on=self.scheduling)
        self._lifecycle.change(EngineState.LIVE)
        if self.scheduling:
            await self._leftover.take_up()
            await run_at_startup(self._startup_tasks(), self.runner.begin, self._unowned.note)
        self._spawn("late leftovers", self._take_up_late())
        self._spawn("delayed runs", self.delayed.run())
        self._schedules_begin.set()
        await self.scheduler.run()

    async def _take_up_late(self) -> None:
        """See to what was left in a history that was out of order when it was opened."""
        leftovers = await self._services.history.late_leftovers()
        if leftovers == Leftovers():
            return
        self._leftover.find(leftovers)
        self._leftover.tell(goes_on=self.scheduling)
        if self.scheduling:
            await self._leftover.take_up()

    def _startup_tasks(self) -> list[str]:
        entries = self.registry.catalog.entries.values()
        return [entry.name for entry in entries if entry.options.run_on_startup]

    def _take_up(self, catalog: Catalog) -> None:
        self.scheduler.replace(
            TimedSchedule.of(schedule, entry.options)
            for entry in catalog.entries.values()
            for schedule in entry.schedules
        )
        # What a decorator says is known for sure when it was imported; too much may go before that.
        known = (entry for entry in catalog.entries.values() if entry.loaded)
        options = {entry.name: entry.options for entry in known}
        self._services.history.configure(HistorySettings.of(catalog.config.history, options))
        self._services.capture.set_log_level(catalog.config.capture.log_level)
        if catalog.config != self._config:
            self._config = catalog.config
            for follower in tuple(self.config_followers):
                follower()

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
        self._lifecycle.change(EngineState.DEAD, f"{what} failed: {raised_in_words(error)}")
        self._halt()
