"""The handle of a Nitro dev server."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from taskengine.client.abilities import Ability
from taskengine.client.batches import Batches
from taskengine.client.handle import Listener
from taskengine.client.nitro.refusals import REFUSALS, refuse
from taskengine.client.nitro.refused_commands import RefusedCommands
from taskengine.client.nitro.runs import NitroRuns
from taskengine.client.nitro.server import WatchedServer
from taskengine.client.nitro.watch import EVERY
from taskengine.client.site import Site
from taskengine.client.views import EngineStatus, Fire, ScheduleView, TaskStatus, TaskView
from taskengine.clock import Clock, SystemClock
from taskengine.errors import FieldFault, InvalidPayload, RunNotFound, TaskNotFound
from taskengine.events import CatalogChanged, EngineState, EngineStateChanged, Event
from taskengine.history.memory import MemoryHistory
from taskengine.hub import Hub
from taskengine.jsonvalue import NotJson, to_json
from taskengine.output import Output
from taskengine.problem import Problem
from taskengine.project.zone import default_timezone
from taskengine.records import PastFire, RunPage, RunQuery, StateKind, TaskStatistics
from taskengine.run import DelayedRun, MissedFires, Payload, Run, Trigger

_LASTS_A_SESSION = frozenset({StateKind.DRAFT, StateKind.CONSOLE})


class NitroHandle(RefusedCommands):
    """Looks at the list of a Nitro dev server every two seconds, and calls its tasks over HTTP.

    `url` is as `parse_address` gives it. The runs of this session are kept in memory; what others
    run, and what Nitro's own schedules do, can't be seen. Schedules are reckoned in this machine's
    zone: Nitro fires in that of its server, and does not say which that is.
    """

    def __init__(self, url: str, *, clock: Clock | None = None, every: float = EVERY) -> None:
        self._clock = clock or SystemClock()
        self._zone = default_timezone()
        self._folder = Path.cwd()
        self._site = Site(url)
        self._hub = Hub()
        self._history = MemoryHistory()
        self._server = WatchedServer(self._site, self._zone, self._hub, self._clock, every)
        self._runs = NitroRuns(
            self._site, self._history, self._hub, self._clock, self._server.look_soon
        )
        self._hub.subscribe(self._note_new_beginning)

    @property
    def status(self) -> EngineStatus:
        """The server at a glance. Its project is called by its host; the folders are those of this
        process, for files that are saved.
        """
        return EngineStatus(
            state=self._server.state,
            reason=self._server.reason,
            project=urlsplit(self._site.url).netloc,
            root=self._folder,
            tasks_dir=self._folder / "tasks",
            timezone=self._zone,
            scheduling=True,
            stop_grace=0.0,
            address=self._site.url,
            url=self._site.url,
        )

    def refusal(self, ability: Ability) -> str:
        """Why Nitro can't do something; empty if it can."""
        return REFUSALS.get(ability, "")

    def now(self) -> datetime:
        """This machine's present instant."""
        return self._clock.now()

    def tasks(self) -> Sequence[TaskView]:
        """All tasks, by name."""
        return tuple(self._server.catalog.views.values())

    def task(self, name: str) -> TaskView | None:
        """One task."""
        return self._server.catalog.views.get(name)

    def task_status(self, name: str) -> TaskStatus:
        """How a task stands, by the runs of this session."""
        return TaskStatus(
            active=self._runs.active(name),
            last=self._history.last_ended(name),
            outcomes=tuple(self._history.outcomes(name)),
            next_fire=self._server.fires.next_fire(name),
        )

    def problems(self) -> Sequence[Problem]:
        """What is wrong with the schedules, and with the list itself."""
        return self._server.catalog.problems

    def active_runs(self) -> Sequence[Run]:
        """The runs of this session that are not over, oldest first."""
        return self._runs.active()

    def run(self, run_id: int) -> Run | None:
        """A run of this session."""
        return self._history.run(run_id)

    async def find_run(self, run_id: int) -> Run | None:
        """A run of this session."""
        return self._history.run(run_id)

    async def runs(
        self, query: RunQuery, *, before: int | None = None, limit: int = 100
    ) -> RunPage:
        """The runs of this session that a query asks for, newest first."""
        return await self._history.runs(query, before=before, limit=limit)

    def statistics(self, task: str) -> TaskStatistics:
        """What the runs of this session add up to."""
        return self._history.statistics(task)

    async def past_payloads(self, task: str, limit: int = 50) -> Sequence[Payload]:
        """The payloads that a task was given last in this session, each once."""
        return await self._history.past_payloads(task, limit)

    async def past_fires(self, task: str, limit: int = 50) -> Sequence[PastFire]:  # noqa: ARG002 - the same for all
        """Nothing: Nitro keeps no record of them."""
        return ()

    def search_output(
        self, run_id: int, text: str, *, start: int = 0, backwards: bool = False
    ) -> AsyncIterator[Sequence[int]]:
        """The numbers of the lines of a run that hold a text."""
        return self._history.search_output(run_id, text, start=start, backwards=backwards)

    def kept(self, kind: StateKind) -> Mapping[str, str]:
        """What was kept in this session."""
        return self._history.state.all(kind)

    async def keep(self, kind: StateKind, name: str, text: str | None) -> None:
        """Keep a draft, or how the console was left, for as long as this handle lives.

        Raises NotPossible for what is meant to last.
        """
        if kind not in _LASTS_A_SESSION:
            raise refuse(Ability.KEEP)
        await self._history.state.keep(kind, name, text)

    def output(self, run_id: int) -> Output | None:
        """A note that says where to look: Nitro keeps what tasks print to itself."""
        return self._history.output(run_id)

    @property
    def engine_output(self) -> Output:
        """When the server came and went."""
        return self._server.output

    def next_fires(self, task: str, count: int) -> Sequence[datetime]:
        """The next instants at which a task fires."""
        return self._server.fires.next_fires(task, count)

    def next_schedule(self, task: str) -> ScheduleView | None:
        """The expression of a task that fires next."""
        return self._server.fires.next_schedule(task)

    def agenda(self, count: int) -> Sequence[Fire]:
        """The next fires of all tasks, in order."""
        return self._server.fires.agenda(count)

    def delayed_runs(self) -> Sequence[DelayedRun]:
        """Nothing: Nitro has no such runs."""
        return ()

    def missed_fires(self) -> Sequence[MissedFires]:
        """Nothing: Nitro keeps no record of them."""
        return ()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` on this event loop with what happens, in batches."""
        return self._hub.subscribe(Batches(listener).add)

    async def start(self) -> None:
        """Look at the server for the first time. Raises EngineUnreachable, in words; it is looked
        for again and again even then, until `stop`.
        """
        await self._server.start()

    async def load(self) -> None:
        """Nothing: Nitro has loaded its tasks itself."""

    async def stop(self, grace: float = 0.0) -> None:  # noqa: ARG002 - nothing is to be stopped
        """Leave the server. It goes on with what it runs; the runs that were waited for here count
        as interrupted, since nobody hears of their end.
        """
        await self._server.stop()
        await self._runs.close()
        await self._site.close()

    async def start_run(
        self, task: str, payload: Payload, *, trigger: Trigger = Trigger.MANUAL
    ) -> Run:
        """Have a task run and give back its run at once.

        Nitro lets calls of a task that is at work share its run. Each call is a run here, whose
        output says so: whether Nitro did can't be known.
        """
        return await self._start_run(task, payload, trigger)

    async def check_payload(self, task: str, payload: Payload) -> Sequence[FieldFault]:  # noqa: ARG002 - the same for all
        """Nothing: Nitro's payloads have no types."""
        return ()

    async def wait(self, run_id: int) -> Run:
        """Wait until a run is over and give it back. Raises RunNotFound."""
        return await self._runs.wait(run_id)

    async def rerun(self, run_id: int) -> Run:
        """Run the same task again with the payload of an earlier run. Raises RunNotFound."""
        run = self._history.run(run_id)
        if run is None:
            raise RunNotFound(run_id)
        return await self._start_run(run.task, run.payload, Trigger.RERUN, rerun_of=run_id)

    def _note_new_beginning(self, event: Event) -> None:
        is_back = isinstance(event, EngineStateChanged) and event.state is EngineState.LIVE
        if is_back or isinstance(event, CatalogChanged):
            self._runs.note_new_beginning()

    async def _start_run(
        self, task: str, payload: Payload, trigger: Trigger, rerun_of: int | None = None
    ) -> Run:
        given = _checked(payload)
        if self._server.state is not EngineState.LIVE:
            await self._server.look()  # it may be back, and known so only seconds later
        if task not in self._server.catalog.views:
            raise TaskNotFound(task)
        return await self._runs.start(task, given, trigger, rerun_of)


def _checked(payload: Payload) -> Payload:
    """The payload as JSON would give it back, no part of it shared with the caller."""
    try:
        given = to_json(payload, "payload")
    except NotJson as error:
        raise InvalidPayload(str(error)) from error
    if not isinstance(given, dict):
        raise InvalidPayload("A payload is a JSON object")
    return given
