"""`taskconsole runs`: what ran, and what is running."""

import click

from taskconsole.cli.lazy_group import LazyGroup


@click.group(
    "runs",
    cls=LazyGroup,
    package=__name__,
    modules={
        "list": "listing",
        "show": "showing",
        "logs": "logs",
        "cancel": "cancelling",
        "rerun": "rerunning",
    },
)
def command() -> None:
    """List, show, cancel and repeat runs, and print what they wrote."""
