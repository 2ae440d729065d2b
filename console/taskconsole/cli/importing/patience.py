"""How long a command's imports may take, as its users say it."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
_USUAL = "1m"
_LONGEST = 86_400.0


def _patience(text: str) -> float:
    """How many seconds an import may take."""
    from taskconsole.cli.durations import duration

    seconds = duration(text).total_seconds()
    if not 0 < seconds <= _LONGEST:
        raise click.BadParameter("it must be more than nothing, and at most a day")
    return seconds


def import_timeout(command: F) -> F:
    """The option `--import-timeout`: `patience`, in seconds."""
    option = click.option(
        "--import-timeout",
        "patience",
        type=_patience,
        default=_USUAL,
        show_default=True,
        metavar="TIME",
        help="Cut off a file whose import takes longer.",
    )
    return option(command)
