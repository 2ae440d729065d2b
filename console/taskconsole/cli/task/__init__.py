"""`taskconsole task`: the tasks of a project, to look at, to run and to begin."""

import click

from taskconsole.cli.lazy_group import LazyGroup


@click.group(
    "task",
    cls=LazyGroup,
    package=__name__,
    modules={"list": "listing", "show": "showing", "run": "running", "new": "beginning"},
)
def command() -> None:
    """List, show, run and begin tasks."""
