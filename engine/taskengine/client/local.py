"""The handle of an engine in this process."""

import asyncio
import heapq
import itertools
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from taskengine._version import __version__
from taskengine.client.abilities import Ability
from taskengine.client.batches import Batches
from taskengine.client.handle import Listener
from taskengine.client.starter import write_example
from taskengine.client.task_views import view_of
from taskengine.client.views import (
    EngineStatus,
    Fire,
    ScheduleView,
    SourceView,
    TaskStatus,
    TaskView,
)
from taskengine.engine import Engine
from taskengine.errors import FieldFault, InvalidPayload, TaskNotFound
from taskengine.events import EngineState
from taskengine.output import Output
from taskengine.problem import Problem, ProblemKind
from taskengine.project.catalog import Catalog
from taskengine.project.server_config import SchedulerKind
from taskengine.records import PastFire, RunPage, RunQuery, StateKind, TaskStatistics
from taskengine.run import DelayedRun, MissedFires, Payload, Run, Trigger
from taskengine.threads.pool import DaemonPool

CHECKS_AT_ONCE = 2


class LocalHandle:
    """Reads what the engine publishes, and awaits its commands on the screen's loop."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._root = engine.root or Path.cwd()
        self._seen: tuple[Catalog, dict[str, TaskView]] = (Catalog(), {})
        self._checks = DaemonPool(CHECKS_AT_ONCE, "taskengine checks")

    @property
    def status(self) -> EngineStatus:
        """The engine at a glance; one whose thread is gone is dead, whatever it last said."""
        engine = self._engine
        state, reason = engine.state, engine.reason
        if state is EngineState.LIVE and not engine.is_alive:
            state, reason = EngineState.DEAD, "the engine's thread has ended"
        return EngineStatus(
            state=state,
            reason=reason,
            project=self._root.name or str(self._root),
            root=self._root,
            tasks_dir=self._root / engine.catalog.config.tasks_dir,
            timezone=engine.catalog.timezone,
            scheduling=engine.scheduling,
            stop_grace=engine.catalog.config.stop_grace,
            history=engine.history.path,
            history_problem=self._history_problem(),
            url=engine.url,
            pid=os.getpid(),
            version=__version__,
            external_schedule=engine.catalog.config.scheduler is SchedulerKind.EXTERNAL,
        )

    def _history_problem(self) -> str:
        problems = (one for one in self._engine.problems if one.kind is ProblemKind.HISTORY)
        return next((one.message for one in problems), "")

    def refusal(self, ability: Ability) -> str:  # noqa: ARG002 - there is nothing that it can't
        """Why an engine of this kind can't do something: it can do everything."""
        return ""

    def now(self) -> datetime:
        """The engine's present instant, aware, in UTC."""
        return self._engine.clock.now()

    def tasks(self) -> Sequence[TaskView]:
        """All tasks, by name."""
        return tuple(self._current_views().values())

    def task(self, name: str) -> TaskView | None:
        """One task."""
        return self._current_views().get(name)

    def task_status(self, name: str) -> TaskStatus:
        """How a task stands now."""
        reason = self._engine.pause_reason(name)
        return TaskStatus(
            active=self._engine.active_runs_of(name),
            last=self._engine.history.last_ended(name),
            outcomes=tuple(self._engine.history.outcomes(name)),
            next_fire=self._engine.next_fire(name),
            paused=reason is not None,
            pause_reason=reason or "",
        )

    def problems(self) -> Sequence[Problem]:
        """All faults of the project, in the order of their places."""
        return self._engine.problems

    def active_runs(self) -> Sequence[Run]:
        """All runs that are not over, oldest first."""
        return self._engine.active_runs()

    def run(self, run_id: int) -> Run | None:
        """A run as it stands now."""
        return self._engine.history.run(run_id)

    async def find_run(self, run_id: int) -> Run | None:
        """A run as it stands now."""
        return await asyncio.to_thread(self._engine.history.run, run_id)

    async def runs(
        self, query: RunQuery, *, before: int | None = None, limit: int = 100
    ) -> RunPage:
        """The runs that a query asks for, newest first."""
        return await self._engine.history.runs(query, before=before, limit=limit)

    def statistics(self, task: str) -> TaskStatistics:
        """What all runs of a task that ever ended add up to."""
        return self._engine.history.statistics(task)

    async def past_payloads(self, task: str, limit: int = 50) -> Sequence[Payload]:
        """The payloads that a task was given last, each once, the latest first."""
        return await self._engine.history.past_payloads(task, limit)

    async def past_fires(self, task: str, limit: int = 50) -> Sequence[PastFire]:
        """What became of a task's latest fires, the latest first."""
        return await self._engine.history.fires.past(task, limit)

    def search_output(
        self, run_id: int, text: str, *, start: int = 0, backwards: bool = False
    ) -> AsyncIterator[Sequence[int]]:
        """The numbers of the lines of a run that hold a text, in batches, as they are found."""
        return self._engine.history.search_output(run_id, text, start=start, backwards=backwards)

    def kept(self, kind: StateKind) -> Mapping[str, str]:
        """The texts of one kind that are kept with the project, by name."""
        return self._engine.history.state.all(kind)

    async def keep(self, kind: StateKind, name: str, text: str | None) -> None:
        """Keep a text with the project, in place of the one before."""
        await self._engine.keep(kind, name, text)

    def output(self, run_id: int) -> Output | None:
        """What a run has written."""
        return self._engine.history.output(run_id)

    @property
    def engine_output(self) -> Output:
        """What was written by code that belongs to no run."""
        return self._engine.output

    def next_fires(self, task: str, count: int) -> Sequence[datetime]:
        """The next instants at which any schedule of a task fires."""
        instants = (slot.due for slot in self._engine.coming_fires(task))
        each_once = (instant for instant, _ in itertools.groupby(instants))
        return tuple(itertools.islice(each_once, count))

    def next_schedule(self, task: str) -> ScheduleView | None:
        """The schedule of a task that fires next."""
        slot, view = next(self._engine.coming_fires(task), None), self.task(task)
        if slot is None or view is None:
            return None
        entry = slot.schedule.entry
        fires = (entry.cron.expression, entry.cron.timezone, entry.payload)
        same = (one for one in view.schedules if (one.cron, one.timezone, one.payload) == fires)
        return next(same, None)

    def agenda(self, count: int) -> Sequence[Fire]:
        """The next runs to come, of schedules and delayed ones, in order."""
        scheduled = (
            Fire(at=slot.due, task=slot.schedule.entry.task, kind=Trigger.SCHEDULE)
            for slot in self._engine.coming_fires()
        )
        delayed = (
            Fire(at=one.at, task=one.task, kind=Trigger.DELAYED) for one in self.delayed_runs()
        )
        in_order = heapq.merge(scheduled, delayed, key=lambda fire: fire.at)
        return tuple(itertools.islice(in_order, count))

    def delayed_runs(self) -> Sequence[DelayedRun]:
        """The runs that were put off and have not begun, the next one first."""
        return self._engine.delayed_runs()

    def missed_fires(self) -> Sequence[MissedFires]:
        """The fires that passed unfired and were not made up for, in the order they came."""
        return self._engine.missed_fires()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` on this event loop with what happens, in batches."""
        return self._engine.subscribe(Batches(listener).add)

    async def start(self) -> None:
        """Bring the engine to life, its tasks known by name only."""
        await self._engine.start(load=False)

    async def load(self) -> None:
        """Let the tasks' code be imported, then their schedules fire."""
        await self._engine.load()

    async def stop(self, grace: float = 0.0) -> None:
        """Stop the engine; runs that go on after `grace` seconds are cancelled."""
        await self._engine.stop(grace)
        self.close()

    def close(self) -> None:
        """Give back what the handle has of its own, without the engine."""
        self._checks.close()

    async def start_run(
        self, task: str, payload: Payload, *, trigger: Trigger = Trigger.MANUAL
    ) -> Run:
        """Run a task and give back its run at once."""
        return await self._engine.start_run(task, payload, trigger=trigger)

    async def check_payload(self, task: str, payload: Payload) -> Sequence[FieldFault]:
        """What is wrong with a payload; on a thread of its own, for it may run users' code."""
        entry = self._engine.catalog.entries.get(task)
        kind = entry.payload_type if entry else None
        if kind is None:
            return ()
        try:
            await self._checks.call(lambda: kind.convert(payload))
        except InvalidPayload as error:
            return error.faults or (FieldFault("", str(error)),)
        except RuntimeError:  # the handle was stopped meanwhile
            return ()
        return ()

    async def wait(self, run_id: int) -> Run:
        """Wait until a run is over and give it back."""
        return await self._engine.wait(run_id)

    async def cancel_run(self, run_id: int) -> bool:
        """Ask a run to stop."""
        return await self._engine.cancel_run(run_id)

    async def rerun(self, run_id: int) -> Run:
        """Run the same task again with the payload of an earlier run."""
        return await self._engine.rerun(run_id)

    async def run_later(self, task: str, payload: Payload, at: datetime) -> DelayedRun:
        """Run a task once at an instant (aware), or at once if that has passed."""
        return await self._engine.run_at(at, task, payload)

    async def cancel_delayed(self, delayed_id: int) -> bool:
        """Call off a delayed run."""
        return await self._engine.cancel_delayed(delayed_id)

    async def run_missed(self, missed_id: int) -> Run:
        """Begin one run for missed fires, with the last one's scheduled time."""
        return await self._engine.run_missed(missed_id)

    async def dismiss_missed(self, missed_id: int) -> bool:
        """Keep missed fires no longer."""
        return await self._engine.dismiss_missed(missed_id)

    async def pause(self, task: str, reason: str = "") -> None:
        """Let a task's schedules fire no more."""
        await self._engine.pause(task, reason)

    async def resume(self, task: str) -> None:
        """Let a task's schedules fire again."""
        await self._engine.resume(task)

    async def set_scheduling(self, *, on: bool) -> None:
        """Let the engine's schedules fire, or none of them."""
        await self._engine.set_scheduling(on=on)

    async def source(self, task: str) -> SourceView:
        """The file that a task comes from, as it is now."""
        view = self.task(task)
        if view is None or view.path is None:
            raise TaskNotFound(task)
        text = await asyncio.to_thread(view.path.read_text, encoding="utf-8", errors="replace")
        return SourceView(path=view.path, line=view.line or 1, text=text)

    async def create_example(self) -> Path:
        """Write a first task into the tasks folder and give back its path."""
        return await asyncio.to_thread(write_example, self.status.tasks_dir)

    def _current_views(self) -> dict[str, TaskView]:
        """The views of the present catalog; those of tasks that are as before are made once."""
        catalog = self._engine.catalog
        seen, views = self._seen
        if catalog is not seen:
            now = self.now()
            views = {
                name: views[name] if seen.entries.get(name) is entry else view_of(entry, now)
                for name, entry in catalog.entries.items()
            }
            self._seen = (catalog, views)
        return views
