"""`taskconsole task show`."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import click

from taskconsole.cli.completion.names import complete_tasks
from taskconsole.cli.importing.patience import import_timeout
from taskconsole.cli.printing import Cell, count, print_fields, print_json
from taskconsole.cli.problems import in_words
from taskconsole.cli.project import engine_of, root_of
from taskconsole.cli.refusing import refusals, unknown_task
from taskconsole.cli.runs.past import past_runs
from taskconsole.cli.task_names import names_in_engine, names_in_files
from taskconsole.cli.words import moment
from taskconsole.formatting import format_duration
from taskengine.client.calls import Calls
from taskengine.client.views import OptionView, ScheduleView, TaskView
from taskengine.client.wire.form import fact_of
from taskengine.errors import TaskNotFound
from taskengine.records import RunQuery, RunSummary, TaskStatistics

_FIRES = 5
_RUNS = 5
_DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTask:
    """All that is shown of a task; `pause` says why it is paused, None if it is not."""

    view: TaskView
    next_fires: Sequence[datetime]
    statistics: TaskStatistics
    pause: str | None = None


@click.command("show")
@click.argument("name", shell_complete=complete_tasks)
@import_timeout
@click.option("--json", "as_json", is_flag=True, help="Tell it in JSON.")
@click.pass_context
def command(ctx: click.Context, name: str, patience: float, as_json: bool) -> None:
    """Show what the task NAME is, when it fires and how it fares.

    Without an engine at work, its project's tasks are imported for that.
    """
    with refusals(ctx):
        root = root_of(ctx)
        calls = engine_of(root)
        task = _of_files(root, name, patience) if calls is None else _of_engine(calls, name)
        with past_runs(root) as runs:
            latest = runs.page(RunQuery(task=name), None, _RUNS).runs
    if as_json:
        print_json({**_parts(task), "runs": latest})
    else:
        print_fields(_fields(task, latest))


def _of_engine(calls: Calls, name: str) -> KnownTask:
    """A task as the engine knows it. Raises Refusal for a name that is not known."""
    try:
        answer = calls.get("tasks", name)
    except TaskNotFound:
        raise unknown_task(name, names_in_engine(calls)) from None
    status = answer["status"]
    return KnownTask(
        view=fact_of(answer["view"], TaskView),
        next_fires=[datetime.fromisoformat(one) for one in answer["next_fires"]][:_FIRES],
        statistics=fact_of(answer["statistics"], TaskStatistics),
        pause=status["pause_reason"] if status["paused"] else None,
    )


def _of_files(root: Path, name: str, patience: float) -> KnownTask:
    """A task as its code and the history tell. Raises Refusal for a name that is not known."""
    from taskconsole.cli.importing.told import import_and_tell
    from taskconsole.cli.runs.kept import kept_runs
    from taskconsole.cli.task.known_tasks import next_fires
    from taskengine.clock import SystemClock

    names = names_in_files(root)  # a wrong name is told at once, whatever imports do
    found = import_and_tell(root, patience).tasks if name in names else ()
    view = next((one for one in found if one.name == name), None)
    if view is None:
        raise unknown_task(name, names)
    with kept_runs(root) as runs:
        statistics = runs.statistics(name)
        pauses = runs.pauses()
    return KnownTask(
        view=view,
        next_fires=next_fires(view.schedules, SystemClock().now(), _FIRES),
        statistics=statistics,
        pause=pauses.get(name),
    )


def _parts(task: KnownTask) -> dict[str, object]:
    return {
        "view": task.view,
        "paused": task.pause is not None,
        "pause_reason": task.pause or "",
        "next_fires": task.next_fires,
        "statistics": task.statistics,
    }


def _fields(task: KnownTask, latest: Sequence[RunSummary]) -> Iterator[tuple[str, str | Cell]]:
    view = task.view
    yield "name", view.name
    yield "title", view.title
    yield "description", view.description
    yield "source", ":".join(str(one) for one in (view.path, view.line) if one)
    if view.problem:
        yield "problem", Cell(in_words(view.problem), "red")
    elif not view.runnable:
        yield "problem", Cell("it has no code, so it can't be run", "red")
    for schedule in view.schedules:
        yield "schedule", _schedule(schedule)
    if task.pause is not None:
        yield "paused", Cell(task.pause or "yes", "yellow")
    yield "next fires", "\n".join(map(moment, task.next_fires))
    written = [one for one in view.options if one.source != _DEFAULT]
    yield "options", "\n".join(map(_option, written))
    if view.schema is not None:
        yield "payload", json.dumps(view.schema, ensure_ascii=False, indent=2)
    yield "runs", _statistics(task.statistics)
    yield "latest", "\n".join(map(_run, latest))


def _schedule(schedule: ScheduleView) -> str:
    payload = (
        f"\nwith {json.dumps(schedule.payload, ensure_ascii=False)}" if schedule.payload else ""
    )
    finished = "; its last year has passed" if schedule.finished else ""
    place = f" ({schedule.source})" if schedule.source else ""
    return f"{schedule.cron}  {schedule.words}, {schedule.timezone}{place}{finished}{payload}"


def _option(option: OptionView) -> str:
    return f"{option.name} = {option.value} ({option.source})"


def _statistics(statistics: TaskStatistics) -> str:
    if not statistics.total:
        return ""
    counts = ", ".join(
        f"{number:,} {state}" for state, number in statistics.counts.items() if number
    )
    times = "".join(
        f"; {name} {format_duration(timedelta(seconds=seconds))}"
        for name, seconds in (("p50", statistics.p50), ("p95", statistics.p95))
        if seconds is not None
    )
    return f"{count(statistics.total, 'run')}: {counts}{times}"


def _run(run: RunSummary) -> str:
    return (
        f"#{run.id} {moment(run.queued_at)} {run.state.value}{f' {run.error}' if run.error else ''}"
    )
