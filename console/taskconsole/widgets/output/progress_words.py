"""How far a run says it is, in a line: a bar, what is done, at what rate, and what is left."""

from datetime import datetime, timedelta

from textual.content import Content

from taskconsole.formatting import format_count, format_duration
from taskconsole.widgets.safe_text import make_safe
from taskengine.run import Progress, Run

_BAR_WIDTH = 20


def progress(run: Run, now: datetime) -> Content | None:
    """A bar with `420/1,000`, rate and time left; None for a run that tells no progress."""
    told = run.progress
    if told is None or run.state.is_final:
        return None
    parts = [_bar(told), Content(f" {_done_words(told)}")]
    elapsed = run.duration(now).total_seconds()
    if told.done > 0 and elapsed > 0:
        parts.append(Content(_pace_words(told, told.done / elapsed)))
    if told.message:
        parts.append(Content.styled(f"  {make_safe(told.message).plain}", "$text-muted"))
    return Content("").join(parts)


def _bar(told: Progress) -> Content:
    if not told.total or told.total <= 0:
        return Content.styled("━" * _BAR_WIDTH, "$primary 40%")
    filled = round(min(max(told.done / told.total, 0), 1) * _BAR_WIDTH)
    return Content.styled("━" * filled, "$primary") + Content.styled(
        "━" * (_BAR_WIDTH - filled), "$foreground 20%"
    )


def _done_words(told: Progress) -> str:
    if not told.total or told.total <= 0:
        return _number(told.done)
    percent = min(max(told.done / told.total, 0), 1)
    return f"{percent:4.0%}  {_number(told.done)}/{_number(told.total)}"


def _pace_words(told: Progress, rate: float) -> str:
    words = f"  {_number(rate)}/s"
    if told.total and told.total > told.done:
        left = timedelta(seconds=(told.total - told.done) / rate)
        words += f"  {format_duration(left)} left"
    return words


def _number(value: float) -> str:
    if value >= 100 or value == int(value):
        return format_count(round(value))
    return f"{value:.1f}" if value >= 1 else f"{value:.2g}"
