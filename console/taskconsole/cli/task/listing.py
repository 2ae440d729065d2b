"""`taskconsole task list`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import click

from taskconsole.cli.examples import examples
from taskconsole.cli.importing.patience import import_timeout
from taskconsole.cli.importing.told import tell_problems
from taskconsole.cli.printing import Cell, Column, narrate, print_json, print_table
from taskconsole.cli.project import engine_of, root_of
from taskconsole.cli.refusing import refusals
from taskconsole.cli.words import colour_of, moment

_COLUMNS = (
    Column("name"),
    Column("schedule", minor=True),
    Column("next fire"),
    Column("last run"),
    Column("description", flexible=True, minor=True),
)


@click.command(
    "list",
    epilog=examples(
        "task list",
        "task list --json | jq -r '.tasks[] | select(.paused) | .name'",
    ),
)
@import_timeout
@click.option("--json", "as_json", is_flag=True, help="Tell it in JSON.")
@click.pass_context
def command(ctx: click.Context, patience: float, as_json: bool) -> None:
    """List the tasks: when they fire next, and how they ended last.

    Without an engine at work, the tasks are told from their files' text and the history; only a
    file that computes its schedule or description is imported for it.
    """
    with refusals(ctx):
        root = root_of(ctx)
        calls = engine_of(root)
        if calls is None:
            from taskconsole.cli.task.known_tasks import tasks_of_files

            tasks, problems = tasks_of_files(root, patience)
        else:
            tasks = [_of_answer(one) for one in calls.get("tasks")["tasks"]]
            problems = calls.get("problems")["problems"]
    if as_json:
        print_json({"tasks": tasks, "problems": problems, "engine": calls is not None})
    else:
        print_table(_COLUMNS, map(_row, tasks))
    if not tasks:
        narrate("There are no tasks yet: `taskconsole task new NAME` begins one.")
    tell_problems(problems)


def _of_answer(task: Mapping[str, Any]) -> dict[str, Any]:
    """What is listed of a task that an engine has told of."""
    view, status = task["view"], task["status"]
    return {
        "name": view["name"],
        "title": view["title"],
        "description": view["description"],
        "runnable": view["runnable"],
        "schedules": [
            {"cron": one["cron"], "timezone": one["timezone"], "short_words": one["short_words"]}
            for one in view["schedules"]
        ],
        "next_fire": status["next_fire"],
        "paused": status["paused"],
        "active": [run["id"] for run in status["active"]],
        "last": _last(status["last"]),
    }


def _last(run: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return {key: run[key] for key in ("id", "state", "ended_at")} if run else None


def _row(task: Mapping[str, Any]) -> Sequence[str | Cell]:
    return (
        task["name"],
        _schedules(task["schedules"]),
        Cell("paused", "yellow") if task["paused"] else _next(task["next_fire"]),
        _outcome(task),
        task["description"] or task["title"],
    )


def _schedules(schedules: Iterable[Mapping[str, Any]]) -> str:
    return "; ".join(one["short_words"] for one in schedules)


def _next(fire: str | None) -> str:
    return moment(datetime.fromisoformat(fire)) if fire else ""


def _outcome(task: Mapping[str, Any]) -> Cell:
    if task["active"]:
        return Cell("running", "cyan")
    if last := task["last"]:
        at = moment(datetime.fromisoformat(last["ended_at"])) if last["ended_at"] else ""
        return Cell(f"{last['state']} {at}".rstrip(), colour_of(last["state"]))
    return Cell("" if task["runnable"] else "no code", None if task["runnable"] else "red")
