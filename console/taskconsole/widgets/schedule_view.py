"""When the chosen task fires: each schedule in words, whether it is paused, what comes and was."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta, tzinfo

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from taskconsole.clock_changes import changes
from taskconsole.formatting import format_countdown, format_duration
from taskconsole.phrases import plain
from taskconsole.widgets.fire_list import FireList
from taskconsole.widgets.option_view import DEFAULT_SOURCE
from taskconsole.widgets.pending_list import Pending, PendingList
from taskengine.client.views import ScheduleView, TaskStatus, TaskView


class ScheduleTab(Vertical):
    """Shows the schedules and fires that it is given, below what was missed and what is put off,
    and above what became of the fires that have passed.
    """

    DEFAULT_CSS = """
    ScheduleTab {
        padding: 0 1;
        VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
    }
    """

    def compose(self) -> ComposeResult:
        """What can be acted upon, one text that scrolls, and the past."""
        yield PendingList()
        with VerticalScroll():
            yield Static(id="schedule")
        yield FireList()

    def show_pending(self, pending: Sequence[Pending], now: datetime, zone: tzinfo) -> None:
        """Show what was missed and what is put off."""
        rows = self.query_one(PendingList)
        if not pending and rows.has_focus:
            self.query_one(VerticalScroll).focus()
        rows.show(pending, now, zone)

    def focus_pending(self) -> None:
        """Let the user act upon it."""
        self.query_one(PendingList).focus()

    def show(
        self,
        view: TaskView,
        status: TaskStatus,
        fires: Sequence[datetime],
        now: datetime,
        zone: tzinfo,
        *,
        scheduling: bool = True,
        external: bool = False,
        advice: bool = True,
    ) -> None:
        """Show a task's schedules, and its coming fires in the project's zone.

        Without `scheduling` they are those that would come; `external` ones come when a platform's
        cron calls. With `advice` it is told how to schedule a task that has no schedule.
        """
        if not view.schedules:
            self._write(_unscheduled(view.name, advice=advice))
            return
        title = _fires_title(status, fires, zone, scheduling=scheduling, external=external)
        self._write(_lines(view, status, title, fires, now, zone))

    def _write(self, lines: Iterable[Content]) -> None:
        self.query_one("#schedule", Static).update(Content("\n").join(lines))


def _lines(
    view: TaskView,
    status: TaskStatus,
    title: str,
    fires: Sequence[datetime],
    now: datetime,
    zone: tzinfo,
) -> Iterator[Content]:
    if status.paused:
        reason = f": {status.pause_reason}" if status.pause_reason else ""
        yield Content.styled(f"‖ paused{reason}", "bold $warning")
    for schedule in view.schedules:
        yield from _schedule(schedule)
    yield from _making_up(view)
    yield Content.styled(title, "$text-muted")
    changed = dict(changes((now, *fires), zone))
    clock = "%H:%M:%S" if any(fire.second for fire in fires) else "%H:%M"
    for fire in fires:
        if fire in changed:
            yield Content.styled(changed[fire], "$warning")
        yield _fire(fire, now, zone, clock)


def _unscheduled(task: str, *, advice: bool) -> Iterator[Content]:
    yield Content("No schedule: this task runs when somebody runs it.")
    if not advice:
        return
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
    late = timedelta(seconds=schedule.delay)
    delay = f" · {format_duration(late)} later, by its jitter" if late else ""
    place = f"in {schedule.timezone}{delay} · from {schedule.source}"
    yield Content.styled(plain(place), "$text-muted")
    if schedule.payload:
        payload = json.dumps(schedule.payload, ensure_ascii=False)
        yield Content.styled(plain(f"with {payload}"), "$text-muted")


def _making_up(view: TaskView) -> Iterator[Content]:
    """What becomes of fires that are missed, where somebody has said so."""
    for option in view.options:
        if option.name == "catch_up" and option.source != DEFAULT_SOURCE:
            words = f"of fires that are missed it runs: {option.value}"
            yield Content.styled(plain(words), "$text-muted")


def _fires_title(
    status: TaskStatus,
    fires: Sequence[datetime],
    zone: tzinfo,
    *,
    scheduling: bool,
    external: bool,
) -> str:
    if not fires:
        return "It fires no more."
    if not scheduling:
        return f"Would fire, were scheduling on ({zone})"
    if status.paused:
        return f"Would fire, were it not paused ({zone})"
    return f"A platform's cron is to call it ({zone})" if external else f"Next fires ({zone})"


def _fire(fire: datetime, now: datetime, zone: tzinfo, clock: str) -> Content:
    local = fire.astimezone(zone)
    return Content.assemble(
        f"{local:%a} {local.day:>2} {local:%b} {local:{clock}}",
        (f"  in {format_countdown(fire - now)}", "$text-muted"),
    )
