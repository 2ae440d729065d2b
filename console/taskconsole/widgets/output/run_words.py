"""What the output pane says of a run: its title, its progress, its outcome."""

import json
from datetime import datetime, timedelta

from textual.content import Content

from taskconsole import marks
from taskconsole.formatting import format_count, format_duration
from taskconsole.widgets.safe_text import make_safe
from taskengine.run import Progress, Run, RunState

_LONGEST_RESULT = 300
_BAR_WIDTH = 20
_TONES = {
    "running": "$primary",
    "done": "$success",
    "failed": "$error",
    "warning": "$warning",
    "muted": "$text-muted",
}


def title(run: Run, now: datetime) -> Content:
    """`#1042 db:migrate  manual  ◐ running 3.2s`, and whatever else is unusual about the run."""
    mark = marks.of_run(run)
    tone = _TONES[mark.tone]
    parts = [
        Content.styled(f"#{run.id} ", "$text-muted"),
        Content.styled(make_safe(run.task).plain, "bold"),
        Content(f"  {run.trigger}  "),
        Content.styled(f"{mark.glyph} {mark.meaning}", f"bold {tone}"),
    ]
    if run.started_at is not None:
        parts.append(Content.styled(f" {format_duration(run.duration(now))}", tone))
    parts += [Content.styled(f"  {note}", "$text-muted") for note in _notes(run)]
    return Content("").join(parts)


def _notes(run: Run) -> list[str]:
    notes = []
    if run.attempt > 1:
        notes.append(f"attempt {run.attempt}")
    if run.joined:
        callers = run.joined_count
        notes.append(f"+{callers} joined")
        unused = sum(not caller.payload_used for caller in run.joined)
        if unused:
            notes.append(f"{'its payload' if unused == 1 else f'{unused} payloads'} not used")
    return notes


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


def outcome(run: Run, now: datetime) -> Content | None:
    """The run's end in a line or a few: its result, or what went wrong; None before the end."""
    if not run.state.is_final:
        return _stopping() if run.stopping else None
    mark = marks.of_run(run)
    tone = _TONES[mark.tone]
    took = format_duration(run.duration(now))
    if run.error is not None:
        name = Content.styled(f"{mark.glyph} {make_safe(run.error.type).plain}", f"bold {tone}")
        return name + Content.styled(f": {make_safe(run.error.message).plain}", tone)
    if run.state is not RunState.DONE:
        return Content.styled(f"{mark.glyph} {mark.meaning} after {took}", f"bold {tone}")
    return Content.styled(f"{mark.glyph} result ", f"bold {tone}") + Content(_short_result(run))


def _stopping() -> Content:
    words = f"{marks.STOPPING.glyph} cancelled; waiting for the task to return"
    return Content.styled(words, "$warning")


def _short_result(run: Run) -> str:
    text = json.dumps(run.result, ensure_ascii=False) if _is_small(run.result) else ""
    if text and len(text) <= _LONGEST_RESULT:
        return make_safe(text).plain
    return "too large for a line: see the Result tab"


def _is_small(value: object, depth: int = 4) -> bool:
    """Whether a value can be written out in no time; looks at a few of its members only."""
    if isinstance(value, str):
        return len(value) <= _LONGEST_RESULT
    if isinstance(value, dict):
        value = list(value.values()) if len(value) <= _LONGEST_RESULT else None
        return value is not None and _is_small(value, depth)
    if isinstance(value, (list, tuple)):
        small = len(value) <= _LONGEST_RESULT and depth > 0
        return small and all(_is_small(member, depth - 1) for member in value)
    return True
