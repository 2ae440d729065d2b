"""What the commands of `taskconsole history` share."""

from collections.abc import Sequence
from sqlite3 import Connection

import click

from taskconsole.cli.exits import NOT_FOUND
from taskconsole.cli.refusing import refuse


def check_tasks(ctx: click.Context, connection: Connection, tasks: Sequence[str]) -> None:
    """End the command if no run is kept of one of these tasks."""
    for task in tasks:
        if not connection.execute("SELECT 1 FROM runs WHERE task = ? LIMIT 1", (task,)).fetchone():
            refuse(ctx, f"no runs of `{task}` are kept", NOT_FOUND)
