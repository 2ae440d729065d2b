"""`taskconsole schedule`: when tasks fire, what an expression means, and pauses."""

import click

from taskconsole.cli.lazy_group import LazyGroup


@click.group(
    "schedule",
    cls=LazyGroup,
    package=__name__,
    modules={"next": "coming", "explain": "explain", "pause": "pause", "resume": "resume"},
)
def command() -> None:
    """Tell when tasks fire, explain an expression, pause and resume."""
