"""`taskconsole history prune`."""

import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from sqlite3 import Connection
from types import MappingProxyType
from typing import TYPE_CHECKING

import click

from taskconsole.cli.examples import examples
from taskconsole.cli.history.common import asked, check_tasks, of_tasks
from taskconsole.cli.importing.patience import import_timeout
from taskconsole.cli.printing import count, in_one_line, narrate, print_json
from taskconsole.cli.project import root_of
from taskconsole.cli.refusing import refusals
from taskengine.clock import SystemClock
from taskengine.history.retention import HistorySettings, Retention
from taskengine.history.sqlite.database import Database
from taskengine.history.sqlite.excess import Amount
from taskengine.project.option_error import OptionError
from taskengine.project.option_readers import CENTURY
from taskengine.project.option_values import read_option

if TYPE_CHECKING:
    from taskengine.history.sqlite.prune_plan import PrunePlan

_LONGEST_PLAN = 10.0  # seconds
_MOST_DAYS = CENTURY / 86_400  # as of the option `keep_days`


def _size(text: str) -> int | None:
    """A size in bytes, as the option `max_size` takes it."""
    try:
        size: int | None = read_option("max_size", int(text) if text.isdecimal() else text)
    except OptionError as error:
        raise click.BadParameter(f"it {error}") from None
    return size


@click.command(
    "prune",
    epilog=examples(
        "history prune --dry-run",
        "history prune --task db:migrate --keep-runs 100",
    ),
)
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@of_tasks
@click.option("--keep-runs", type=click.IntRange(min=1), help="Keep the latest runs, so many.")
@click.option(
    "--keep-days",
    type=click.FloatRange(min=0, min_open=True, max=_MOST_DAYS),
    help="Keep runs that ended in so many days.",
)
@click.option(
    "--max-size",
    type=_size,
    metavar="SIZE",
    help='Keep so many bytes, or "50MB", of the latest runs.',
)
@import_timeout
@click.option("--json", "as_json", is_flag=True, help="Tell it in JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    dry_run: bool,
    tasks: Sequence[str],
    keep_runs: int | None,
    keep_days: float | None,
    max_size: int | None,
    patience: float,
    as_json: bool,
) -> None:
    """Delete the oldest runs now, and make the file smaller.

    Without options, by what the config and the tasks say. The bounds that options give count
    instead of those: for the runs of each --task that is named, or else for all runs together.
    Runs that are not over stay. An engine may be at work meanwhile.
    """
    from taskengine.history.sqlite.offline import history_file, opened

    age = None if keep_days is None else timedelta(days=keep_days)
    bound = Retention(runs=keep_runs, age=age, size=max_size)
    with refusals(ctx):
        root = root_of(ctx)
        path = history_file(root)
        if path is None:
            _tell({}, as_json=as_json, dry_run=dry_run)
            return
        asked(path, lambda connection: check_tasks(ctx, connection, tasks))
        settings = _settings(root, tasks, bound, patience)
        if dry_run:
            found = asked(path, lambda connection: _plan(connection, settings))
            _tell(found.tasks, as_json=as_json, dry_run=True, complete=found.is_complete)
            return
        with opened(path) as database:
            _tell(_prune(database, settings), as_json=as_json)


def _settings(
    root: Path, tasks: Sequence[str], bound: Retention, patience: float
) -> HistorySettings:
    """The bounds that count."""
    if bound != Retention():
        of_tasks = dict.fromkeys(tasks, bound)
        return HistorySettings(project=Retention() if tasks else bound, tasks=of_tasks)
    configured = _configured(root, patience)
    if not tasks:
        return configured
    named = {name: one for name, one in configured.tasks.items() if name in tasks}
    return HistorySettings(project=Retention(), tasks=MappingProxyType(named))


def _configured(root: Path, patience: float) -> HistorySettings:
    """What the config and the tasks themselves ask for. Tasks are imported to be asked."""
    from taskconsole.cli.importing.told import import_and_tell

    return import_and_tell(root, patience).history


def _plan(connection: Connection, settings: HistorySettings) -> "PrunePlan":
    from taskengine.history.sqlite.prune_plan import plan

    late = time.monotonic() + _LONGEST_PLAN
    return plan(connection, settings, SystemClock().now(), lambda: time.monotonic() > late)


def _prune(database: Database, settings: HistorySettings) -> Mapping[str, Amount]:
    from taskengine.history.sqlite.prune import Pruner
    from taskengine.history.sqlite.transaction import transaction

    pruner = Pruner(SystemClock(), settings, thorough=True)
    has_more = True
    while has_more:
        begun = time.monotonic()
        with transaction(database.connection):
            has_more = pruner.prune(database.connection)
        time.sleep(time.monotonic() - begun)  # an engine at work writes meanwhile
    database.shorten_log(waits=True)
    return pruner.removed


def _tell(
    tasks: Mapping[str, Amount], *, as_json: bool, dry_run: bool = False, complete: bool = True
) -> None:
    runs = sum(one.runs for one in tasks.values())
    size = sum(one.size for one in tasks.values())
    if as_json:
        found = {
            "run_count": runs,
            "size": size,
            "tasks": [
                {"name": name, "run_count": one.runs, "size": one.size}
                for name, one in sorted(tasks.items())
            ],
            "complete": complete,
        }
        print_json(found)
        return
    for name, one in sorted(tasks.items()):
        # An imported name can be anything.
        click.echo(f"{one.runs:>9,} {one.size:>15,} {in_one_line(name)}")
    verb = "Would delete" if dry_run else "Deleted"
    least = "" if complete else " at least"
    narrate(f"{verb}{least} {count(runs, 'run')} of {size:,} bytes.")
