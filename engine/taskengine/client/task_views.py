"""What is known of a task apart from its runs, made of the catalog's entry."""

from datetime import datetime

from taskengine.client.option_views import option_views
from taskengine.client.views import ScheduleView, TaskView
from taskengine.project.catalog import CatalogEntry
from taskengine.schedule.entry import ScheduleEntry
from taskengine.schedule.timed import delay_of
from taskengine.schedule.words import describe, describe_short


def view_of(entry: CatalogEntry, now: datetime) -> TaskView:
    """A task as it stands in the catalog at an instant."""
    return TaskView(
        name=entry.name,
        title=entry.title,
        description=entry.description,
        path=entry.path,
        line=entry.line,
        runnable=entry.function is not None or not entry.loaded,
        schedules=tuple(
            _schedule_view(schedule, entry.options.jitter, now) for schedule in entry.schedules
        ),
        options=option_views(entry.options),
        schema=entry.payload_type.schema if entry.payload_type else None,
        problem=entry.problem,
    )


def _schedule_view(schedule: ScheduleEntry, jitter: float, now: datetime) -> ScheduleView:
    cron = schedule.cron
    return ScheduleView(
        cron=cron.expression,
        words=describe(cron),
        short_words=describe_short(cron),
        timezone=cron.timezone,
        source=schedule.source,
        payload=schedule.payload,
        finished=cron.next(now) is None,
        delay=delay_of(schedule, jitter).total_seconds(),
    )
