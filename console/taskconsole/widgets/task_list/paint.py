"""How one row of the list looks: segments of styled text, made from values alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from taskconsole import marks, phrases
from taskconsole.formatting import format_duration
from taskconsole.widgets.task_list.columns import GAP, LAST_WIDTH, Columns
from taskconsole.widgets.task_list.entry import TaskEntry
from taskconsole.widgets.task_list.rows import Row, RowKind
from taskengine.run import Run, RunState

TONES = ("text", "muted", "name", "group", "match", "running", "done", "failed", "warning", "soon")
INDENT = 2
LEAD = 5  # the cursor's bar, the fold sign, the state's sign, and the blanks after the two
SOON_SECONDS = 60

Tones = Mapping[str, Style]


@dataclass(frozen=True, slots=True)
class Moment:
    """When the list is looked at: the instant, the zone to tell times in, the spinner's frame, and
    whether schedules fire at all, None if nobody knows.
    """

    now: datetime
    zone: tzinfo
    frame: int = 0
    scheduling: bool | None = True


def indent_of(row: Row) -> int:
    """The cells that a row's name is indented by, counted from a name at the top."""
    return INDENT * row.depth


def glyph(mark: marks.Mark, frame: int) -> str:
    """The mark's sign; a running task's turns."""
    return marks.SPINNER[frame % len(marks.SPINNER)] if mark is marks.RUNNING else mark.glyph


def next_text(entry: TaskEntry, moment: Moment, width: int = phrases.NEXT_FIRE_WIDTH) -> str:
    """The countdown to the next fire in so many cells, or why there is none."""
    if entry.removed:
        return "removed"
    if entry.next_fire is not None:
        if not moment.scheduling:
            return "?" if moment.scheduling is None else "off"
        return phrases.next_fire(entry.next_fire, moment.now, moment.zone, width)
    if not entry.view.schedules:
        return "—"
    return "paused" if entry.status.paused else "never"


def last_text(entry: TaskEntry, moment: Moment) -> tuple[str, str]:
    """How the going run stands, or how the last one ended, with its tone."""
    active = entry.status.active
    run = marks.leading(active) if active else entry.status.last
    if run is None:
        return "", "muted"
    mark = marks.of_run(run)
    several = f"{len(active)}x" if len(active) > 1 else ""
    words = [mark.glyph, several, _how_long(run, mark, moment.now)]
    text = " ".join(word for word in words if word)
    is_cut = several and cell_len(text) > LAST_WIDTH
    return f"{mark.glyph} {several}" if is_cut else text, mark.tone


def _how_long(run: Run, mark: marks.Mark, now: datetime) -> str:
    if run.state is RunState.WAITING and run.next_attempt_at is not None:
        return phrases.next_attempt(run, now)
    return format_duration(run.duration(now)) if run.started_at else mark.meaning


def volatile(entry: TaskEntry, moment: Moment) -> tuple[str, str, str]:
    """What of a row changes with time alone; a row whose values here are equal looks the same."""
    return glyph(entry.mark, moment.frame), next_text(entry, moment), last_text(entry, moment)[0]


def task_row(
    row: Row, entry: TaskEntry, columns: Columns, moment: Moment, tones: Tones
) -> Iterator[Segment]:
    """A task's row, from the fold sign to the spark."""
    mark = entry.mark
    yield from _fold_sign(row, tones)
    yield Segment(f"{glyph(mark, moment.frame)} ", tones[mark.tone])
    yield from _name(row, columns.name, tones["name"], tones["match"])
    if columns.schedule:
        yield _cell(_schedule_text(entry), columns.schedule, tones["muted"])
    if columns.next:
        text = next_text(entry, moment, columns.next)
        yield _cell(text, columns.next, tones[_next_tone(entry, moment)])
    if columns.last:
        text, tone = last_text(entry, moment)
        yield _cell(text, columns.last, tones[tone])
    if columns.spark:
        yield Segment(" " * GAP)
        yield from _spark(entry, columns.spark, tones)


def group_row(row: Row, mark: marks.Mark | None, size: int, tones: Tones) -> Iterator[Segment]:
    """A group's row; folded, it tells how many tasks it hides and what of them is urgent."""
    yield from _fold_sign(row, tones)
    yield Segment(row.label, tones["group"])
    if row.folded:
        yield Segment(f"  {size}", tones["muted"])
        if mark:
            yield Segment(f" {mark.glyph} {mark.meaning}", tones[mark.tone])


def engine_row(tones: Tones) -> Iterator[Segment]:
    """The pseudo-entry for output that belongs to no run."""
    yield Segment("  » ", tones["muted"])
    yield Segment("Engine output", tones["muted"])


def _fold_sign(row: Row, tones: Tones) -> Iterator[Segment]:
    sign = ("▸" if row.folded else "▾") if row.foldable else " "
    yield Segment(" " * indent_of(row) + sign + " ", tones["muted"])


def _name(row: Row, width: int, plain: Style, matched: Style) -> Iterator[Segment]:
    room = max(width - indent_of(row), 1)
    label = phrases.fit_name(row.label, room)
    if not row.matched:
        yield Segment(label, plain)
        return
    places = frozenset(row.matched)
    head, tail = phrases.ends(row.label, room)
    left_out = range(len(head), len(row.label) - len(tail))
    for place, letter in enumerate(label):
        if place < len(head):
            is_match = place in places
        elif place == len(head):  # `…`, if anything is left out
            is_match = not places.isdisjoint(left_out)
        else:
            is_match = place - 1 + len(left_out) in places
        yield Segment(letter, matched if is_match else plain)


def _cell(text: str, width: int, style: Style) -> Segment:
    return Segment(" " * GAP + phrases.fit(text, width), style)


def _schedule_text(entry: TaskEntry) -> str:
    schedules = entry.view.schedules
    if not schedules:
        return "—"
    more = f" +{len(schedules) - 1}" if len(schedules) > 1 else ""
    return (entry.next_schedule or schedules[0]).short_words + more


def _next_tone(entry: TaskEntry, moment: Moment) -> str:
    fire = entry.next_fire
    if entry.removed or (fire is None and entry.status.paused):
        return "warning"
    if fire is None or not moment.scheduling:
        return "muted"
    return "soon" if (fire - moment.now).total_seconds() < SOON_SECONDS else "text"


def _spark(entry: TaskEntry, width: int, tones: Tones) -> Iterator[Segment]:
    outcomes = entry.status.outcomes[-width:]
    for state in outcomes:
        yield Segment(marks.bar(state), tones[marks.of_state(state).tone])


def is_on_fold_sign(row: Row, x: int) -> bool:
    """Whether a click at cell `x` of a row meant its fold sign."""
    return row.foldable and (row.kind is RowKind.GROUP or x <= 2 + indent_of(row))
