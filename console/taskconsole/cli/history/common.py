"""What the commands of `taskconsole history` share: the project, and how they refuse."""

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from sqlite3 import Connection

import click

from taskconsole.cli import REFUSED
from taskengine.errors import EngineAlreadyRunning, HistoryTooNew
from taskengine.history.sqlite.offline import HistoryUnreachable
from taskengine.project.root import find_root

NO_SUCH_TASK = 3


def instant(text: str) -> datetime:
    """The instant (aware) of a date, or of a date and a time: in the machine's zone, unless it says
    in which.
    """
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        message = f"{text!r} is no date such as 2026-01-31 or 2026-01-31T18:30"
        raise click.BadParameter(message) from None


def root_of(ctx: click.Context) -> Path:
    """The project's root: the one named before the command, or the nearest one from here."""
    project: Path | None = ctx.find_root().params.get("project")
    return project.resolve() if project else find_root(Path.cwd())


@contextmanager
def refusals(ctx: click.Context) -> Iterator[None]:
    """Ends the command with a line and an exit code where the history says no."""
    try:
        yield
    except (HistoryUnreachable, HistoryTooNew) as error:
        refuse(ctx, str(error), REFUSED)
    except EngineAlreadyRunning as error:
        refuse(ctx, f"{error}; end it first", REFUSED)
    except OSError as error:
        if error.errno == errno.EPIPE:  # click ends quietly when nobody reads any more
            raise
        refuse(ctx, str(error), REFUSED)


def refuse(ctx: click.Context, why: str, code: int) -> None:
    """Say why the command does not go on, and end it."""
    click.echo(why, err=True)
    ctx.exit(code)


def check_tasks(ctx: click.Context, connection: Connection, tasks: Sequence[str]) -> None:
    """End the command if no run is kept of one of these tasks."""
    for task in tasks:
        if not connection.execute("SELECT 1 FROM runs WHERE task = ? LIMIT 1", (task,)).fetchone():
            refuse(ctx, f"no runs of `{task}` are kept", NO_SUCH_TASK)


def counted(number: int, noun: str) -> str:
    """A number with its noun: `1 run`, `2,000 runs`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
