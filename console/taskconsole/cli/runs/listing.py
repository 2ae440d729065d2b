"""`taskconsole runs list`."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from taskconsole.cli.completion.names import complete_tasks
from taskconsole.cli.examples import examples
from taskconsole.cli.instants import instant
from taskconsole.cli.printing import Cell, Column, narrate, print_json, print_table
from taskconsole.cli.project import root_of
from taskconsole.cli.refusing import refusals, unknown_task
from taskconsole.cli.runs.past import PastRuns, past_runs
from taskconsole.cli.runs.run_id import run_id
from taskconsole.cli.runs.times import took
from taskconsole.cli.task_names import task_names
from taskconsole.cli.words import colour_of, moment
from taskengine.records import RunPage, RunQuery, RunSummary
from taskengine.run import RunState, Trigger

_USUAL = 20
_MOST_AT_ONCE = 1_000
_STATES = [one.value for one in RunState]
_TRIGGERS = [one.value for one in Trigger]
_COLUMNS = (
    Column("run", right=True),
    Column("task"),
    Column("state"),
    Column("trigger", minor=True),
    Column("queued"),
    Column("took", right=True, minor=True),
    Column("payload or error", flexible=True),
)


def _words(text: str) -> str:
    """A text to search for, which has a word unless it is empty."""
    from taskengine.client.run_text import text_fault

    if fault := text_fault(text):
        raise click.BadParameter(f"{text!r} {fault}")
    return text


@click.command(
    "list",
    epilog=examples(
        "runs list --task db:migrate --state failed",
        "runs list --since 2026-01-31 --text timeout --json",
    ),
)
@click.option("--task", metavar="NAME", help="Of this task.", shell_complete=complete_tasks)
@click.option("--state", "states", multiple=True, type=click.Choice(_STATES), help="In this.")
@click.option("--trigger", "triggers", multiple=True, type=click.Choice(_TRIGGERS), help="By it.")
@click.option(
    "--since", type=instant, metavar="WHEN", help="Queued at this date or time, or later."
)
@click.option("--until", type=instant, metavar="WHEN", help="Queued before this date or time.")
@click.option(
    "--text",
    type=_words,
    default="",
    metavar="WORDS",
    help="With these words in payload, result or error.",
)
@click.option(
    "--limit", type=click.IntRange(min=1), default=_USUAL, show_default=True, help="So many."
)
@click.option("--before", type=run_id, metavar="ID", help="Older than this run.")
@click.option("--json", "as_json", is_flag=True, help="Tell it in JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    limit: int,
    before: int | None,
    as_json: bool,
    states: Sequence[str],
    triggers: Sequence[str],
    **filters: Any,
) -> None:
    """List runs, the newest first. --state and --trigger may be repeated."""
    query = RunQuery(
        states=frozenset(map(RunState, states)),
        triggers=frozenset(map(Trigger, triggers)),
        **filters,
    )
    root = root_of(ctx)
    with refusals(ctx), past_runs(root) as runs:
        page = _found(runs, query, before, limit)
        if not page.runs and query.task:
            _check_task(query.task, runs, root)
    if as_json:
        print_json({"runs": page.runs, "before": page.before})
        return
    print_table(_COLUMNS, map(_row, page.runs))
    if not page.runs:
        narrate("There are no such runs.")
    elif page.before is not None and sys.stdout.isatty():
        narrate(f"Older ones: --before {page.before}")


def _found(runs: PastRuns, query: RunQuery, before: int | None, limit: int) -> RunPage:
    """As many runs as were asked for, in whatever pieces they are found."""
    found: list[RunSummary] = []
    while True:
        page = runs.page(query, before, min(limit - len(found), _MOST_AT_ONCE))
        found += page.runs
        before = page.before
        if before is None or len(found) >= limit:
            return RunPage(tuple(found), before)


def _check_task(task: str, runs: PastRuns, root: Path) -> None:
    """Raises Refusal where there neither is such a task nor was."""
    if runs.page(RunQuery(task=task), None, 1).runs:
        return
    names = task_names(root)
    if task not in names:
        raise unknown_task(task, names)


def _row(run: RunSummary) -> Sequence[str | Cell]:
    return (
        str(run.id),
        run.task,
        Cell(run.state.value, colour_of(run.state)),
        run.trigger.value,
        moment(run.queued_at),
        took(run),
        Cell(run.error, "red") if run.error else _payload(run.payload),
    )


def _payload(text: str) -> str:
    return "" if text == json.dumps({}) else text
