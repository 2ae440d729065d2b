"""The handle of an engine in another process."""

import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from taskengine.client.abilities import Ability
from taskengine.client.address import Address
from taskengine.client.batches import Batches
from taskengine.client.handle import Listener
from taskengine.client.remote import answers
from taskengine.client.remote.background import BackgroundWork
from taskengine.client.remote.connection import Connection
from taskengine.client.remote.keeping import Keeping
from taskengine.client.remote.outputs import RemoteOutputs
from taskengine.client.remote.place import Place
from taskengine.client.remote.run_end import run_end
from taskengine.client.remote.watch import Watch
from taskengine.client.views import (
    EngineStatus,
    Fire,
    ScheduleView,
    SourceView,
    TaskStatus,
    TaskView,
)
from taskengine.clock import Clock, SystemClock
from taskengine.errors import EngineUnreachable, FieldFault, RunNotFound, TaskError, TaskNotFound
from taskengine.events import EngineState
from taskengine.hub import Hub
from taskengine.output import Output
from taskengine.problem import Problem
from taskengine.records import PastFire, RunPage, RunQuery, StateKind, TaskStatistics
from taskengine.run import DelayedRun, MissedFires, Payload, Run, Trigger

SEEN_WITHIN = 1.0  # seconds in which what a command has changed is seen here, as a rule
_SEARCHED_AT_ONCE = 1_000


class RemoteHandle:
    """Answers from a mirror of the engine, which follows its stream of events; what is not in the
    mirror is asked for. It comes back by itself when the connection was cut, or the engine was
    started anew; `status` says when the engine can't be reached, and why.

    `token` is for an engine that asks for one. `root` is the project, if its engine was found by
    that: one that is started anew may listen elsewhere. It is for one event loop, and for one life:
    after `stop` it can't be started again.
    """

    def __init__(
        self,
        address: Address,
        *,
        token: str | None = None,
        root: Path | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._root = root
        self._place = Place(address, token, root)
        self._hub = Hub()
        self._work = BackgroundWork()
        self._outputs = RemoteOutputs(self._place, self._work.begin)
        self._watch = Watch(
            self._place,
            clock or SystemClock(),
            self._hub.publish,
            self._outputs.begin_anew,
            self._work.begin,
        )
        self._keeping = Keeping(self._place)

    # Life

    async def start(self) -> None:
        """Connect, and return when the engine's state is known. Raises EngineUnreachable."""
        try:
            await self._watch.start()
        except BaseException:
            await self.stop()
            raise

    async def load(self) -> None:
        """Nothing: the engine does so by itself."""

    async def stop(self, grace: float = 0.0) -> None:  # noqa: ARG002 - it is not ours to stop
        """Leave the engine, which goes on."""
        await self._watch.stop()
        await self._work.end()
        await self._place.close()

    @property
    def _engine(self) -> Connection:
        return self._place.connection

    # What is known here

    @property
    def status(self) -> EngineStatus:
        """The engine at a glance."""
        return self._watch.status() or self._no_status()

    def _no_status(self) -> EngineStatus:
        address = str(self._place.address)
        root = self._root or Path("/")
        return EngineStatus(
            state=EngineState.STOPPED if self._watch.is_stopped else EngineState.STARTING,
            project=root.name or address,
            root=root,
            tasks_dir=root / "tasks",
            timezone="UTC",
            scheduling=False,
            stop_grace=0.0,
            address=address,
        )

    def refusal(self, ability: Ability) -> str:  # noqa: ARG002 - there is nothing that it can't
        """Why an engine of this kind can't do something: it can do everything."""
        return ""

    def now(self) -> datetime:
        """The engine's present instant, aware, in UTC."""
        return self._watch.now()

    def tasks(self) -> Sequence[TaskView]:
        """All tasks, by name."""
        mirror = self._watch.mirror
        return tuple(mirror.tasks.values()) if mirror else ()

    def task(self, name: str) -> TaskView | None:
        """One task."""
        mirror = self._watch.mirror
        return mirror.tasks.get(name) if mirror else None

    def task_status(self, name: str) -> TaskStatus:
        """How a task stands now."""
        mirror = self._watch.mirror
        next_fire = self._watch.fires.next_fire(name)
        return mirror.task_status(name, next_fire) if mirror else TaskStatus()

    def problems(self) -> Sequence[Problem]:
        """All faults of the project, in the order of their places."""
        mirror = self._watch.mirror
        return tuple(mirror.problems) if mirror else ()

    def active_runs(self) -> Sequence[Run]:
        """All runs that are not over, oldest first."""
        mirror = self._watch.mirror
        return tuple(mirror.active.values()) if mirror else ()

    def run(self, run_id: int) -> Run | None:
        """A run as it is known here; `find_run` brings what is missing of it."""
        mirror = self._watch.mirror
        found = self._watch.found.get(run_id)
        if found and found.state.is_final:
            return found
        active = mirror.active.get(run_id) if mirror else None
        if mirror and active and run_id in mirror.left_out and found:
            return answers.filled(active, found, mirror.left_out[run_id])
        return active or found or (mirror.last(run_id) if mirror else None)

    def statistics(self, task: str) -> TaskStatistics:
        """What all runs of a task that ever ended add up to."""
        mirror = self._watch.mirror
        return mirror.standing(task).statistics if mirror else TaskStatistics()

    def kept(self, kind: StateKind) -> Mapping[str, str]:
        """The texts of one kind that are kept with the project, by name."""
        mirror = self._watch.mirror
        return mirror.kept(kind) if mirror else {}

    def output(self, run_id: int) -> Output | None:
        """What a run has written. Whether there is such a run shows when it is looked at."""
        return self._outputs.of_run(run_id)

    @property
    def engine_output(self) -> Output:
        """What was written by code that belongs to no run."""
        return self._outputs.of_engine

    def next_fires(self, task: str, count: int) -> Sequence[datetime]:
        """The next instants at which any schedule of a task fires."""
        return self._watch.fires.next_fires(task, count)

    def next_schedule(self, task: str) -> ScheduleView | None:
        """The schedule of a task that fires next."""
        return self._watch.fires.next_schedule(task)

    def agenda(self, count: int) -> Sequence[Fire]:
        """The next runs to come, of schedules and delayed ones, in order."""
        return self._watch.fires.agenda(count, self.delayed_runs())

    def delayed_runs(self) -> Sequence[DelayedRun]:
        """The runs that were put off and have not begun, the next one first."""
        mirror = self._watch.mirror
        return mirror.delayed_runs() if mirror else ()

    def missed_fires(self) -> Sequence[MissedFires]:
        """The fires that passed unfired and were not made up for, in the order they came."""
        mirror = self._watch.mirror
        return tuple(mirror.missed.values()) if mirror else ()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` on this event loop with what happens, in batches."""
        return self._hub.subscribe(Batches(listener).add)

    # What is asked for

    async def find_run(self, run_id: int) -> Run | None:
        """A run as it stands now, whole."""
        try:
            run = await self._engine.get(Run, "runs", run_id)
        except RunNotFound:
            self._watch.found.drop(run_id)
            return None
        self._watch.found.add(run, answers.size_of(run))
        return run

    async def runs(
        self, query: RunQuery, *, before: int | None = None, limit: int = 100
    ) -> RunPage:
        """The runs that a query asks for, newest first."""
        asked, limit = answers.asked(query), min(limit, answers.MOST)
        return await self._engine.get(RunPage, "runs", before=before, limit=limit, **asked)

    async def past_payloads(self, task: str, limit: int = 50) -> Sequence[Payload]:
        """The payloads that a task was given last, each once, the latest first."""
        limit = min(limit, answers.MOST)
        with contextlib.suppress(TaskNotFound):
            path = ("tasks", task, "payloads")
            return (await self._engine.get(answers.Payloads, *path, limit=limit)).payloads
        return ()

    async def past_fires(self, task: str, limit: int = 50) -> Sequence[PastFire]:
        """What became of a task's latest fires, the latest first."""
        limit = min(limit, answers.MOST)
        with contextlib.suppress(TaskNotFound):
            return (
                await self._engine.get(answers.PastFires, "tasks", task, "fires", limit=limit)
            ).fires
        return ()

    async def search_output(
        self, run_id: int, text: str, *, start: int = 0, backwards: bool = False
    ) -> AsyncIterator[Sequence[int]]:
        """The numbers of the lines of a run that hold a text, in batches, as they are found."""
        following: int | None = start
        while following is not None:
            found = await self._engine.get(
                answers.FoundLines,
                "runs",
                run_id,
                "search",
                text=text,
                start=following,
                backwards=backwards,
                limit=_SEARCHED_AT_ONCE,
            )
            if found.lines:
                yield found.lines
            following = found.next

    async def check_payload(self, task: str, payload: Payload) -> Sequence[FieldFault]:
        """What is wrong with a payload."""
        body = {"payload": payload}
        with contextlib.suppress(TaskNotFound):
            return (
                await self._engine.check(answers.Faults, "tasks", task, "check", body=body)
            ).faults
        return ()

    async def source(self, task: str) -> SourceView:
        """The file that a task comes from, as it is now."""
        return await self._engine.get(SourceView, "tasks", task, "source")

    async def wait(self, run_id: int) -> Run:
        """Wait until a run is over and give it back, whatever becomes of the connection. Raises
        RunNotFound, and EngineUnreachable once the handle is stopped.
        """
        run = await run_end(run_id, self.find_run, self._watch)
        if run is None:
            words = f"The engine at {self._place.address} was left before the run ended"
            raise EngineUnreachable(words)
        return run

    # What is done

    async def start_run(
        self, task: str, payload: Payload, *, trigger: Trigger = Trigger.MANUAL
    ) -> Run:
        """Run a task and give back its run at once."""
        body = {"task": task, "payload": payload, "trigger": trigger}
        return await self._begun(self._engine.post(Run, "runs", body=body))

    async def rerun(self, run_id: int) -> Run:
        """Run the same task again with the payload of an earlier run."""
        return await self._begun(self._engine.post(Run, "runs", run_id, "rerun"))

    async def run_missed(self, missed_id: int) -> Run:
        """Begin one run for missed fires, with the last one's scheduled time."""
        run = await self._begun(self._engine.post(Run, "missed", missed_id, "run"))
        await self._see(lambda: all(one.id != missed_id for one in self.missed_fires()))
        return run

    async def run_later(self, task: str, payload: Payload, at: datetime) -> DelayedRun:
        """Run a task once at an instant (aware), or at once if that has passed."""
        if at.tzinfo is None:
            raise ValueError(f"{at!r} is naive; an instant needs a time zone")
        body = {"task": task, "payload": payload, "at": at}
        delayed = await self._engine.post(DelayedRun, "runs", body=body)
        if at > self.now():
            await self._see(lambda: any(one.id == delayed.id for one in self.delayed_runs()))
        return delayed

    async def cancel_run(self, run_id: int) -> bool:
        """Ask a run to stop."""
        return (await self._engine.post(answers.Cancelled, "runs", run_id, "cancel")).cancelled

    async def cancel_delayed(self, delayed_id: int) -> bool:
        """Call off a delayed run."""
        answer = await self._engine.delete(answers.Cancelled, "delayed", delayed_id)
        await self._see(lambda: all(one.id != delayed_id for one in self.delayed_runs()))
        return answer.cancelled

    async def dismiss_missed(self, missed_id: int) -> bool:
        """Keep missed fires no longer."""
        answer = await self._engine.delete(answers.Dismissed, "missed", missed_id)
        await self._see(lambda: all(one.id != missed_id for one in self.missed_fires()))
        return answer.dismissed

    async def pause(self, task: str, reason: str = "") -> None:
        """Let a task's schedules fire no more."""
        await self._engine.order("POST", "tasks", task, "pause", body={"reason": reason})
        await self._see(lambda: self.task_status(task).paused)

    async def resume(self, task: str) -> None:
        """Let a task's schedules fire again."""
        with contextlib.suppress(TaskNotFound):
            await self._engine.order("POST", "tasks", task, "resume")
        await self._see(lambda: not self.task_status(task).paused)

    async def set_scheduling(self, *, on: bool) -> None:
        """Let the engine's schedules fire, or none of them."""
        await self._engine.order("PUT", "scheduling", body={"on": on})
        await self._see(lambda: self.status.scheduling is on)

    async def create_example(self) -> Path:
        """Write a first task into the tasks folder and give back its path."""
        try:
            return (await self._engine.post(answers.Written, "example")).path
        except TaskError as error:
            if error.status_code == answers.CONFLICT:
                raise FileExistsError(str(error)) from error
            raise

    async def keep(self, kind: StateKind, name: str, text: str | None) -> None:
        """Keep a text with the project, in place of the one before."""
        await self._keeping.keep(kind, name, text)
        if kind is StateKind.PRESET:  # of which all are told
            await self._see(lambda: self.kept(kind).get(name) == text)
        elif mirror := self._watch.mirror:
            mirror.note_kept(kind, name, text)

    async def _begun(self, call: Coroutine[Any, Any, Run]) -> Run:
        """A run that was begun, once it is known here too."""
        run = await call
        self._watch.found.add(run, answers.size_of(run))
        await self._see(lambda: self._watch.found.is_over(run.id) or self._is_active(run.id))
        return run

    def _is_active(self, run_id: int) -> bool:
        return self._watch.mirror is not None and run_id in self._watch.mirror.active

    async def _see(self, condition: Callable[[], bool]) -> None:
        """Wait a moment until what was done is seen here, so that whoever did it sees it too."""
        if self._watch.is_reached:
            await self._watch.until(condition, SEEN_WITHIN)
