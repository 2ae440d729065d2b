"""The engine's face: it starts and stops the rest, and every command goes through it."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextvars import Context
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

from taskengine.announcements import Announcements
from taskengine.capture.sink import RunOutput
from taskengine.clock import Clock, SystemClock
from taskengine.company import Company
from taskengine.core import Core
from taskengine.errors import EngineNotRunning
from taskengine.events import EngineState, Event, PresetsChanged
from taskengine.history.history import History
from taskengine.hub import Hub
from taskengine.lifecycle import Lifecycle
from taskengine.machinery import Machinery
from taskengine.open_history import OpenHistory, default_history
from taskengine.options import Duration
from taskengine.output import Output, OutputBuffer
from taskengine.problem import Problem, ProblemKind
from taskengine.project.added import added_source
from taskengine.project.catalog import Catalog
from taskengine.project.catalog_source import CatalogSource
from taskengine.project.program import Program
from taskengine.project.project import Project
from taskengine.project.slow_import import Import
from taskengine.project.zone import default_timezone
from taskengine.records import StateKind
from taskengine.run import DelayedRun, JsonValue, MissedFires, Payload, Run, Trigger
from taskengine.runs.control import LiveControl
from taskengine.runs.request import RunRequest, checked_payload
from taskengine.runs.services import Services
from taskengine.schedule.timetable import Slot
from taskengine.task import Task, TaskFunction, current_context
from taskengine.threads.mailbox import LoopEnded
from taskengine.threads.pool import answer, lend_current_slot
from taskengine.triggers.called import CalledFire
from taskengine.triggers.instants import later, utc
from taskengine.watchdog.watchdog import Watchdog

T = TypeVar("T")


class Engine:
    """Runs the tasks of the project in `root`, on request and by their schedules.

    Without a `root` it reads, watches and imports no file, and knows the tasks that `add` gives it.
    `capture="context"` collects what tasks write and leaves the process as it is; "process" takes
    over its standard streams and their descriptors too, so that nothing reaches the terminal.
    `task_loop="own"` runs `async` tasks on a loop of their own, where one that blocks delays only
    its like; "current" runs them on the loop that starts the engine, so that they can share its
    connection pools. `scheduler=False` looks without firing.

    `company` and `announcements` are for parts beside the engine, such as a server of it.

    Use it as `async with Engine(root) as engine`. Its coroutines may be awaited on any event loop,
    its other methods be called from any thread.
    """

    def __init__(
        self,
        root: Path | str | None = None,
        *,
        capture: Literal["context", "process"] = "context",
        task_loop: Literal["own", "current"] = "own",
        scheduler: bool = True,
        clock: Clock | None = None,
        history: History | None = None,
    ) -> None:
        self.root = None if root is None else Path(root).resolve()
        self._scheduling_at_start = scheduler
        self.clock: Clock = clock or SystemClock()
        self.history: History = history or default_history(self.root, self.clock)
        self.announcements = Announcements(self.history)
        self.company = Company()
        self._open_history = OpenHistory(self.history)
        self._output = OutputBuffer()
        self._unowned = RunOutput(self._output, self.clock.now)
        self._machinery = Machinery(self._unowned, capture=capture, task_loop=task_loop)
        self.capture = self._machinery.capture
        self._hub = Hub()
        self._lifecycle = Lifecycle(self._hub, self.clock)
        self._core: Core | None = None
        self._lock = threading.Lock()
        self._started: Future[None] | None = None
        self._is_stopping = False
        self._stopped: Future[None] = Future()
        self._project = _source_of_tasks(self.root)

    async def __aenter__(self) -> Self:
        """Start the engine."""
        await self.start()
        return self

    async def __aexit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the engine."""
        await self.stop()

    async def start(self, *, load: bool = True) -> None:
        """Bring the engine to life. Its tasks are known by name when this returns.

        They are imported in the background, or, with `load=False`, when `load` is called; a run of
        one that is not imported yet waits for it. An engine starts once: it is stopped if the start
        fails, or whoever waits for that gives up. Raises RuntimeError if it did before.
        """
        with self._lock:
            if self._started:
                raise RuntimeError("an engine can be started only once")
            self._started = Future()
        try:
            await self._start()
        except BaseException:
            self._is_stopping = True
            _in_thread(self._release, self._stopped)
            await asyncio.shield(asyncio.wrap_future(self._stopped))
            raise
        finally:
            self._started.set_result(None)
        if load:
            try:
                await self.load()
            except BaseException:
                await self.stop(grace=0)
                raise

    async def _start(self) -> None:
        self._lifecycle.change(EngineState.STARTING)
        await self._on_loop(self._open(self._machinery.start()))

    async def _open(self, task_loop: asyncio.AbstractEventLoop) -> None:
        leftovers = await self._open_history.open()
        machinery = self._machinery
        services = Services(
            clock=self.clock,
            history=self.history,
            executor=machinery.executor(task_loop),
            pool=machinery.pool,
            checks=machinery.checks,
            emit=self._hub.publish,
            mailbox=machinery.mailbox,
            capture=self.capture,
        )
        self._core = Core(
            self._project,
            machinery.loader,
            services,
            self._lifecycle,
            self._unowned,
            leftovers,
            scheduling=self._scheduling_at_start,
        )
        self._open_history.tell(self._core.registry)
        watchdog = Watchdog(
            self._core.registry,
            self._core.runner,
            task_loop,
            self.root,
            is_hosts_loop=not machinery.owns_task_loop,
        )
        self._hub.subscribe(watchdog.attend)
        await self._core.open()

    def add(self, task: Task | TaskFunction, name: str) -> None:
        """Make a task, or a plain function, known under a name, before or after the start.

        It goes before a file or a handler of the same name, which is then a problem. Its options
        count as they would in a file, and a table of the config may change them. A run that is
        asked for at once waits until the task is taken up.
        Raises ValueError if a task of that name was added already, or for what is no name.
        """
        self._project.add(added_source(task, name))
        if core := self._core:
            self._machinery.post(lambda: core.take_up(name))

    async def load(self, *, first: str | None = None) -> None:
        """Begin to import the tasks and, after that, to fire their schedules.

        They are imported one by one, the task `first` before all others.
        """
        await self._on_loop(_soon(lambda: self._alive().load(first)))

    async def stop(self, grace: float | None = None) -> None:
        """Fire no more, give the runs `grace` seconds to end, cancel those that go on, kill what
        can be killed, and stop. Without a `grace` it is the config's `stop_grace`.

        Runs whose code is not at work, because they wait for their turn or for another attempt, are
        interrupted at once, unless another run needs them. A sync task that does not return can't
        be stopped; its thread is left behind. An engine that was stopped can't be started again.
        Whoever gives up waiting does not keep the engine from stopping; a further call with
        `grace=0` stops at once.
        """
        if self._started is None:
            return
        await asyncio.shield(asyncio.wrap_future(self._started))
        with self._lock:
            is_first, self._is_stopping = not self._is_stopping, True
        if is_first:
            seconds = self.catalog.config.stop_grace if grace is None else grace
            self._lifecycle.change(EngineState.STOPPING)
            _in_thread(lambda: self._stop(seconds), self._stopped)
        elif grace is not None and grace <= 0 and self._core:
            self._machinery.post(self._core.runner.hurry)
        await asyncio.shield(asyncio.wrap_future(self._stopped))

    def _stop(self, grace: float) -> None:
        with contextlib.ExitStack() as release:
            release.callback(self._release)
            if self._core and self.is_alive:
                release.callback(lambda: self._machinery.submit(self.company.stop()).result())
                self._machinery.submit(self._core.close(grace)).result()

    def _release(self) -> None:
        self._project.leave()
        with contextlib.ExitStack() as parts:
            parts.callback(self._lifecycle.change, EngineState.STOPPED)
            parts.callback(self._machinery.release, self._project.close)
            if self.is_alive:
                parts.callback(lambda: self._machinery.submit(self._open_history.close()).result())

    async def run_task(
        self,
        name: str,
        payload: Payload | None = None,
        context: Mapping[str, Any] | None = None,
        *,
        trigger: Trigger = Trigger.API,
        scheduled_time: datetime | None = None,
        on_begun: Callable[[Run], None] | None = None,
    ) -> JsonValue:
        """Run a task, or join its run that is going on, and give back the result.

        `trigger` and `scheduled_time`, the instant that some schedule meant, are for the record.
        `on_begun` is given the run, as `start_run` would give it back, on the engine's thread.
        What the task raises is raised here as it is. Besides that raises TaskNotFound,
        TaskNotImplemented, InvalidPayload, TaskCycle, TaskSkipped, TaskCancelled, TaskTimeout,
        TaskFailed, EngineNotRunning. To stop waiting does not stop the run.
        """
        request = self._request(name, payload, context, trigger, scheduled_time)
        runner = self._core_for(request).runner
        ending = await self._on_loop(runner.run(request, on_begun))
        return ending.unwrap()

    async def start_run(
        self,
        name: str,
        payload: Payload | None = None,
        context: Mapping[str, Any] | None = None,
        *,
        trigger: Trigger = Trigger.API,
    ) -> Run:
        """Begin a run and give it back at once.

        A call that joined a run in progress gets that run, whose `joined` ends with this call; a
        run that this call began has no joined callers yet; it is `queued` if it has to wait for
        others. Raises what `run_task` raises before anything runs.
        """
        request = self._request(name, payload, context, trigger)
        return await self._on_loop(self._core_for(request).runner.start(request))

    async def when_loaded(self, task: str) -> None:
        """Wait until a task's code is imported, if it is only known by name so far.

        A task that is not known at all is not waited for. Raises EngineNotRunning.
        """
        await self._on_loop(self._alive().registry.when_loaded(task))

    async def wait(self, run_id: int) -> Run:
        """Wait until a run is over and give it back. Raises RunNotFound."""
        if self.state is EngineState.STOPPED and (run := self.history.run(run_id)):
            return run
        return await self._on_loop(self._working().wait(run_id))

    async def cancel_run(self, run_id: int) -> bool:
        """Ask a run to stop; False if it was over already.

        Its callers get TaskCancelled at once. A run that waits for its turn or for another attempt
        is over at once. A sync task stops when it looks at `context.cancelled`; until then its run
        is `stopping`. To ask a second time kills the run's process, if it has one of its own.
        """
        return await self._on_loop(_soon(lambda: self._working().runner.cancel(run_id)))

    async def rerun(self, run_id: int) -> Run:
        """Run a task again with the payload of an earlier run. Raises RunNotFound."""
        return await self._on_loop(self._alive().rerun(run_id))

    async def pause(self, task: str, reason: str = "") -> None:
        """Let a task's schedules fire no more, in later engines too; runs by hand stay possible.

        Raises TaskNotFound.
        """
        await self._on_loop(self._alive().pause(task, reason))

    async def resume(self, task: str) -> None:
        """Let a task's schedules fire again."""
        await self._on_loop(self._alive().pauses.end(task))

    async def set_scheduling(self, *, on: bool) -> None:
        """Let schedules fire and delayed runs begin, or none of them.

        Fires that come meanwhile are not made up for; delayed runs begin when it is on again.
        """
        await self._on_loop(_soon(lambda: self._alive().set_scheduling(on=on)))

    async def fire(self, expression: str) -> Sequence[CalledFire]:
        """Fire all schedules of a cron expression now, and say what became of each.

        It is how a platform's cron, which knows the time by itself, has schedules fire; with the
        config's `scheduler = "external"` nothing else does. The expression may be spelled otherwise
        than in the project, and its schedules may be in any zone: that it is called for counts.
        Runs have begun when this returns, with this call's instant as their scheduled time. Calls
        within the same minute are one fire, and run once. It waits until the engine has loaded its
        tasks and its runs at startup are over. Raises EngineNotRunning.
        """
        return await self._on_loop(self._alive().fire(expression))

    async def run_at(
        self, instant: datetime, name: str, payload: Payload | None = None
    ) -> DelayedRun:
        """Run a task once at an instant (aware), or at once if that has passed.

        It is checked here and now: raises TaskNotFound, TaskNotImplemented, InvalidPayload, and
        ValueError for a naive instant. While scheduling is off it waits until that is on again.
        """
        at = utc(instant)
        return await self._on_loop(self._alive().delay(name, checked_payload(payload), at))

    async def run_after(
        self, delay: Duration, name: str, payload: Payload | None = None
    ) -> DelayedRun:
        """Run a task once after a time: seconds, or text such as "1h30m". Raises what `run_at`
        raises, and ValueError for what is no time.
        """
        return await self.run_at(later(self.clock.now(), delay), name, payload)

    async def cancel_delayed(self, delayed_id: int) -> bool:
        """Call off a delayed run; False if it has begun, or was called off before."""
        return await self._on_loop(self._alive().delayed.cancel(delayed_id))

    def delayed_runs(self) -> tuple[DelayedRun, ...]:
        """The runs that were put off and have not begun, the next one first."""
        return tuple(self.history.fires.delayed())

    def missed_fires(self) -> tuple[MissedFires, ...]:
        """The fires that passed unfired and were not made up for, in the order they came."""
        return tuple(self.history.fires.missed())

    async def run_missed(self, missed_id: int) -> Run:
        """Begin one run for missed fires, with the last one's scheduled time.

        Raises MissedFiresNotFound, and what `run_task` raises before anything runs; then the missed
        fires stay.
        """
        return await self._on_loop(self._alive().missed.run(missed_id))

    async def dismiss_missed(self, missed_id: int) -> bool:
        """Keep missed fires no longer; False if they were run or dismissed before."""
        return await self._on_loop(self._alive().missed.dismiss(missed_id))

    async def keep(self, kind: StateKind, name: str, text: str | None) -> None:
        """Keep a small text with the project, in place of the one before; None: keep none. Of
        presets, which are for all, it is told.
        """
        await self.history.state.keep(kind, name, text)
        if kind is StateKind.PRESET and self._core:
            await self._on_loop(self._tell_preset(name))

    async def _tell_preset(self, name: str) -> None:
        """Tell what is kept by a name as it is now: of two who keep it at once, both are told the
        later.
        """
        text = self.history.state.all(StateKind.PRESET).get(name)
        self._hub.publish(PresetsChanged(at=self.clock.now(), name=name, text=text))

    async def on_loop(self, work: Coroutine[Any, Any, T]) -> T:
        """Have a part that belongs to the engine, such as a server of it, work on its loop.

        To stop waiting cancels it. Raises what it raises, RuntimeError before the start, and
        EngineNotRunning after the end.
        """
        return await self._on_loop(work)

    def raise_problem(self, problem: Problem, of: object = None) -> None:
        """Make a fault known that a part beside the engine has found, `of` which it is; it takes
        the place of the part's own one of its kind before it. On the engine's loop.
        """
        self._alive().registry.raise_problem(problem, of)

    def clear_problem(self, kind: ProblemKind, of: object = None) -> None:
        """Have no such problem of that part any more. On the engine's loop."""
        if self._core:
            self._core.registry.clear_problem(kind, of)

    def follow_config(self, follower: Callable[[], None]) -> Callable[[], None]:
        """Call `follower` after each change of the config, until the returned function is called.
        All on the engine's loop.
        """
        followers = self._core.config_followers if self._core else []
        followers.append(follower)
        return lambda: followers.remove(follower)

    def subscribe(self, subscriber: Callable[[Event], None]) -> Callable[[], None]:
        """Call `subscriber` with every event, on the engine's thread, until the returned function
        is called. It must be quick; what it raises is logged.
        """
        return self._hub.subscribe(subscriber)

    @property
    def state(self) -> EngineState:
        """Whether the engine is at work."""
        return self._lifecycle.state

    @property
    def reason(self) -> str:
        """Of what the engine died."""
        return self._lifecycle.reason

    @property
    def scheduling(self) -> bool:
        """Whether schedules fire."""
        return self._core.scheduling if self._core else self._scheduling_at_start

    @property
    def catalog(self) -> Catalog:
        """The tasks and problems as they are now."""
        return self._core.registry.catalog if self._core else Catalog()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that is wrong and can be mended."""
        return self._core.registry.problems if self._core else ()

    @property
    def importing(self) -> Import | None:
        """The file of the project that is being imported, if one is."""
        return self._core.registry.importing if self._core else None

    @property
    def is_import_awaited(self) -> bool:
        """Whether a run, or a call for one, waits for a task to be imported."""
        return self._core is not None and self._core.registry.is_import_awaited

    @property
    def output(self) -> Output:
        """What was written by code that belongs to no run."""
        return self._output

    @property
    def url(self) -> str:
        """Where the engine takes calls over the network; empty if it does not."""
        return self.announcements.url

    @property
    def is_alive(self) -> bool:
        """Whether the engine's own thread runs."""
        return self._machinery.is_alive

    def active_runs(self) -> tuple[Run, ...]:
        """The runs that are not over, oldest first."""
        return self._core.runner.active() if self._core else ()

    def active_runs_of(self, task: str) -> tuple[Run, ...]:
        """The runs of one task that are not over."""
        return self._core.runner.active_of(task) if self._core else ()

    def next_fire(self, task: str) -> datetime | None:
        """When a task's schedules fire next, paused or not, with jitter; aware, in UTC."""
        return self._core.scheduler.next_fires.get(task) if self._core else None

    def coming_fires(self, task: str | None = None) -> Iterator[Slot]:
        """The fires to come, of one task or of all, paused or not, in order and without end."""
        return self._core.scheduler.coming(task) if self._core else iter(())

    def pause_reason(self, task: str) -> str | None:
        """Why a task's schedules are paused; None if they are not."""
        return self._core.pauses.reason(task) if self._core else None

    def _request(
        self,
        name: str,
        payload: Payload | None,
        context: Mapping[str, Any] | None,
        trigger: Trigger = Trigger.API,
        scheduled_time: datetime | None = None,
    ) -> RunRequest:
        parent_id = self._calling_run()
        return RunRequest(
            task=name,
            payload=checked_payload(payload),
            extra=context or {},
            trigger=trigger if parent_id is None else Trigger.TASK,
            scheduled_time=scheduled_time.astimezone(UTC) if scheduled_time else None,
            parent_id=parent_id,
        )

    def _calling_run(self) -> int | None:
        """The run of this engine that the calling code is in, if it is in one."""
        caller = current_context.get()
        if caller is None or not isinstance(caller.control, LiveControl):
            return None
        is_ours = self._core is not None and caller.control.host is self._core.runner
        return caller.run_id if is_ours else None

    def _alive(self) -> Core:
        if self._core is None or self.state not in {EngineState.STARTING, EngineState.LIVE}:
            raise EngineNotRunning(self._lifecycle.in_words)
        return self._core

    def _core_for(self, request: RunRequest) -> Core:
        """A stopping engine still takes the calls of its runs, so that these can end."""
        return self._alive() if request.parent_id is None else self._working()

    def _working(self) -> Core:
        """The core of an engine that may be stopping, but still sees its runs to their end."""
        if self._core and self.state is EngineState.STOPPING:
            return self._core
        return self._alive()

    async def _on_loop(self, work: Coroutine[Any, Any, T]) -> T:
        with lend_current_slot():
            try:
                return await self._machinery.on_loop(work)
            except LoopEnded:
                raise EngineNotRunning(self._lifecycle.in_words) from None


def _source_of_tasks(root: Path | None) -> CatalogSource:
    if root is None:
        return Program(default_timezone=default_timezone)
    return Project(root, default_timezone=default_timezone)


async def _soon(function: Callable[[], T]) -> T:
    return function()


def _in_thread(work: Callable[[], None], done: Future[None]) -> None:
    """Do something that blocks on a thread of its own, whatever becomes of the caller. Where there
    is no more thread to be had it is done here: an engine has to give back what it has.
    """
    thread = threading.Thread(target=answer, args=(done, work), name="taskengine stop", daemon=True)
    try:
        Context().run(thread.start)
    except RuntimeError:
        answer(done, work)
