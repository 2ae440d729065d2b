"""Spans of time as people write and read them: "90s", "1h30m", "2 days"."""

import re
from collections.abc import Mapping

_NAMES = {
    604_800.0: ("w", "week", "weeks"),
    86_400.0: ("d", "day", "days"),
    3_600.0: ("h", "hr", "hrs", "hour", "hours"),
    60.0: ("m", "min", "mins", "minute", "minutes"),
    1.0: ("s", "sec", "secs", "second", "seconds"),
    0.001: ("ms", "millisecond", "milliseconds"),
}
_UNITS: Mapping[str, float] = {name: size for size, names in _NAMES.items() for name in names}
_PART = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,15})?) *([a-z]+)[ ,]*")
_SHOWN = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min"))


def parse_duration(text: str) -> float:
    """The seconds of a text such as "500ms", "90s", "1h30m" or "2 days 12 hours".

    Larger units come first, each once. Raises ValueError for anything else.
    """
    rest = text.strip().lower()
    total, smallest = 0.0, float("inf")
    while found := _PART.match(rest):
        size = _UNITS.get(found[2], smallest)
        if size >= smallest:
            break
        total, smallest = total + float(found[1]) * size, size
        rest = rest[found.end() :]
    if rest or smallest == float("inf"):
        raise ValueError(f"no duration: {text[:40]!r}")
    return total


def duration_in_words(seconds: float) -> str:
    """The same for people, to the millisecond: "1 h 30 min", "0.25 s" as "250 ms"."""
    if seconds < 1:
        return f"{seconds * 1000:.6g} ms" if seconds else "0 s"
    rest, parts = round(seconds * 1000), []
    for size, unit in _SHOWN:
        count, rest = divmod(rest, size)
        parts += [f"{count} {unit}"] if count else []
    return " ".join([*parts, f"{rest / 1000:.6g} s"] if rest else parts)
