"""When the chosen task fires: each schedule in words, whether it is paused, and what comes next."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from taskconsole.formatting import format_countdown
from taskengine.client.views import ScheduleView, TaskStatus, TaskView


class ScheduleTab(VerticalScroll):
    """Shows the schedules and fires that it is given."""

    DEFAULT_CSS = """
    ScheduleTab { padding: 0 1; scrollbar-size-vertical: 1; }
    """

    def compose(self) -> ComposeResult:
        """One text that scrolls."""
        yield Static(id="schedule")

    def show(
        self,
        view: TaskView,
        status: TaskStatus,
        fires: Sequence[datetime],
        now: datetime,
        zone: tzinfo,
        *,
        scheduling: bool = True,
    ) -> None:
        """Show a task's schedules, and its coming fires in the project's zone.

        Without `scheduling` they are those that would come.
        """
        title = _fires_title(status, fires, zone, scheduling=scheduling)
        lines = list(_lines(view, status, title, fires, now, zone))
        self.query_one("#schedule", Static).update(Content("\n").join(lines))


def _lines(
    view: TaskView,
    status: TaskStatus,
    title: str,
    fires: Sequence[datetime],
    now: datetime,
    zone: tzinfo,
) -> Iterator[Content]:
    if not view.schedules:
        yield from _unscheduled(view.name)
        return
    if status.paused:
        reason = f": {status.pause_reason}" if status.pause_reason else ""
        yield Content.styled(f"‖ paused{reason}", "bold $warning")
    for schedule in view.schedules:
        yield from _schedule(schedule)
    yield Content.styled(title, "$text-muted")
    for fire in fires:
        yield _fire(fire, now, zone)


def _unscheduled(task: str) -> Iterator[Content]:
    yield Content("No schedule: this task runs when somebody runs it.")
    yield Content("")
    yield Content.styled("To let it fire every hour, say so beside it:", "$text-muted")
    yield Content('  @task(schedule="@hourly")')
    yield Content.styled("or in taskconsole.toml:", "$text-muted")
    yield Content("  [scheduled_tasks]")
    yield Content(f'  "@hourly" = "{task}"')


def _schedule(schedule: ScheduleView) -> Iterator[Content]:
    finished = "  finished" if schedule.finished else ""
    cron = (schedule.cron, "bold $secondary")
    yield Content.assemble(cron, f"  {schedule.words}", (finished, "$warning"))
    yield Content.styled(f"in {schedule.timezone} · from {schedule.source}", "$text-muted")
    if schedule.payload:
        yield Content.styled(
            f"with {json.dumps(schedule.payload, ensure_ascii=False)}", "$text-muted"
        )


def _fires_title(
    status: TaskStatus, fires: Sequence[datetime], zone: tzinfo, *, scheduling: bool
) -> str:
    if not fires:
        return "It fires no more."
    if not scheduling:
        return f"Would fire, were scheduling on ({zone})"
    would = "Would fire, were it not paused" if status.paused else "Next fires"
    return f"{would} ({zone})"


def _fire(fire: datetime, now: datetime, zone: tzinfo) -> Content:
    local = fire.astimezone(zone)
    return Content.assemble(
        f"  {local:%a} {local.day:>2} {local:%b %H:%M:%S}",
        (f"   in {format_countdown(fire - now)}", "$text-muted"),
    )
