"""`taskconsole history`: move what is kept of past runs, and make it smaller."""

import click

from taskconsole.cli.history.exporting import export
from taskconsole.cli.history.importing import import_
from taskconsole.cli.history.prune import prune


@click.group("history")
def command() -> None:
    """Export, import and shrink what is kept of past runs."""


command.add_command(export)
command.add_command(import_)
command.add_command(prune)
