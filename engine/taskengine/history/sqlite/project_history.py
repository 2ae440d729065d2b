"""The history of a project: a file in its folder, and memory over it."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import suppress
from pathlib import Path

from taskengine.clock import Clock, SystemClock
from taskengine.errors import HistoryTooNew
from taskengine.history.fires import FireHistory
from taskengine.history.history import Report
from taskengine.history.leftovers import Leftovers
from taskengine.history.line_search import LineSearch
from taskengine.history.memory import MAX_RUNS
from taskengine.history.retention import HistorySettings
from taskengine.history.size import chars_of
from taskengine.history.sqlite import engines
from taskengine.history.sqlite.contents import Contents
from taskengine.history.sqlite.database import Connect, check_version, connect
from taskengine.history.sqlite.entries import Entry, Facts, Phase
from taskengine.history.sqlite.indexing import index_some
from taskengine.history.sqlite.lost_ends import LostEnds
from taskengine.history.sqlite.mirror import Mirror
from taskengine.history.sqlite.numbers import RUNS, Numbers
from taskengine.history.sqlite.outage import Outage
from taskengine.history.sqlite.overlay import Overlay
from taskengine.history.sqlite.packing import pack_some
from taskengine.history.sqlite.pauses import Pauses
from taskengine.history.sqlite.project_place import ProjectPlace
from taskengine.history.sqlite.prune import Pruner
from taskengine.history.sqlite.reader import Reader
from taskengine.history.sqlite.recorder import Recorder
from taskengine.history.sqlite.recovery import recover
from taskengine.history.sqlite.run_lookup import RunLookup
from taskengine.history.sqlite.settlements import Settlements
from taskengine.history.sqlite.sqlite_fires import SqliteFires
from taskengine.history.sqlite.sqlite_state import SqliteState
from taskengine.history.sqlite.trouble import ForeignFile
from taskengine.history.sqlite.writer import StoreUnavailable, Writer
from taskengine.history.state import ProjectState
from taskengine.output import Output, OutputBuffer
from taskengine.records import RunPage, RunQuery, TaskStatistics
from taskengine.run import Payload, Run, RunState

_MOST_ROUNDS = 20
_BUSY = 0.1
_LOOK_AGAIN = 0.5


class ProjectHistory:
    """Keeps what happens in a project, for this engine and those after it.

    `exclusive`: the project is this engine's alone; without it, several engines of this host share
    one history. While the file can't be written, everything goes on in memory.
    """

    def __init__(
        self,
        root: Path,
        *,
        exclusive: bool = True,
        clock: Clock | None = None,
        connect: Connect = connect,
        pauses: Pauses | None = None,
        max_runs: int = MAX_RUNS,
    ) -> None:
        """Nothing is opened or made before `open`. `connect` and `pauses` are the writer's. Of runs
        that ended while the file can't be written, memory holds `max_runs`.
        """
        self._clock = clock or SystemClock()
        self._place = ProjectPlace(root, exclusive=exclusive)
        self._contents = contents = Contents(self._clock)
        path = self._place.path
        self._writer = writer = Writer(
            path, contents, prepare=self._place.prepare, connect=connect, pauses=pauses
        )
        self._reader = reader = Reader(path, lambda: writer.generation, writer.suspect)
        self._overlay = Overlay(writer.wake)
        self._recorder = Recorder(self._overlay, lambda: contents.engine)
        self._settlements = Settlements()
        self._ends = LostEnds(lambda: contents.engine)
        self._outage = Outage(self._overlay, self._ends, max_runs=max_runs)
        self._left: frozenset[int] = frozenset()
        self._is_recovered = False
        self._mirror = Mirror(reader)
        self._lookup = RunLookup(self._overlay, reader)
        self._numbers = Numbers(RUNS, writer, reader, path, exclusive=exclusive)
        self._pruner = Pruner(self._clock)
        self._state = SqliteState(writer, reader, self._clock)
        self._fires = SqliteFires(
            writer, reader, path, self._clock, lambda: contents.engine, exclusive=exclusive
        )
        contents.parts = (self._state, self._fires, self._settlements, self._ends, self._recorder)

    @property
    def fires(self) -> FireHistory:
        """What is kept of fires: claims, misses, and runs that were put off."""
        return self._fires

    @property
    def state(self) -> ProjectState:
        """Small things that are kept with the project."""
        return self._state

    @property
    def path(self) -> Path:
        """The file; before `open`, it need not be there."""
        return self._place.path

    def claim(self) -> None:
        """Hold the project ahead of `open`, which then is sure not to be refused. What else may be
        wrong with the file is told when it is opened. Raises EngineAlreadyRunning, HistoryTooNew.
        """
        self._place.take(self._clock.now())
        try:
            with suppress(OSError, sqlite3.Error, ForeignFile):
                check_version(self.path, _BUSY)
        except HistoryTooNew:
            self._place.release()
            raise

    def release(self) -> None:
        """Hold the project no more, where it was claimed and not opened."""
        self._place.release()

    def announce(self, socket: Path | None, url: str) -> None:
        """Tell programs that look for the project's engine where it can be reached."""
        self._place.announce(socket, url)

    async def open(self, report: Report) -> Leftovers:
        """Hold the project, open the file, and give back what earlier engines left undone.

        Raises EngineAlreadyRunning, HistoryTooNew.
        """
        self._outage.listen(report)
        self._place.take(self._clock.now())
        try:
            return await self._open()
        except BaseException:
            await self._writer.close()
            self._let_go()
            raise

    async def _open(self) -> Leftovers:
        if problem := self._place.problem:
            self._outage.report(problem.kind, problem)
        await self._writer.open(self._outage.report)
        leftovers = await self._recovered()
        self._is_recovered = leftovers is not None
        await self._numbers.open(self._contents.engine)
        await self._fires.open()
        await self._state.open()
        await self._mirror.open()
        self._writer.add_chore(index_some)
        self._writer.add_chore(pack_some)
        self._writer.add_chore(self._pruner.prune)
        return leftovers or Leftovers()

    async def late_leftovers(self) -> Leftovers:
        """What `open` could not give back because the file was out of order."""
        while not self._is_recovered:
            await asyncio.sleep(_LOOK_AGAIN)
            leftovers = await self._recovered()
            if leftovers is not None:
                self._is_recovered = True
                return leftovers
        return Leftovers()

    async def _recovered(self) -> Leftovers | None:
        """What engines that are gone have left; None if the file can't be written at present."""
        try:
            leftovers = await self._writer.do(
                lambda file: recover(file, self._contents.engine, self._place.may_live)
            )
        except StoreUnavailable:
            return None
        self._left |= {run.id for run in leftovers.queued}
        return leftovers

    async def close(self) -> None:
        """Write what is not written yet and let go of the file and the project."""
        for _ in range(_MOST_ROUNDS):  # a late thread may write without end
            self._overlay.hurry_all()
            if not await self._writer.flush() or self._overlay.is_stored():
                break
        await self._numbers.close()
        await self._fires.close()
        with suppress(StoreUnavailable):
            await self._writer.do(
                lambda file: engines.stop(file, self._contents.engine, self._clock.now())
            )
        await self._writer.close()
        self._let_go()

    def _let_go(self) -> None:
        self._reader.close()
        self._place.release()

    def configure(self, settings: HistorySettings) -> None:
        """Keep as much as these settings say, from now on."""
        self._recorder.max_output = settings.max_output
        self._writer.set_durability(settings.durability)
        self._pruner.configure(settings)
        self._writer.wake(0)  # chores follow a write, and there may be more to do now

    def next_id(self) -> int:
        """A number that no run had before."""
        return self._numbers.next()

    def keep_queued(self, run: Run, output: OutputBuffer, *, begins: bool) -> Awaitable[None]:
        """Keep a run that was accepted; it is known at once."""
        facts = Facts(run, begun=begins)
        self._overlay.add(Entry(facts, output, was_left=run.id in self._left))
        return self._written()

    async def _written(self) -> None:
        await self._writer.flush()

    async def keep_begun(self, run: Run) -> None:
        """Keep that the code of a run begins."""
        if entry := self._overlay.get(run.id):
            entry.facts = Facts(run, begun=True)
            self._overlay.hurry(entry)
            await self._writer.flush()

    def keep_changed(self, run: Run) -> None:
        """Keep how a run stands that is going on."""
        if entry := self._overlay.get(run.id):
            entry.facts = Facts(run, entry.facts.begun, entry.facts.phase)
            self._overlay.delay(entry)

    async def keep_ended(self, run: Run) -> None:
        """Keep a run's final state."""
        await self._end(run, Phase.ENDED)

    async def keep_in_queue(self, run: Run) -> None:
        """Leave a run in the queue for the next engine."""
        await self._end(run, Phase.IN_QUEUE)

    async def _end(self, run: Run, phase: Phase) -> None:
        entry = self._overlay.get(run.id)
        if entry is None:
            return
        entry.facts = Facts(run, entry.facts.begun, phase)
        if phase is Phase.ENDED:
            self._mirror.count(run)
        self._overlay.hurry(entry)
        if not await self._writer.flush():
            entry.chars = await chars_of(run) + entry.output.chars
            self._overlay.note_ended(entry)
            self._outage.make_room()

    async def keep_settled(self, run_id: int) -> None:
        """Keep that nothing needs to be done for a run any more."""
        self._settlements.add(run_id)
        await self._writer.flush()

    def run(self, run_id: int) -> Run | None:
        """A run as it stands now."""
        return self._lookup.run(run_id)

    def recent(self, task: str | None, limit: int) -> Sequence[Run]:
        """The latest runs, newest first."""
        return self._lookup.recent(task, limit)

    def output(self, run_id: int) -> Output | None:
        """What a run has written."""
        return self._lookup.output(run_id)

    def last_ended(self, task: str) -> Run | None:
        """The task's run that ended last."""
        return self._mirror.last(task)

    def outcomes(self, task: str) -> Sequence[RunState]:
        """The final states of the task's latest runs, oldest first."""
        return self._mirror.outcomes(task)

    def statistics(self, task: str) -> TaskStatistics:
        """What the task's runs add up to."""
        return self._mirror.statistics(task)

    async def runs(
        self, query: RunQuery, *, before: int | None = None, limit: int = 100
    ) -> RunPage:
        """The runs that a query asks for, by descending number, from below `before`."""
        return await self._lookup.runs(query, before, limit)

    async def past_payloads(self, task: str, limit: int) -> Sequence[Payload]:
        """The payloads that a task was given last, each once, the latest first."""
        return await self._lookup.past_payloads(task, limit)

    def search_output(
        self, run_id: int, text: str, *, start: int = 0, backwards: bool = False
    ) -> AsyncIterator[Sequence[int]]:
        """The numbers of the lines of a run that hold a text, whatever the case, in batches."""
        return self._lookup.search(run_id, LineSearch.of(text, backwards=backwards), start)
