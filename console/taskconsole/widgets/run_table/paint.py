"""How one row of a table of runs looks: segments of styled text, made from values alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from taskconsole import marks, phrases
from taskconsole.formatting import format_count, format_duration
from taskconsole.widgets.run_table.columns import GAP, LINES_WIDTH, TIME_WIDTH, Columns
from taskconsole.widgets.safe_text import make_safe
from taskengine.records import RunSummary
from taskengine.run import RunState

TONES = ("text", "muted", "name", "running", "done", "failed", "error", "warning", "marked")
LEAD = 3  # the cursor's bar, the sign of a marked run, and a blank
MARKED = "◆"
LATE = timedelta(seconds=1)
_NEXT_TO_NOTHING = frozenset({"{}", "null"})
_UNITS = ((1_000_000, "M"), (1_000, "k"))

Tones = Mapping[str, Style]


@dataclass(frozen=True, slots=True)
class Moment:
    """When the table is looked at: the instant, the zone to tell times in, the spinner's frame."""

    now: datetime
    zone: tzinfo
    frame: int = 0


def row(run: RunSummary, columns: Columns, moment: Moment, tones: Tones) -> Iterator[Segment]:
    """A run's row, from its state to what is left room for: notes, and its error or payload."""
    mark = marks.of_state(run.state)
    yield Segment(
        phrases.fit(f"{glyph(run, moment)} {mark.meaning}", columns.state), tones[mark.tone]
    )
    if columns.id:
        yield _cell(f"#{run.id}".rjust(columns.id), columns.id, tones["muted"])
    if columns.task:
        name = phrases.fit_name(make_safe(run.task).plain, columns.task)
        yield Segment(" " * GAP + name, tones["name"])
    if columns.trigger:
        noted = "" if columns.text else f"{attempt(run)} "
        yield _cell(f"{noted}{run.trigger.value}".lstrip(), columns.trigger, tones["muted"])
    if columns.when:
        yield _cell(when(run, moment, columns.when), columns.when, tones["text"])
    if columns.took:
        yield _cell(took(run, moment).rjust(columns.took), columns.took, tones["text"])
    if columns.lines:
        yield _cell(lines(run.lines).rjust(columns.lines), columns.lines, tones["muted"])
    if columns.text:
        yield from _text(run, columns.text, tones)


def _cell(text: str, width: int, style: Style) -> Segment:
    return Segment(" " * GAP + phrases.fit(text, width), style)


def glyph(run: RunSummary, moment: Moment) -> str:
    """The state's sign; a running one turns."""
    if run.state is RunState.RUNNING:
        return marks.SPINNER[moment.frame % len(marks.SPINNER)]
    return marks.of_state(run.state).glyph


def when(run: RunSummary, moment: Moment, width: int) -> str:
    """When it began, or was queued if it did not: the time if that is today, else the date too."""
    local = (run.started_at or run.queued_at).astimezone(moment.zone)
    today = moment.now.astimezone(moment.zone).date()
    if local.date() == today:
        return f"{local:%H:%M:%S}"
    if local.year != today.year:
        return f"{local.day} {local:%b %Y}" if width > TIME_WIDTH else f"{local:%b %Y}"
    day = f"{local.day:2} {local:%b}"
    return f"{day} {local:%H:%M}" if width > TIME_WIDTH else day


def is_of_another_day(run: RunSummary, moment: Moment) -> bool:
    """Whether its time has to be told with a date."""
    local = (run.started_at or run.queued_at).astimezone(moment.zone)
    return local.date() != moment.now.astimezone(moment.zone).date()


def took(run: RunSummary, moment: Moment) -> str:
    """How long it took, or has taken; nothing of what never began."""
    return format_duration(run.duration(moment.now)) if run.started_at else ""


def lines(number: int) -> str:
    """How many lines it wrote, in a few cells: `1,234`, `128k`, `1.2M`; nothing for none."""
    words = format_count(number)
    if len(words) <= LINES_WIDTH:
        return words if number else ""
    size, unit = next(one for one in _UNITS if number >= one[0])
    part = number / size
    return f"{part:.1f}{unit}" if part < 100 else f"{part:.0f}{unit}"


def attempt(run: RunSummary) -> str:
    """`2/4`; nothing for a run that came to its end, or is still, with its first attempt."""
    is_first = run.attempt == 1 and run.state is not RunState.WAITING
    return "" if is_first else f"{run.attempt}/{run.max_attempts}"


def notes(run: RunSummary) -> str:
    """What is unusual about it: `attempt 2/4`, `3.2s late`."""
    parts = [f"attempt {attempt(run)}"] if attempt(run) else []
    if run.lateness is not None and run.lateness > LATE:
        parts.append(f"{format_duration(run.lateness)} late")
    return " · ".join(parts)


def _text(run: RunSummary, width: int, tones: Tones) -> Iterator[Segment]:
    """Notes first, then the error's line, else the payload's beginning; cut to fit."""
    noted = notes(run)
    parts = [(f"{noted}  " if noted else "", "warning"), _content(run)]
    yield Segment(" " * GAP)
    for text, tone in parts:
        taken = min(width, cells(text))
        yield Segment(phrases.fit(text, taken), tones[tone])
        width -= taken
    yield Segment(" " * width)


def cells(text: str) -> int:
    """How wide a text is in a terminal."""
    return len(text) if text.isascii() else cell_len(text)


def _content(run: RunSummary) -> tuple[str, str]:
    if run.error:
        return make_safe(run.error).plain, "error" if run.state in marks.WENT_WRONG else "warning"
    payload = "" if run.payload in _NEXT_TO_NOTHING else run.payload
    return make_safe(payload).plain, "muted"
