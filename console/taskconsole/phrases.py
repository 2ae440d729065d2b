"""What the screens say about instants, attempts and numbers, short enough for a list's column."""

from datetime import datetime, timedelta, tzinfo

from rich.cells import cell_len, set_cell_size

from taskconsole.formatting import format_count, format_countdown, format_when
from taskengine.run import Run, RunState

NEAR = timedelta(hours=6)
WEEK = timedelta(days=6)
NEXT_FIRE_WIDTH = 14


def next_fire(fire: datetime, now: datetime, zone: tzinfo, width: int = NEXT_FIRE_WIDTH) -> str:
    """When a fire comes: `in 0:39`, `in 3 h 12 m`, `tomorrow 03:00`; where that is longer than
    `width`, which is 12 at least, `Wed 03:00`.
    """
    if fire <= now:
        return "now"
    local, today = fire.astimezone(zone), now.astimezone(zone).date()
    if fire - now < NEAR or local.date() == today:
        return f"in {format_countdown(fire - now)}"
    if local.date() - today <= WEEK:
        text = format_when(fire, now, zone)
        return text if len(text) <= width else f"{local:%a %H:%M}"
    if local.year == today.year:
        return f"{local.day} {local:%b %H:%M}"
    return f"{local.day} {local:%b %Y}"


def to_come(instant: datetime, now: datetime, zone: tzinfo) -> str:
    """A coming instant with its seconds, and how long it takes to come: `today 14:30:00, in 0:39`;
    `Wed 14:30:00` within a week.
    """
    day = format_when(instant, now, zone).rpartition(" ")[0]
    left = format_countdown(instant - now)
    return f"{day} {instant.astimezone(zone):%H:%M:%S}, in {left}"


def past(instant: datetime, now: datetime, zone: tzinfo) -> str:
    """A past instant: the time alone if it was today, else with its day."""
    local = instant.astimezone(zone)
    if local.date() == now.astimezone(zone).date():
        return f"{local:%H:%M:%S}"
    return format_when(instant, now, zone)


def attempt(run: Run, now: datetime) -> str:
    """`attempt 2 of 4`, and `attempt 3 of 4 in 0:05` while it is waited for; nothing of a run that
    came to its end, or is still, with its first attempt.
    """
    if run.state is not RunState.WAITING:
        return f"attempt {run.attempt} of {run.max_attempts}" if run.attempt > 1 else ""
    following = run.attempts[-1].number + 1 if run.attempts else run.attempt
    return f"attempt {following} of {run.max_attempts} {next_attempt(run, now)}".rstrip()


def next_attempt(run: Run, now: datetime) -> str:
    """`in 0:05` for a run that waits for its next attempt."""
    if run.next_attempt_at is None:
        return ""
    return f"in {format_countdown(run.next_attempt_at - now)}"


def count(number: int, noun: str) -> str:
    """`1 task`, `14 tasks`, `10,000 tasks`."""
    return f"{format_count(number)} {noun}{'' if number == 1 else 's'}"


def plain(text: str) -> str:
    """Text of the project's own, such as a message or a file's name, without what could steer the
    terminal.
    """
    if text.isprintable():
        return text
    lines = text.split("\n")
    return "\n".join(line if line.isprintable() else _made_safe(line) for line in lines)


def _made_safe(line: str) -> str:
    from taskconsole.widgets.safe_text import make_safe

    return make_safe(line).plain


def cut(text: str, width: int) -> str:
    """The text in at most `width` cells of the terminal; what was cut shows as `…`."""
    if cell_len(text) > width:
        text = set_cell_size(text, max(width - 1, 0)) + "…"
    return text


def fit(text: str, width: int) -> str:
    """The text in exactly `width` cells of the terminal; what was cut shows as `…`."""
    return set_cell_size(cut(text, width), width)


def fit_name(name: str, width: int) -> str:
    """The same for a name, which is cut in the middle: many are told apart by their ends alone."""
    head, tail = ends(name, width)
    return set_cell_size(head if head == name else f"{head}…{tail}", width)


def ends(name: str, width: int) -> tuple[str, str]:
    """The whole name and nothing, if it has no more than `width` cells; else its beginning and its
    end, which have room with `…` between them.
    """
    if cell_len(name) <= width:
        return name, ""
    room = max(width - 1, 0)
    tail = name[len(name) - room // 2 :]
    while cell_len(tail) > room // 2:
        tail = tail[1:]
    while tail and not cell_len(tail[0]):  # an accent of what is cut
        tail = tail[1:]
    return set_cell_size(name, room - cell_len(tail)), tail
