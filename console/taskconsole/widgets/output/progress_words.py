"""How far a run says it is, in a line: a bar, what is done, at what rate, and what is left."""

from datetime import datetime

from textual.content import Content

from taskconsole.progress import done_words, pace_words, share_of
from taskconsole.widgets.safe_text import make_safe
from taskengine.run import Progress, Run

_BAR_WIDTH = 20


def progress(run: Run, now: datetime) -> Content | None:
    """A bar with `420/1,000`, rate and time left; None for a run that tells no progress."""
    told = run.progress
    if told is None or run.state.is_final:
        return None
    parts = [_bar(told), Content(f" {done_words(told)}")]
    if pace := pace_words(told, run.duration(now).total_seconds()):
        parts.append(Content(f"  {pace}"))
    if told.message:
        parts.append(Content.styled(f"  {make_safe(told.message).plain}", "$text-muted"))
    return Content("").join(parts)


def _bar(told: Progress) -> Content:
    share = share_of(told)
    if share is None:
        return Content.styled("━" * _BAR_WIDTH, "$primary 40%")
    filled = round(share * _BAR_WIDTH)
    return Content.styled("━" * filled, "$primary") + Content.styled(
        "━" * (_BAR_WIDTH - filled), "$foreground 20%"
    )
