"""What the output pane says of a run: its title and its outcome."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

from textual.content import Content

from taskconsole import marks, phrases
from taskconsole.formatting import format_duration
from taskconsole.widgets.safe_text import make_safe
from taskengine.run import Run, RunState

_LONGEST_RESULT = 300
_SHORTEST_NAME = 16  # cells that a task's name has in any case
_LATE = timedelta(seconds=1)
_TONES = {
    "running": "$primary",
    "done": "$success",
    "failed": "$error",
    "warning": "$warning",
    "muted": "$text-muted",
}


def title(run: Run, now: datetime, width: int) -> Content:
    """`#1042 db:migrate  manual  ◐ running 3.2s`, and whatever else is unusual about the run. Where
    that takes more than `width` cells, the name is cut rather than what stands behind it.
    """
    number = Content.styled(f"#{run.id} ", "$text-muted")
    rest = _standing(run, now)
    room = max(width - number.cell_length - rest.cell_length, _SHORTEST_NAME)
    name = Content.styled(phrases.cut(make_safe(run.task).plain, room), "bold")
    return Content("").join([number, name, rest])


def _standing(run: Run, now: datetime) -> Content:
    mark = marks.of_run(run)
    tone = _TONES[mark.tone]
    parts = [
        Content(f"  {run.trigger}  "),
        Content.styled(f"{mark.glyph} {mark.meaning}", f"bold {tone}"),
    ]
    if run.started_at is not None and run.state is not RunState.WAITING:
        parts.append(Content.styled(f" {format_duration(run.duration(now))}", tone))
    parts += [Content.styled(f"  {note}", "$text-muted") for note in _notes(run, now)]
    return Content("").join(parts)


def _notes(run: Run, now: datetime) -> Iterator[str]:
    if attempt := phrases.attempt(run, now):
        yield attempt
    if run.lateness is not None and run.lateness > _LATE:
        yield f"{format_duration(run.lateness)} after its time"
    if run.joined:
        yield f"+{run.joined_count} joined"
        unused = sum(not caller.payload_used for caller in run.joined)
        if unused:
            yield f"{'its payload' if unused == 1 else f'{unused} payloads'} not used"


def outcome(run: Run, now: datetime, *, isolated: bool = False) -> Content | None:
    """The run's end in a line or a few: its result, or what went wrong; None before the end.

    `isolated` says that it has a process of its own, which can be killed.
    """
    if not run.state.is_final:
        return _stopping(isolated=isolated) if run.stopping else None
    mark = marks.of_run(run)
    tone = _TONES[mark.tone]
    took = format_duration(run.duration(now))
    if run.error is not None:
        name = Content.styled(f"{mark.glyph} {make_safe(run.error.type).plain}", f"bold {tone}")
        return name + Content.styled(f": {make_safe(run.error.message).plain}", tone)
    if run.state is not RunState.DONE:
        return Content.styled(f"{mark.glyph} {mark.meaning} after {took}", f"bold {tone}")
    return Content.styled(f"{mark.glyph} result ", f"bold {tone}") + Content(_short_result(run))


def _stopping(*, isolated: bool) -> Content:
    """What is waited for, and what can be done about it."""
    rest = (
        "its process is being ended; X kills it at once"
        if isolated
        else "waiting for its code to return; it can't be killed here"
    )
    return Content.styled(f"{marks.STOPPING.glyph} stopping: {rest}", "$warning")


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
