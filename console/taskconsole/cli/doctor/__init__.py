"""`taskconsole doctor`: whether all is as it must be for taskconsole to work here."""

from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path

import click

from taskconsole.cli.doctor.finding import Finding, Level
from taskconsole.cli.exits import DONE, FAILED
from taskconsole.cli.printing import count, has_colours, narrate, print_json, safe
from taskconsole.cli.project import root_of

_ROOMS = ("software", "zones", "project", "history", "engine", "surroundings")
_COLOURS = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "red"}


@click.command("doctor", short_help="Look whether all is well on this machine.")
@click.option("--json", "as_json", is_flag=True, help="Tell it in JSON.")
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Look whether all is well: versions, zones, project, history, engine, terminal and limits.

    Each line is ok, warn or fail, with what to do. The exit code is 1 if anything fails. Nothing is
    changed, and none of the project's code runs; `taskconsole check` looks through that.
    """
    root = root_of(ctx)
    findings = [finding for room in _ROOMS for finding in _look(room, root)]
    failures = sum(one.level is Level.FAIL for one in findings)
    if as_json:
        print_json({"ok": not failures, "findings": findings})
    else:
        _print(findings)
        warnings = sum(one.level is Level.WARN for one in findings)
        narrate(f"{count(failures, 'failure')}, {count(warnings, 'warning')}.")
    ctx.exit(FAILED if failures else DONE)


def _look(room: str, root: Path) -> Iterator[Finding]:
    """What is found in one room. Where something unexpected keeps it from being looked at, that is
    a finding like others.
    """
    try:
        yield from import_module(f"{__name__}.{room}").look(root)
    except Exception as error:  # noqa: BLE001 - one fault must not hide all others
        yield Finding.fail(room, f"can't be looked at: {type(error).__name__}: {error}")


def _print(findings: Sequence[Finding]) -> None:
    import sys

    width = max(len(one.name) for one in findings)
    colours = has_colours(sys.stdout)
    for one in findings:
        mark = f"{one.level.value:<4}"
        shown = click.style(mark, fg=_COLOURS[one.level]) if colours else mark
        click.echo(f"{shown}  {one.name:<{width}}  {safe(one.text)}")
        for line in one.advice.splitlines():
            click.echo(f"{'':<4}  {'':<{width}}  → {safe(line)}")
