"""`taskconsole check`: whether a project's tasks could be run, without running any."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from taskconsole.cli.examples import examples
from taskconsole.cli.exits import DONE, FAILED
from taskconsole.cli.importing.patience import import_timeout
from taskconsole.cli.printing import count, has_colours, narrate, print_json, safe
from taskconsole.cli.project import root_of
from taskconsole.cli.refusing import refusals
from taskengine.problem import Problem


@click.command(
    "check",
    short_help="Find all that is wrong with the project.",
    epilog=examples(
        "check",
        "check --json | jq '.problems[].message'",
    ),
)
@import_timeout
@click.option("--traceback", "traces", is_flag=True, help="Show where imports have failed.")
@click.option("--json", "as_json", is_flag=True, help="Tell it in JSON.")
@click.pass_context
def command(ctx: click.Context, patience: float, traces: bool, as_json: bool) -> None:
    """Find all that is wrong with the project: its config, imports, options and schedules.

    For continuous integration: each problem takes a line, PATH:LINE:COLUMN: MESSAGE, and the exit
    code is 1 if there are any. Tasks are imported, in a process of their own, and none is run; what
    they print goes to the standard error. The history is not touched.
    """
    from taskconsole.cli.importing.elsewhere import import_elsewhere

    root = root_of(ctx)
    with refusals(ctx):
        found = import_elsewhere(root, patience, narrate)
    tasks, schedules = len(found.tasks), sum(len(one.schedules) for one in found.tasks)
    if as_json:
        counts = {"task_count": tasks, "schedule_count": schedules}
        print_json({"root": str(root), **counts, "problems": found.problems})
    else:
        for problem in found.problems:
            click.echo("\n".join(_lines(problem, root, traces=traces)))
        narrate(_summary(root, tasks, schedules, len(found.problems)))
    ctx.exit(FAILED if found.problems else DONE)


def _lines(problem: Problem, root: Path, *, traces: bool) -> Iterator[str]:
    """The problem in the form that editors and build servers know, and what to do about it."""
    place = [_from_here(problem.path or root), *(str(n) for n in _numbers(problem))]
    first, *more = problem.message.splitlines() or [""]
    yield safe(f"{':'.join(place)}: {first}")
    texts = [*more, *problem.hint.splitlines()]
    if traces:
        texts += problem.traceback.splitlines()
    yield from (_faint(f"  {safe(text)}") for text in texts)


def _numbers(problem: Problem) -> Sequence[int]:
    """The line, and with it the column, as far as they are known."""
    if problem.line is None:
        return ()
    return (problem.line,) if problem.column is None else (problem.line, problem.column)


def _from_here(path: Path) -> str:
    """A path as one would type it: relative to the working directory for what is below that."""
    here = Path.cwd()
    return os.path.relpath(path, here) if path.is_relative_to(here) else str(path)


def _faint(text: str) -> str:
    import sys

    return click.style(text, dim=True) if has_colours(sys.stdout) else text


def _summary(root: Path, tasks: int, schedules: int, problems: int) -> str:
    verdict = count(problems, "problem") if problems else "no problems"
    return f"{root}: {count(tasks, 'task')}, {count(schedules, 'schedule')}, {verdict}."
