"""Instants and clock changes in words, in the zone of the schedule that they belong to."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from taskconsole.cli.schedule.clock_changes import ClockChange
from taskconsole.formatting import format_countdown

_NAMED = 3


def local(instant: datetime, zone: tzinfo) -> str:
    """An instant with its offset, as JSON has it: `2026-03-29T02:00:00+01:00`."""
    return instant.astimezone(zone).isoformat()


def in_full(instant: datetime, zone: tzinfo) -> str:
    """`Sun 2026-03-29 02:00:00 BST`."""
    return f"{instant.astimezone(zone):%a %Y-%m-%d %H:%M:%S %Z}"


def countdown(instant: datetime, now: datetime) -> str:
    """`in 0:39`, `in 3 h 12 m`; `now` for what is due."""
    return f"in {format_countdown(instant - now)}" if instant > now else "now"


def with_countdown(instant: datetime, now: datetime, zone: tzinfo) -> str:
    """An instant, and how long it takes to come."""
    return f"{in_full(instant, zone)}  {countdown(instant, now)}"


def change_in_words(change: ClockChange, zone: tzinfo) -> str:
    """What the clock does, and what the schedule does then."""
    before = change.at.astimezone(zone) - timedelta(microseconds=1)
    old = change.at + change.before
    way = "forward" if change.is_gap else "back"
    name = f"{(change.at - timedelta(seconds=1)).astimezone(zone):%Z}"
    moved = (
        f"{before:%a %Y-%m-%d}: {old:%H:%M} {name} {way} to {change.at.astimezone(zone):%H:%M %Z}"
    )
    return f"{moved}; {_effect(change, zone)}"


def _effect(change: ClockChange, zone: tzinfo) -> str:
    if not change.times:
        return "no time of this expression is concerned"
    times = _listed([f"{time:{_clock(time)}}" for time in change.times])
    is_one = len(change.times) == 1
    if change.is_gap:
        lost = f"{times} {'is' if is_one else 'are'} skipped"
    else:
        lost = f"{times} {'comes' if is_one else 'come'} twice"
    return f"{lost}; {_fired(change.fires, zone)}"


def _fired(fires: Sequence[datetime], zone: tzinfo) -> str:
    if not fires:
        return "it does not fire then"
    instants = [fire.astimezone(zone) for fire in fires]
    return f"it fires at {_listed([f'{one:{_clock(one)} %Z}' for one in instants])}"


def _clock(time: datetime) -> str:
    return "%H:%M:%S" if time.second else "%H:%M"


def _listed(texts: Sequence[str]) -> str:
    """The first few of some texts, and how many more there are."""
    if len(texts) <= _NAMED + 1:
        return ", ".join(texts)
    return f"{', '.join(texts[:_NAMED])} and {len(texts) - _NAMED} more"
