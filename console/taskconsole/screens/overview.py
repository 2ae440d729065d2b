"""What the list and the header show, kept up with the engine's events."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from textual.markup import escape

from taskconsole.phrases import plain
from taskconsole.widgets.header import HeaderBar
from taskconsole.widgets.task_list.entry import TaskEntry
from taskconsole.widgets.task_list.panel import TaskPanel
from taskengine.client.abilities import Ability
from taskengine.client.handle import Handle
from taskengine.client.views import EngineStatus, TaskView
from taskengine.events import (
    CatalogChanged,
    DelayedRunEnded,
    EngineState,
    EngineStateChanged,
    Event,
    FireMissed,
    MissedFiresCleared,
    ProblemCleared,
    ProblemRaised,
    RunDelayed,
    RunEvent,
    SchedulePaused,
    ScheduleResumed,
)
from taskengine.problem import ProblemKind
from taskengine.run import RunState

NO_TASKS = """\
[b]No tasks yet[/b]

Press [b $accent]n[/] to write {folder}/hello.py, then [b $accent]r[/] to run it.

A task is a Python file in [b]{folder}/[/b]"""
EXAMPLE = """\
[$secondary]from taskengine import TaskEvent, task


@task(description="Says hello")
async def run(event: TaskEvent):
    print("Hello!")
    return {"result": "done"}[/]"""


class Overview:
    """Feeds the header and the list."""

    def __init__(self, handle: Handle, header: HeaderBar, panel: TaskPanel) -> None:
        self._handle = handle
        self._headers = [header]
        self._panel = panel
        self._has_started = False

    def feed_also(self, header: HeaderBar) -> None:
        """Show the same in the header of another screen."""
        self._headers.append(header)
        self.show_status()
        self.show_counts()

    def feed_no_more(self, header: HeaderBar) -> None:
        """Leave alone the header of a screen that is closed."""
        self._headers.remove(header)

    @property
    def zone(self) -> ZoneInfo:
        """The project's zone."""
        return ZoneInfo(self._handle.status.timezone)

    def show_all(self) -> None:
        """The engine has been started: show everything as it stands now."""
        self._has_started = True
        self.show_status()
        self.show_tasks()
        self.show_counts()

    def show_status(self) -> None:
        """Show how the engine is, and what time it has."""
        for header in self._headers:
            header.show_status(self._status(), is_written=self._is_written())
            header.show_clock(self._handle.now(), self.zone)

    def _status(self) -> EngineStatus:
        status = self._handle.status
        is_about_to_start = not self._has_started and status.state is EngineState.STOPPED
        return replace(status, state=EngineState.STARTING) if is_about_to_start else status

    def _is_written(self) -> bool:
        """Whether what happens goes into the history's file."""
        return not any(one.kind is ProblemKind.HISTORY for one in self._handle.problems())

    def show_tasks(self) -> None:
        """List the tasks anew, or say why there are none."""
        once = self._delayed()
        entries = [self._entry(view, once.get(view.name)) for view in self._handle.tasks()]
        entries += [self._removed_entry(name) for name in self._removed()]
        self._show_conditions()
        self._panel.show_tasks(entries, self._handle.now(), self.zone)
        if not entries:
            self._panel.say_no_tasks(*self._words_without_tasks())

    def _words_without_tasks(self) -> tuple[str, str]:
        if refusal := self._handle.refusal(Ability.EXAMPLE):
            return escape(f"No tasks yet\n\n{plain(refusal)}."), ""
        return NO_TASKS.format(folder=self._handle.status.tasks_dir.name), EXAMPLE

    def _delayed(self) -> Mapping[str, datetime]:
        """When the next run that is put off begins, of the tasks that have any."""
        return {one.task: one.at for one in reversed(self._handle.delayed_runs())}

    def _removed(self) -> frozenset[str]:
        """The tasks that are gone while a run of theirs goes on, or is still looked at."""
        table = self._panel.table
        kept = {run.task for run in self._handle.active_runs()}
        kept |= table.listing.removed & {table.chosen.path}
        return frozenset(name for name in kept if self._handle.task(name) is None)

    def show_counts(self) -> None:
        """Count what goes on and what went wrong."""
        active = self._handle.active_runs()
        running = sum(run.state is RunState.RUNNING for run in active)
        for header in self._headers:
            header.show_counts(
                running=running,
                waiting=len(active) - running,
                failed=self._panel.table.listing.failed,
                problems=len(self._handle.problems()),
            )

    def take_events(self, batch: Sequence[Event]) -> None:
        """Show what some events have changed, and nothing else."""
        if not self._has_started:
            self.show_status()
            return
        self._show_conditions()
        if any(isinstance(event, EngineStateChanged) for event in batch):
            self.show_all()
            return
        if any(map(_changes_rows, batch)) or self._has_other_removed():
            self.show_tasks()
        else:
            self._update(touched(batch))
        if any(isinstance(event, ProblemRaised | ProblemCleared) for event in batch):
            self.show_status()
        self.show_counts()

    def _has_other_removed(self) -> bool:
        return self._removed() != self._panel.table.listing.removed

    def tick(self) -> None:
        """Let the clock and the countdowns go on."""
        now = self._handle.now()
        self.show_status()
        table = self._panel.table
        if self._has_other_removed():
            self.show_tasks()
        self._show_conditions()
        table.tick(now)
        self._update(table.overdue())

    def _show_conditions(self) -> None:
        status = self._handle.status
        is_away = status.state is EngineState.UNREACHABLE
        scheduling = None if is_away else status.scheduling
        self._panel.table.set_conditions(self.zone, scheduling=scheduling)

    def _update(self, names: Iterable[str]) -> None:
        entries = [entry for name in names if (entry := self._entry_of(name))]
        if entries:
            self._panel.table.update_entries(entries)

    def _entry_of(self, name: str) -> TaskEntry | None:
        view = self._handle.task(name)
        if view is None and name in self._panel.table.listing.removed:
            return self._removed_entry(name)
        return self._entry(view, self._delayed().get(name)) if view else None

    def _entry(self, view: TaskView, once: datetime | None) -> TaskEntry:
        handle, has_several = self._handle, len(view.schedules) > 1
        following = handle.next_schedule(view.name) if has_several else None
        return TaskEntry(view, handle.task_status(view.name), once=once, next_schedule=following)

    def _removed_entry(self, name: str) -> TaskEntry:
        return TaskEntry.of_removed(name, self._handle.task_status(name))


def _changes_rows(event: Event) -> bool:
    return isinstance(event, CatalogChanged) and bool(event.added or event.removed)


def touched(events: Iterable[Event]) -> set[str]:
    """The names of the tasks that some events are about."""
    names: set[str] = set()
    for event in events:
        match event:
            case RunEvent(run=run):
                names.add(run.task)
            case SchedulePaused(task=task) | ScheduleResumed(task=task):
                names.add(task)
            case FireMissed(missed=missed) | MissedFiresCleared(missed=missed):
                names.add(missed.task)
            case RunDelayed(delayed=delayed) | DelayedRunEnded(delayed=delayed):
                names.add(delayed.task)
            case CatalogChanged():
                names.update(event.added, event.removed, event.changed)
            case ProblemRaised(problem=problem) | ProblemCleared(problem=problem):
                names.update({problem.task} if problem.task else ())
            case _:
                pass
    return names
