"""`taskconsole history`: move what is kept of past runs, and make it smaller."""

import click

from taskconsole.cli.lazy_group import LazyGroup


@click.group(
    "history",
    cls=LazyGroup,
    package=__name__,
    modules={"export": "exporting", "import": "importing", "prune": "prune"},
)
def command() -> None:
    """Export, import and shrink what is kept of past runs."""
