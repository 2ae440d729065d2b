"""`taskconsole history export`."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from sqlite3 import Connection
from typing import BinaryIO

import click

from taskconsole.cli.examples import examples
from taskconsole.cli.history.common import asked, check_tasks, of_tasks
from taskconsole.cli.instants import instant
from taskconsole.cli.printing import count, narrate
from taskconsole.cli.project import root_of
from taskconsole.cli.refusing import refusals

STANDARD = "-"


@click.command(
    "export",
    short_help="Write runs with their output to a file.",
    epilog=examples(
        "history export runs.jsonl --since 2026-01-31",
        "history export --task db:migrate | gzip >runs.jsonl.gz",
    ),
)
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True), default=STANDARD)
@of_tasks
@click.option(
    "--since", type=instant, metavar="WHEN", help="Only runs queued at this date or time, or later."
)
@click.option(
    "--until", type=instant, metavar="WHEN", help="Only runs queued before this date or time."
)
@click.pass_context
def command(
    ctx: click.Context,
    file: str,
    tasks: Sequence[str],
    since: datetime | None,
    until: datetime | None,
) -> None:
    """Write runs with their output to FILE as JSON lines, or to the standard output.

    An engine may be at work meanwhile. Runs that are not over are left out.
    """
    from taskengine.history.sqlite.offline import history_file
    from taskengine.history.transfer.exporting import (
        Exported,
        Selection,
        export_nothing,
        export_runs,
    )

    def export(connection: Connection) -> Exported:
        check_tasks(ctx, connection, tasks)
        return export_runs(connection, output, Selection(tasks=tasks, since=since, until=until))

    with refusals(ctx), _writing(file) as output:
        path = history_file(root_of(ctx))
        if path is None:
            export_nothing(output)
            narrate("No history is kept yet.")
            return
        done = asked(path, export)
    left_out = f"; {count(done.going_on, 'run')} not over left out" if done.going_on else ""
    words = f"{count(done.runs, 'run')} with {count(done.lines, 'line')} of output"
    narrate(f"Exported {words}{left_out}.")


@contextmanager
def _writing(file: str) -> Iterator[BinaryIO]:
    """The file to write to. One on disk takes its place only when it is complete."""
    path = Path(file)
    if file == STANDARD:
        yield sys.stdout.buffer
    elif path.exists() and not path.is_file():
        with path.open("wb") as output:
            yield output
    else:
        part = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with _opened(part, file) as output:
                yield output
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def _opened(part: Path, file: str) -> BinaryIO:
    try:
        return part.open("wb")
    except OSError as error:
        error.filename = file  # what was asked for, not a name that nobody has heard of
        raise
