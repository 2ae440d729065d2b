"""A schedule with what its task's options say of its fires: when they come, and what of the late.

A fire has two instants: the one that the expression names, which is its identity and what a run is
told as its scheduled time, and the one at which it is due, which jitter puts off.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from taskengine.options import CatchUp, Options
from taskengine.schedule.entry import ScheduleEntry

_IDENTITIES = 16**20  # an identity is a number of twenty hexadecimal digits


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedSchedule:
    """A schedule, ready for the timetable.

    Every fire is due `delay` after its instant. `catch_up` None: the latest in an engine that
    lives, none over a restart. `window` is how late a fire may be that is made up for, `limit` how
    many are made up for at once.
    """

    entry: ScheduleEntry
    delay: timedelta = timedelta(0)
    catch_up: CatchUp | None = None
    window: timedelta = timedelta(days=1)
    limit: int = 100

    @classmethod
    def of(cls, entry: ScheduleEntry, options: Options) -> Self:
        """A schedule with its task's options."""
        return cls(
            entry=entry,
            delay=delay_of(entry, options.jitter),
            catch_up=options.catch_up,
            window=timedelta(seconds=options.catch_up_window),
            limit=options.catch_up_limit,
        )


def delay_of(entry: ScheduleEntry, jitter: float) -> timedelta:
    """By how much the fires of a schedule are put off: always the same part of `jitter` seconds."""
    return timedelta(seconds=jitter * (int(entry.identity, 16) / _IDENTITIES))
