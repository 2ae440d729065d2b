"""What a schedule does where the clocks of its zone change."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile

from taskengine.schedule.cron import Cron
from taskengine.schedule.walk import Walk
from taskengine.schedule.zones import Zone, load_zone

_MOST_TIMES = 4_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockChange:
    """The clock of a zone changes at the instant `at` (UTC); `before` and `after` are its offsets.

    `times` are the wall-clock times of an expression that are skipped, or that come twice: naive,
    as a clock shows them. `fires` are the instants at which it fires for them, in UTC.
    """

    at: datetime
    before: timedelta
    after: timedelta
    times: tuple[datetime, ...]
    fires: tuple[datetime, ...]

    @property
    def is_gap(self) -> bool:
        """Whether the clock goes forward and skips times; else it goes back and repeats some."""
        return self.after > self.before


def clock_changes(cron: Cron, after: datetime, until: datetime) -> Iterator[ClockChange]:
    """All changes of the clock in the expression's zone after an instant and up to another."""
    zone = load_zone(cron.timezone)
    for at, before, later in _changes(zone, _seconds(after), _seconds(until)):
        yield _change(cron, at, before, later)


def _changes(zone: Zone, after: int, until: int) -> Iterator[tuple[int, int, int]]:
    """Each change: its instant, and the offsets before and after it, all in seconds."""
    segment = zone.segment(after)
    while segment.end <= until:
        following = zone.segment(segment.end)
        if following.offset != segment.offset:
            yield segment.end, segment.offset, following.offset
        segment = following


def _change(cron: Cron, at: int, before: int, after: int) -> ClockChange:
    first, last = sorted((at + before, at + after))
    walls = takewhile(lambda wall: wall < last, _walls(Walk(cron.pattern), first))
    times = tuple(_instant(wall).replace(tzinfo=None) for wall in islice(walls, _MOST_TIMES))
    return ClockChange(
        at=_instant(at),
        before=timedelta(seconds=before),
        after=timedelta(seconds=after),
        times=times,
        fires=tuple(_fires(cron, at, before, after)) if times else (),
    )


def _walls(walk: Walk, wall: int) -> Iterator[int]:
    """The matching wall-clock times from one on."""
    while (found := walk.next(wall)) is not None:
        yield found
        wall = found + 1


def _fires(cron: Cron, at: int, before: int, after: int) -> Iterator[datetime]:
    """What fires at the end of a gap, or in both passes of what is repeated."""
    twice = max(before - after, 0)
    start, end = _instant(at - twice), _instant(at + twice)
    found = takewhile(lambda fire: fire <= end, cron.fires(start - _SECOND))
    return islice((fire for fire in found if not twice or fire < end), _MOST_TIMES)


def _seconds(instant: datetime) -> int:
    return (instant - _EPOCH) // _SECOND


def _instant(seconds: int) -> datetime:
    return _EPOCH + timedelta(seconds=seconds)
