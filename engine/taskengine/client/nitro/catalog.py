"""The tasks of a Nitro server as views: their schedules read, and what is wrong with those."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from taskengine.client.nitro.listing import ListedSchedule, Listing
from taskengine.client.views import ScheduleView, TaskView
from taskengine.events import CatalogChanged
from taskengine.problem import Problem, ProblemKind
from taskengine.schedule.cron import Cron, CronError
from taskengine.schedule.words import describe, describe_short

SOURCE = "scheduledTasks of the Nitro config; in the server's zone, taken to be this machine's"


@dataclass(frozen=True, slots=True)
class NitroCatalog:
    """The tasks by name, in the order of their names, and what is wrong with the listing."""

    views: Mapping[str, TaskView] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def change_since(self, before: "NitroCatalog", at: datetime) -> CatalogChanged | None:
        """What is different from the catalog before; None if nothing is."""
        added = tuple(name for name in self.views if name not in before.views)
        removed = tuple(name for name in before.views if name not in self.views)
        changed = tuple(
            name
            for name, view in self.views.items()
            if name in before.views and before.views[name] != view
        )
        if not (added or removed or changed):
            return None
        return CatalogChanged(at=at, added=added, removed=removed, changed=changed)


def catalog_of(listing: Listing, zone: str, now: datetime) -> NitroCatalog:
    """The catalog of a listing, its schedules read in a zone."""
    problems = [Problem(kind=ProblemKind.SERVER, message=fault) for fault in listing.faults]
    schedules: dict[str, list[ScheduleView]] = {}
    refused: dict[str, Problem] = {}
    for schedule in listing.schedules:
        known = [name for name in schedule.tasks if name in listing.tasks]
        problems += _unknown(schedule, listing)
        try:
            view = _view(schedule.cron, zone, now)
        except CronError as error:
            refused |= {name: _refusal(schedule.cron, name, error) for name in known}
        else:
            for name in known:
                schedules.setdefault(name, []).append(view)
    views = {
        name: TaskView(
            name=name,
            description=listing.tasks[name],
            schedules=tuple(schedules.get(name, ())),
            problem=refused.get(name),
        )
        for name in sorted(listing.tasks)
    }
    return NitroCatalog(views, (*problems, *refused.values()))


def _view(cron: str, zone: str, now: datetime) -> ScheduleView:
    read = Cron(cron, zone)
    return ScheduleView(
        cron=cron,
        words=describe(read),
        short_words=describe_short(read),
        timezone=zone,
        source=SOURCE,
        finished=read.is_finished(now),
    )


def _unknown(schedule: ListedSchedule, listing: Listing) -> Iterator[Problem]:
    for name in schedule.tasks:
        if name not in listing.tasks:
            message = f"`{schedule.cron}` names the task `{name}`, which the server does not list"
            yield Problem(kind=ProblemKind.SCHEDULE, message=message)


def _refusal(cron: str, task: str, error: CronError) -> Problem:
    return Problem(
        kind=ProblemKind.SCHEDULE,
        message=f"`{cron}`: {error}",
        task=task,
        hint=error.hint,
    )
