"""What of a schedule's fires happens when their time has come, and what is missed.

Several fires can be due at once when the machine was suspended, the clock was set forward, or the
engine was not running.
"""

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta

from taskengine.options import CatchUp
from taskengine.schedule.cron import Cron
from taskengine.schedule.entry import ScheduleEntry
from taskengine.schedule.timed import TimedSchedule

ON_TIME = timedelta(seconds=60)
MISSED_COUNTED = 10_000
_SECOND = timedelta(seconds=1)  # fires are whole seconds

Fires = tuple[datetime, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Fires that passed unfired: `count` of them (counted up to 10,000), `first` to `last`, UTC."""

    first: datetime
    last: datetime
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What a schedule has to fire now, oldest first, and what it missed before that.

    `over_restart` is True if all of it was due before the engine began.
    """

    entry: ScheduleEntry
    fires: Fires
    missed: Missed | None = None
    over_restart: bool = False

    @property
    def last(self) -> datetime:
        """The latest of all these instants."""
        if self.fires:
            return self.fires[-1]
        assert self.missed is not None, "nothing is due"
        return self.missed.last

    @property
    def all_missed(self) -> Missed:
        """What is missed if none of it fires."""
        missed = self.missed
        return Missed(
            first=missed.first if missed else self.fires[0],
            last=self.last,
            count=min(len(self.fires) + (missed.count if missed else 0), MISSED_COUNTED),
        )


def due_until(
    schedule: TimedSchedule, first: datetime, now: datetime, *, over_restart: bool = False
) -> Due:
    """What becomes of the fires from `first` on that are due at `now`.

    Those that are less than a minute late are on time, whatever the rule for the others.
    """
    cron, last = schedule.entry.cron, now - schedule.delay
    on_time = _between(cron, max(first - _SECOND, last - ON_TIME), last)
    fires = (*_made_up(schedule, first, last, on_time, over_restart=over_restart), *on_time)
    missed = _missed(cron, first, fires[0] - _SECOND if fires else last)
    return Due(entry=schedule.entry, fires=fires, missed=missed, over_restart=over_restart)


def _made_up(
    schedule: TimedSchedule, first: datetime, last: datetime, on_time: Fires, *, over_restart: bool
) -> Fires:
    """The late fires that happen after all."""
    rule = schedule.catch_up or (CatchUp.SKIP if over_restart else CatchUp.LATEST)
    if rule is CatchUp.SKIP or (rule is CatchUp.LATEST and on_time):
        return ()
    after = max(first - _SECOND, last - schedule.window)
    count = schedule.limit if rule is CatchUp.ALL else 1
    return _newest(schedule.entry.cron, after, last - ON_TIME, count)


def _missed(cron: Cron, first: datetime, end: datetime) -> Missed | None:
    """The fires from `first` up to `end`."""
    if end < first:
        return None
    passed = itertools.takewhile(lambda at: at <= end, cron.fires(first - _SECOND))
    count = sum(1 for _ in itertools.islice(passed, MISSED_COUNTED))
    return Missed(first=first, last=_newest(cron, first - _SECOND, end, 1)[0], count=count)


def _newest(cron: Cron, after: datetime, until: datetime, count: int) -> Fires:
    """The last `count` fires of a stretch of time, looked for in growing steps backwards."""
    stretch = ON_TIME
    while count > 0 and after < until:
        start = max(after, until - stretch)
        fires = _between(cron, start, until)
        if len(fires) >= count or start == after:
            return fires[-count:]
        stretch = min(stretch * 2, until - after)
    return ()


def _between(cron: Cron, after: datetime, until: datetime) -> Fires:
    """The fires after an instant, up to another."""
    return tuple(itertools.takewhile(lambda at: at <= until, cron.fires(after)))
