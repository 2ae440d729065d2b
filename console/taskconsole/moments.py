"""Instants as people type them: to come, "in 10m", "at 14:30", "tomorrow 9:00", "fri 18:00"; or
past, "2h", "14:30", "yesterday 9:00", "fri", "2026-11-12"; or between two of these, "mon to fri".
"""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from taskengine.project.durations import parse_duration

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORTEST_DAY = len("mon")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)
_STRETCH = re.compile(r"(?:(.+?)\s+to|(?:(.+?)\s+)?until)\s+(.+)")
_HOW = "such as in 10m, at 14:30, tomorrow 9:00, fri 18:00 or 2026-12-24 03:00"
_HOW_PAST = "such as 2h, 14:30, yesterday 9:00, fri or 2026-11-12 03:00"


class WhenError(ValueError):
    """The text is no such instant; the message says why, for people."""


def parse_when(text: str, now: datetime, zone: tzinfo) -> datetime:
    """The instant that a text means, told at `now` by a clock of `zone`; aware, in UTC.

    A time without a day is the next time that the clock shows it. Raises WhenError.
    """
    words = text.strip().lower()
    if not words:
        raise WhenError(f"when? {_HOW}")
    try:
        at = _delay(words, now) or _wall_time(words, now.astimezone(zone)).astimezone(UTC)
    except OverflowError:
        raise WhenError("that is too far away for a calendar") from None
    if at <= now:
        raise WhenError(f"that has passed: it is {now.astimezone(zone):%Y-%m-%d %H:%M:%S} now")
    return at


def parse_since(text: str, now: datetime, zone: tzinfo) -> datetime:
    """The past instant that a text means, told at `now` by a clock of `zone`; aware, in UTC.

    `2h` is two hours ago; a day without a time is its beginning, a time without a day the last one
    that the clock showed. Raises WhenError.
    """
    words = text.strip().lower().removeprefix("since ").removesuffix(" ago")
    if not words:
        raise WhenError(f"since when? {_HOW_PAST}")
    try:
        at = _ago(words, now) or _past_wall_time(words, now.astimezone(zone)).astimezone(UTC)
    except OverflowError:
        raise WhenError("that is too far away for a calendar") from None
    if at > now:
        raise WhenError(f"that is to come: it is {now.astimezone(zone):%Y-%m-%d %H:%M:%S} now")
    return at


def parse_stretch(
    text: str, now: datetime, zone: tzinfo
) -> tuple[datetime | None, datetime | None]:
    """The beginning and the end of a stretch of the past: `2h`, `until fri`, `9:00 to 14:30`. They
    are aware, in UTC; None: it has no such bound.

    An end that is a day is the end of that day, one that is a time alone comes next after the
    beginning. Raises WhenError.
    """
    found = _STRETCH.fullmatch(text.strip().lower())
    if found is None:
        return parse_since(text, now, zone), None
    first, last = found[1] or found[2], found[3]
    since = parse_since(first, now, zone) if first else None
    try:
        until = _end(last, since, now, zone)
    except OverflowError:
        raise WhenError("that is too far away for a calendar") from None
    if since and until <= since:
        raise WhenError("that ends before it begins")
    return since, until


def _end(words: str, since: datetime | None, now: datetime, zone: tzinfo) -> datetime:
    if since and _TIME.fullmatch(words):
        begin, wanted = since.astimezone(zone), _time_of(words, _HOW_PAST)
        day = begin.date() + timedelta(days=wanted <= begin.time())
        return datetime.combine(day, wanted, zone).astimezone(UTC)
    at = _ago(words.removesuffix(" ago"), now)
    return at or _past_wall_time(words, now.astimezone(zone), days=1).astimezone(UTC)


def _ago(words: str, now: datetime) -> datetime | None:
    try:
        return now - timedelta(seconds=parse_duration(words))
    except ValueError:
        return None


def _past_wall_time(words: str, local: datetime, days: int = 0) -> datetime:
    """By a clock's words. A day without a time is its beginning, or that of so many days later."""
    day, _, rest = words.replace("t", " ", _is_iso(words)).rpartition(" ")
    if ":" not in rest:
        begin = _past_day_of(words, local, time()) + timedelta(days=days)
        return datetime.combine(begin, time(), local.tzinfo)
    wanted = _time_of(rest, _HOW_PAST)
    return datetime.combine(_past_day_of(day.strip(), local, wanted), wanted, local.tzinfo)


def _past_day_of(word: str, local: datetime, wanted: time) -> date:
    today = local.date()
    if word in ("", "today"):
        was_today = word == "today" or wanted <= local.time()
        return today if was_today else today - timedelta(days=1)
    if word == "yesterday":
        return today - timedelta(days=1)
    weekday = _weekday(word)
    if weekday is not None:
        behind = (today.weekday() - weekday) % 7
        return today - timedelta(days=behind or (0 if wanted <= local.time() else 7))
    return _date_of(word, _HOW_PAST)


def _delay(words: str, now: datetime) -> datetime | None:
    is_told = words.startswith("in ")
    try:
        return now + timedelta(seconds=parse_duration(words.removeprefix("in ")))
    except ValueError:
        if is_told:
            raise WhenError("how long? such as in 90s, in 10m or in 1h30m") from None
        return None


def _wall_time(words: str, local: datetime) -> datetime:
    day, _, rest = words.removeprefix("at ").replace("t", " ", _is_iso(words)).rpartition(" ")
    wanted = _time_of(rest)
    date_of_it = _day_of(day.strip().removesuffix(" at"), local.date(), wanted > local.time())
    at = datetime.combine(date_of_it, wanted, local.tzinfo)
    if at.astimezone(UTC).astimezone(local.tzinfo).time() != wanted:
        raise WhenError(f"the clocks skip {wanted:%H:%M} on that day: they are put forward then")
    return at


def _is_iso(words: str) -> int:
    """How many `t` stand between a date and a time: one, or none."""
    return int(re.match(r"(at )?\d{4}-\d{2}-\d{2}t", words) is not None)


def _time_of(word: str, how: str = _HOW) -> time:
    found = _TIME.fullmatch(word)
    if found is None:
        raise WhenError(f"no time is in that; write it {how}")
    hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        return time(hour, minute, second)
    except ValueError:
        raise WhenError(f"a day has no {word}: it goes from 0:00 to 23:59") from None


def _day_of(word: str, today: date, comes_today: bool) -> date:
    if not word:
        return today if comes_today else today + timedelta(days=1)
    if word in ("today", "tomorrow"):
        return today + timedelta(days=word == "tomorrow")
    weekday = _weekday(word)
    if weekday is not None:
        ahead = (weekday - today.weekday()) % 7
        return today + timedelta(days=ahead or (0 if comes_today else 7))
    return _date_of(word, _HOW)


def _weekday(word: str) -> int | None:
    """The number of a weekday, from Monday, by its name or the beginning of it."""
    if len(word) < _SHORTEST_DAY:
        return None
    return next((at for at, day in enumerate(_DAYS) if day.startswith(word)), None)


def _date_of(word: str, how: str) -> date:
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise WhenError(f"{word[:20]!r} is no day; write it {how}") from None
