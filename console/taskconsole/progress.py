"""How far a run says it is, in words: what is done, at what rate, and what is left."""

from datetime import timedelta

from taskconsole.formatting import format_count, format_duration
from taskengine.run import Progress

_MOST_NUMBER = 1e15
_LONGEST_LEFT = 100 * 365 * 86_400.0  # seconds; more is as good as never


def share_of(told: Progress) -> float | None:
    """Which part is done, from 0 to 1; None if nobody knows how much there is."""
    if not told.total or told.total <= 0:
        return None
    return min(max(told.done / told.total, 0), 1)


def done_words(told: Progress) -> str:
    """` 42%  420/1,000`; `420` where the total is not known."""
    share = share_of(told)
    if share is None or told.total is None:
        return _number(told.done)
    return f"{share:4.0%}  {_number(told.done)}/{_number(told.total)}"


def pace_words(told: Progress, elapsed: float) -> str:
    """`17/s  34.0s left` after so many seconds; empty if nothing is done yet."""
    rate = told.done / elapsed if told.done > 0 and elapsed > 0 else 0.0
    if not rate:
        return ""
    left = (told.total - told.done) / rate if told.total and told.total > told.done else 0.0
    words = f"{_number(rate)}/s"
    if 0 < left < _LONGEST_LEFT:
        words += f"  {format_duration(timedelta(seconds=left))} left"
    return words


def _number(value: float) -> str:
    if abs(value) >= _MOST_NUMBER:
        return f"{value:.2g}"
    if value >= 100 or value == int(value):
        return format_count(round(value))
    return f"{value:.1f}" if value >= 1 else f"{value:.2g}"
