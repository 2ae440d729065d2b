"""Instants as people type them in a command's options."""

from datetime import datetime

import click


def instant(text: str) -> datetime:
    """The instant (aware) of a date, or of a date and a time: in the machine's zone, unless it says
    in which.
    """
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        message = f"{text!r} is no date such as 2026-01-31 or 2026-01-31T18:30"
        raise click.BadParameter(message) from None
