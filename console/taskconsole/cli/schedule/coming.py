"""`taskconsole schedule next`."""

import heapq
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, takewhile
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from taskconsole.cli.completion.names import complete_tasks
from taskconsole.cli.durations import duration
from taskconsole.cli.examples import examples
from taskconsole.cli.importing.patience import import_timeout
from taskconsole.cli.importing.told import tell_problems
from taskconsole.cli.printing import Cell, Column, narrate, print_json, print_table
from taskconsole.cli.project import engine_of, root_of
from taskconsole.cli.refusing import refusals, unknown_task
from taskconsole.cli.schedule.instants import countdown, in_full, local
from taskconsole.cli.schedule.known_schedules import KnownSchedules, from_engine, from_files
from taskconsole.cli.task_names import names_in_files
from taskengine.clock import SystemClock
from taskengine.run import Trigger
from taskengine.schedule.timetable import Timetable

_USUAL = 10
_MOST = 10_000
_COLUMNS = (
    Column("when"),
    Column("left", right=True, minor=True),
    Column("task"),
    Column("expression", minor=True),
    Column("zone", minor=True),
    Column("note", flexible=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingFire:
    """A run to come: `at` (aware, UTC) in the zone of its schedule. `cron` is None for one that was
    put off; `pause` says why its task is paused, None if it is not.
    """

    at: datetime
    task: str
    timezone: str
    cron: str | None = None
    pause: str | None = None


@click.command(
    "next",
    short_help="Tell when the tasks fire next.",
    epilog=examples(
        "schedule next --within 24h",
        "schedule next db:migrate --count 3",
    ),
)
@click.argument("names", metavar="[NAME]...", nargs=-1, shell_complete=complete_tasks)
@click.option("--count", type=click.IntRange(1, _MOST), help=f"So many fires; {_USUAL} by default.")
@click.option("--within", type=duration, metavar="TIME", help='Those of this time, as "24h".')
@import_timeout
@click.option("--json", "as_json", is_flag=True, help="Tell it in JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    names: Sequence[str],
    count: int | None,
    within: timedelta | None,
    patience: float,
    as_json: bool,
) -> None:
    """Tell when the tasks fire next, in order: all of them, or those that are named.

    Each instant is in the zone of its schedule. What is paused is shown, and marked.
    """
    root = root_of(ctx)
    with refusals(ctx):
        known = _known(root, names, patience)
    now = SystemClock().now()
    most = count or (_USUAL if within is None else _MOST)
    coming = coming_fires(known, frozenset(names) or known.tasks, now)
    if within is not None:
        until = now + within
        coming = takewhile(lambda fire: fire.at <= until, coming)
    fires = list(islice(coming, most))
    if as_json:
        print_json({"fires": [_as_json(fire) for fire in fires], "problems": known.problems})
    else:
        print_table(_COLUMNS, [_row(fire, now) for fire in fires])
        if not fires:
            narrate("Nothing is to fire.")
        elif known.held:
            narrate(known.held)
    tell_problems(known.problems)


def _known(root: Path, names: Sequence[str], patience: float) -> KnownSchedules:
    """All schedules. Raises Refusal if one of the names is not known."""
    calls = engine_of(root)
    if calls is None:
        if names:  # a wrong one is told at once, whatever imports do
            _check(names, names_in_files(root))
        return from_files(root, patience)
    with closing(calls):
        known = from_engine(calls)
    _check(names, known.tasks)
    return known


def _check(names: Sequence[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            raise unknown_task(name, known)


def coming_fires(
    known: KnownSchedules, tasks: frozenset[str], now: datetime
) -> Iterator[ComingFire]:
    """All fires of some tasks after an instant, in order and without end."""
    timetable = Timetable(now)
    wanted = (one for one in known.schedules if one.entry.task in tasks)
    timetable.replace(wanted, since=lambda one: now - one.delay)
    scheduled = (
        ComingFire(
            at=slot.due,
            task=slot.schedule.entry.task,
            timezone=slot.schedule.entry.cron.timezone,
            cron=slot.schedule.entry.cron.expression,
            pause=known.pauses.get(slot.schedule.entry.task),
        )
        for slot in timetable.coming()
    )
    delayed = (
        ComingFire(at=one.at, task=one.task, timezone=known.timezone)
        for one in sorted(known.delayed, key=lambda one: one.at)
        if one.task in tasks
    )
    return heapq.merge(scheduled, delayed, key=lambda fire: fire.at)


def _row(fire: ComingFire, now: datetime) -> Sequence[str | Cell]:
    return (
        in_full(fire.at, ZoneInfo(fire.timezone)),
        countdown(fire.at, now),
        Cell(fire.task, "bright_black" if fire.pause is not None else "cyan"),
        fire.cron or "once",
        fire.timezone,
        "" if fire.pause is None else Cell(f"paused: {fire.pause}".rstrip(": "), "yellow"),
    )


def _as_json(fire: ComingFire) -> dict[str, object]:
    return {
        "at": fire.at,
        "local": local(fire.at, ZoneInfo(fire.timezone)),
        "task": fire.task,
        "kind": (Trigger.SCHEDULE if fire.cron else Trigger.DELAYED).value,
        "cron": fire.cron,
        "timezone": fire.timezone,
        "paused": fire.pause is not None,
        "pause_reason": fire.pause or "",
    }
