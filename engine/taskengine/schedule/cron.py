"""`Cron`: an expression in a time zone, and the instants at which it fires."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from taskengine.schedule.cron_error import CronError
from taskengine.schedule.pattern import parse
from taskengine.schedule.walk import DAY, Walk
from taskengine.schedule.zones import FIRST_INSTANT, LAST_INSTANT, Segment, Zone, load_zone

__all__ = ["Cron", "CronError", "check_timezone"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SETTLED = 3 * DAY
_NEVER = LAST_INSTANT + _SETTLED


class Cron:
    """A cron expression in a time zone. Equal ones fire alike; spelling and case don't count.

    Clock changes, for what has a `*`, `?` or `/` in second, minute or hour: it follows real time,
    so it fires in both passes of a repeated hour and not in a skipped one. Everything else fires
    once: in the first pass of a repeated hour; at the end of a gap if its time was skipped and
    that end is on the same day; once, too, if several times come together on one instant.

    `expression` is as it was written, `pattern` what it means, `timezone` the IANA name.

    Raises CronError for an expression or a zone that can't be used.
    """

    __slots__ = ("_fresh_only", "_walk", "_zone", "expression", "pattern", "timezone")

    def __init__(self, expression: str, timezone: str = "UTC") -> None:
        self.expression = expression
        self.timezone = timezone
        self.pattern = parse(expression)
        self._fresh_only = not self.pattern.is_interval
        self._walk = Walk(self.pattern)
        self._zone = _load_zone(expression, timezone)

    def next(self, after: datetime) -> datetime | None:
        """The first fire strictly after an aware instant, in UTC; None when no year is left.

        Raises ValueError if `after` is naive.
        """
        try:
            since = after - _EPOCH
        except TypeError:
            raise ValueError(f"{after!r} is naive; a fire is sought after an instant") from None
        fire = self._first_from(since.days * DAY + since.seconds + 1)
        return None if fire is None else _EPOCH + timedelta(0, fire)

    def fires(self, after: datetime) -> Iterator[datetime]:
        """All fires strictly after an aware instant, in UTC and in order."""
        fire = self.next(after)
        while fire is not None:
            yield fire
            fire = self.next(fire)

    def is_finished(self, now: datetime) -> bool:
        """Whether there is nothing left to fire after an aware instant."""
        return self.next(now) is None

    def _first_from(self, instant: int) -> int | None:
        """The first fire at an instant or later."""
        instant = max(instant, FIRST_INSTANT)
        while instant < LAST_INSTANT:
            segment = self._zone.segment(instant)
            start, end, offset, fresh = segment
            wall = instant + offset
            if self._fresh_only:
                if instant == start and self._is_due_at_gap_end(segment):
                    return instant
                wall = max(wall, fresh)
            matching = self._walk.next(wall)
            fire = _NEVER if matching is None else matching - offset
            if fire < end:
                return fire
            # No clock was ever set back or forward so far that it could show `wall` again, or
            # `matching` earlier: what lies between is not worth a look.
            instant = end if end - instant < _SETTLED else max(end, fire - _SETTLED)
        return None

    def _is_due_at_gap_end(self, segment: Segment) -> bool:
        """Whether a time of the same day was skipped just before the segment."""
        gap_end = segment.start + segment.offset
        matching = self._walk.next(max(segment.fresh, gap_end - gap_end % DAY))
        return matching is not None and matching < gap_end

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Cron):
            return NotImplemented
        return (self.pattern.text, self.timezone) == (other.pattern.text, other.timezone)

    def __hash__(self) -> int:
        return hash((self.pattern.text, self.timezone))

    def __repr__(self) -> str:
        return f"Cron({self.expression!r}, {self.timezone!r})"


def check_timezone(name: str) -> None:
    """Refuse what is no zone's name, without an expression. Raises CronError."""
    _load_zone("", name)


def _load_zone(expression: str, name: str) -> Zone:
    try:
        return load_zone(name)
    except (ValueError, OSError, KeyError):
        message = f"there is no time zone {name!r}"
    raise CronError(message, expression=expression, value=name, hint=_zone_hint(name))


def _zone_hint(name: str) -> str:
    from difflib import get_close_matches  # nobody who makes no mistake has to wait for it
    from zoneinfo import available_timezones

    known = {zone.lower(): zone for zone in available_timezones()}
    close = get_close_matches(name.lower(), known, n=1)
    return f"did you mean {known[close[0]]!r}?" if close else "use a name such as 'Europe/London'"
