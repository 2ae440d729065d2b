"""Instants as callers give them."""

import math
from datetime import UTC, datetime, timedelta

from taskengine.options import Duration
from taskengine.project.durations import parse_duration


def utc(instant: datetime) -> datetime:
    """An aware instant, in UTC. Raises ValueError for a naive one, or one beyond the calendar."""
    if instant.utcoffset() is None:
        raise ValueError(
            f"{instant!r} is naive: say in which zone it is, as in datetime.now(UTC) + one_hour"
        )
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{instant!r} is beyond the calendar in UTC") from None


def later(now: datetime, delay: Duration) -> datetime:
    """The instant after a time from now: seconds, or text such as "1h30m".

    Raises ValueError for what is no such time, or one that no calendar has.
    """
    seconds = parse_duration(delay) if isinstance(delay, str) else float(delay)
    if not (math.isfinite(seconds) and seconds >= 0):
        raise ValueError(f"{delay!r} is no time to wait: give seconds, or text such as '1h30m'")
    try:
        return now + timedelta(seconds=seconds)
    except OverflowError:
        raise ValueError(f"{delay!r} is longer than the calendar") from None
