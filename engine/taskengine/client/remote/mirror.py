"""What is known here of an engine elsewhere: its state at one instant, and what it told since."""

from bisect import insort
from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from taskengine import events
from taskengine.client.views import EngineStatus, TaskStatus, TaskView
from taskengine.client.wire.messages import LeftOut, Standing, State, Telling
from taskengine.events import Event
from taskengine.problem import Problem, ProblemKind
from taskengine.records import StateKind
from taskengine.run import DelayedRun, MissedFires, Run

OUTCOMES_KEPT = 50  # as many as histories keep
_ENDED_KEPT = 1_000

# What is wrong with the engine's surroundings stands after what is wrong in the project's files.
_OWN_KINDS = frozenset(
    {
        ProblemKind.SLOW_IMPORT,
        ProblemKind.WATCH,
        ProblemKind.RELOAD,
        ProblemKind.BLOCKED_LOOP,
        ProblemKind.HELD_LOCK,
        ProblemKind.HISTORY,
        ProblemKind.DAMAGED_HISTORY,
        ProblemKind.MOVED_HISTORY,
        ProblemKind.SERVER,
    }
)
_Runs = dict[int, Run]


class Mirror:
    """Begins with a state, and follows the events that come after it."""

    def __init__(self, state: State) -> None:
        self.status: EngineStatus = state.status
        self.tasks: dict[str, TaskView] = {view.name: view for view in state.tasks}
        self.standings: dict[str, Standing] = dict(state.standings)
        self.problems: list[Problem] = list(state.problems)
        self.active: _Runs = {run.id: run for run in state.active}
        self.left_out: dict[int, LeftOut] = dict(state.left_out)
        self.delayed: dict[int, DelayedRun] = {one.id: one for one in state.delayed}
        self.missed: dict[int, MissedFires] = {one.id: one for one in state.missed}
        self._active_of: dict[str, _Runs] = {}
        for run in state.active:
            self._active_of.setdefault(run.task, {})[run.id] = run
        self._ended: dict[int, None] = {}
        self._kept: dict[str, dict[str, str]] = {
            kind: dict(texts) for kind, texts in state.kept.items()
        }

    def standing(self, task: str) -> Standing:
        """How a task stands; an empty standing for an unknown name."""
        return self.standings.get(task, _UNKNOWN)

    def task_status(self, task: str, next_fire: datetime | None) -> TaskStatus:
        """The same as screens see it."""
        standing = self.standings.get(task, _UNKNOWN)
        active = self._active_of.get(task)
        return TaskStatus(
            active=tuple(active.values()) if active else (),
            last=standing.last,
            outcomes=standing.outcomes,
            next_fire=next_fire,
            paused=standing.paused,
            pause_reason=standing.pause_reason,
        )

    def last(self, run_id: int) -> Run | None:
        """A run that is the last one of its task."""
        lasts = (standing.last for standing in self.standings.values())
        return next((run for run in lasts if run and run.id == run_id), None)

    def delayed_runs(self) -> Sequence[DelayedRun]:
        """The runs that were put off, the next one first."""
        return tuple(sorted(self.delayed.values(), key=lambda one: (one.at, one.id)))

    def kept(self, kind: StateKind) -> Mapping[str, str]:
        """The texts of one kind that are kept with the project, by name."""
        return dict(self._kept.get(kind, {}))

    def note_kept(self, kind: StateKind, name: str, text: str | None) -> None:
        """Know that a text is kept in place of the one before; None: none is."""
        texts = self._kept.setdefault(kind, {})
        if text is None:
            texts.pop(name, None)
        else:
            texts[name] = text

    def apply(self, event: Event, telling: Telling) -> None:
        """Follow an event, with what it was told with."""
        if telling.status:
            self.status = telling.status
        match event:
            case events.RunEnded(run=run):
                self._end(run, telling)
            case events.RunEvent(run=run):
                self._go_on(run, telling.left_out)
            case events.CatalogChanged():
                self._change_tasks(event, telling)
            case events.SchedulePaused(task=task, reason=reason):
                self._pause(task, reason, paused=True)
            case events.ScheduleResumed(task=task):
                self._pause(task, "", paused=False)
            case events.ProblemRaised() | events.ProblemCleared():
                self._mend(event)
            case events.PresetsChanged(name=name, text=text):
                self.note_kept(StateKind.PRESET, name, text)
            case _:
                self._plan(event)

    def _plan(self, event: Event) -> None:
        """Follow what is told of runs to come, and of those that did not come."""
        match event:
            case events.FireMissed(missed=missed):
                self.missed[missed.id] = missed
            case events.MissedFiresCleared(missed=missed):
                self.missed.pop(missed.id, None)
            case events.RunDelayed(delayed=delayed):
                self.delayed[delayed.id] = delayed
            case events.DelayedRunEnded(delayed=delayed):
                self.delayed.pop(delayed.id, None)

    def _mend(self, event: events.ProblemRaised | events.ProblemCleared) -> None:
        is_known = event.problem in self.problems
        if isinstance(event, events.ProblemRaised) and not is_known:
            insort(self.problems, event.problem, key=_place)
        elif isinstance(event, events.ProblemCleared) and is_known:
            self.problems.remove(event.problem)

    def _pause(self, task: str, reason: str, *, paused: bool) -> None:
        self.note_kept(StateKind.PAUSE, task, reason if paused else None)
        standing = replace(self.standing(task), paused=paused, pause_reason=reason)
        self.standings[task] = standing

    def _go_on(self, run: Run, left_out: LeftOut) -> None:
        if run.state.is_final or run.id in self._ended:
            return
        self.active[run.id] = run
        self._active_of.setdefault(run.task, {})[run.id] = run
        if left_out:
            self.left_out[run.id] = left_out

    def _end(self, run: Run, telling: Telling) -> None:
        self.active.pop(run.id, None)
        self.left_out.pop(run.id, None)
        of_task = self._active_of.get(run.task, {})
        of_task.pop(run.id, None)
        if not of_task:
            self._active_of.pop(run.task, None)
        self._ended[run.id] = None
        if len(self._ended) > _ENDED_KEPT:
            del self._ended[next(iter(self._ended))]
        self._count(run, telling)

    def _count(self, run: Run, telling: Telling) -> None:
        standing = self.standing(run.task)
        if standing.last is None or _end_of(run) >= _end_of(standing.last):
            standing = replace(standing, last=run, left_out=telling.left_out)
        outcomes = telling.outcomes or (*standing.outcomes, run.state)[-OUTCOMES_KEPT:]
        statistics = telling.statistics or standing.statistics
        self.standings[run.task] = replace(standing, outcomes=outcomes, statistics=statistics)

    def _change_tasks(self, event: events.CatalogChanged, telling: Telling) -> None:
        for name in event.removed:
            self.tasks.pop(name, None)
        self.standings.update(telling.standings)
        self.tasks.update((view.name, view) for view in telling.tasks)
        if event.added:
            self.tasks = dict(sorted(self.tasks.items()))


_UNKNOWN = Standing()


def _end_of(run: Run) -> datetime:
    return run.ended_at or run.queued_at


def _place(problem: Problem) -> tuple[bool, str, int, int, str]:
    if problem.kind in _OWN_KINDS:
        return (True, "", 0, 0, "")  # in the order they came
    return False, str(problem.path or ""), problem.line or 0, problem.column or 0, problem.message
