"""Instants, outcomes and durations as the commands' tables show them."""

from collections.abc import Mapping
from datetime import datetime

_COLOURS: Mapping[str, str] = {
    "done": "green",
    "failed": "red",
    "timeout": "red",
    "crashed": "red",
    "cancelled": "yellow",
    "interrupted": "yellow",
    "skipped": "yellow",
    "running": "cyan",
    "waiting": "cyan",
    "queued": "cyan",
}


def moment(instant: datetime) -> str:
    """An instant in this machine's zone, to the second: `2026-01-31 18:30:05`."""
    return f"{instant.astimezone():%Y-%m-%d %H:%M:%S}"


def colour_of(state: str) -> str | None:
    """The colour of a run's state."""
    return _COLOURS.get(state)
