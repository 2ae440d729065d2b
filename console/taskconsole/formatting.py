"""Durations, instants and counts as people read them: short, and the same everywhere."""

from datetime import datetime, timedelta, tzinfo

_MINUTE = 60
_HOUR = 3_600
_DAY = 86_400
_DAYS_NAMED_BY_WEEKDAY = 6


def format_duration(duration: timedelta) -> str:
    """How long something took: `12ms`, `3.1s`, `1m 05s`, `2h 03m`, `3d 04h`. Rounded down."""
    milliseconds = max(duration // timedelta(milliseconds=1), 0)
    seconds = milliseconds // 1000
    if milliseconds < 100:
        return f"{milliseconds}ms"
    if seconds < _MINUTE:
        return f"{seconds}.{milliseconds % 1000 // 100}s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE}m {seconds % _MINUTE:02}s"
    if seconds < _DAY:
        return f"{seconds // _HOUR}h {seconds % _HOUR // _MINUTE:02}m"
    return f"{seconds // _DAY}d {seconds % _DAY // _HOUR:02}h"


def format_countdown(left: timedelta) -> str:
    """How long until something happens: `0:39`, `56:39`, `3 h 12 m`, `4 d 2 h`.

    Rounded up, so that `0:00` means now.
    """
    seconds = max(-(-left // timedelta(seconds=1)), 0)
    if seconds < _HOUR:
        return f"{seconds // _MINUTE}:{seconds % _MINUTE:02}"
    if seconds < _DAY:
        return f"{seconds // _HOUR} h {seconds % _HOUR // _MINUTE} m"
    return f"{seconds // _DAY} d {seconds % _DAY // _HOUR} h"


def format_when(instant: datetime, now: datetime, zone: tzinfo) -> str:
    """An instant as seen in `zone` from `now`, to the minute: `today 14:00`, `tomorrow 03:00`,
    `yesterday 18:20`, `Mon 09:30` in the six days to come, else `2026-12-24 03:00`.
    """
    local = instant.astimezone(zone)
    days = (local.date() - now.astimezone(zone).date()).days
    return f"{_day_name(local, days)} {local:%H:%M}"


def _day_name(local: datetime, days: int) -> str:
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(days)
    if near:
        return near
    if 0 < days <= _DAYS_NAMED_BY_WEEKDAY:
        return ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[local.weekday()]
    return f"{local:%Y-%m-%d}"


def format_count(number: int) -> str:
    """A whole number with its thousands set apart: `12,345`."""
    return f"{number:,}"
