"""Decides what becomes of a call: it begins a run, joins one, lines up, or is skipped."""

from taskengine.clock import Clock
from taskengine.errors import TaskCycle
from taskengine.events import ChildStarted, RunJoined
from taskengine.options import Concurrency
from taskengine.run import JoinedCaller
from taskengine.runs.active import ActiveRuns
from taskengine.runs.call import Call
from taskengine.runs.lanes import Lane, Lanes, Place
from taskengine.runs.launcher import Launcher
from taskengine.runs.live import LiveRun
from taskengine.runs.record import Record
from taskengine.runs.request import RunRequest
from taskengine.runs.waits import Awaited, endless_wait

MAX_JOINED_KEPT = 100
MAX_CHILDREN_KEPT = 100


class Admission:
    """Every call is decided in one go: calls of one moment see each other."""

    def __init__(
        self, launcher: Launcher, record: Record, active: ActiveRuns, lanes: Lanes, clock: Clock
    ) -> None:
        self._launcher = launcher
        self._record = record
        self._active = active
        self._lanes = lanes
        self._clock = clock

    def admit(self, call: Call, *, waits: bool) -> LiveRun:
        """The run that answers the call; it may be one that goes on, or one that was skipped.

        Raises TaskCycle if the caller waits for it, and would do so for ever.
        """
        lane = self._lanes.get(call.task.name, call.key)
        parent = self._active.get(call.request.parent_id)
        if lane is None:
            live = self._launcher.launch(call)
        elif call.task.options.concurrency is Concurrency.SKIP:
            live = self._launcher.skip(call, lane.eldest())
        else:
            live = self._share(call, lane, parent if waits else None)
        if parent and parent.is_going_on:
            self._add_child(parent, live)
        return live

    def _share(self, call: Call, lane: Lane, waiting: LiveRun | None) -> LiveRun:
        """Join a run of the lane, or begin one in it, now or when its turn comes."""
        is_join = call.task.options.concurrency is Concurrency.JOIN
        joined = lane.joinable() if is_join else None
        if waiting and (joined or not lane.lets_in(call.task)):
            self._refuse_cycle(call, joined or Place(lane, call.task, lane.waiting), waiting)
        if joined is None:
            return self._launcher.launch(call)
        self._join(joined, call.request)
        return joined

    def _refuse_cycle(self, call: Call, awaited: Awaited, waiting: LiveRun) -> None:
        if chain := endless_wait(waiting, awaited, self._lanes):
            names = [live.run.task for live in chain]
            raise TaskCycle([*names, call.task.name])

    def _join(self, live: LiveRun, request: RunRequest) -> None:
        is_same = request.payload == live.run.payload
        caller = JoinedCaller(at=self._clock.now(), trigger=request.trigger, payload_used=is_same)
        run = live.change(
            joined=(*live.run.joined[1 - MAX_JOINED_KEPT :], caller),
            joined_count=live.run.joined_count + 1,
        )
        self._record.tell(RunJoined(at=caller.at, run=run, caller=caller))

    def _add_child(self, parent: LiveRun, child: LiveRun) -> None:
        run = parent.change(
            children=(*parent.run.children[1 - MAX_CHILDREN_KEPT :], child.run.id),
            child_count=parent.run.child_count + 1,
        )
        self._record.tell(ChildStarted(at=self._clock.now(), run=run, child_id=child.run.id))
