"""Runs in one line each, for lists that hold runs of several tasks."""

from collections.abc import Sequence
from datetime import datetime

from textual.content import Content

from taskconsole import marks, phrases
from taskconsole.formatting import format_duration
from taskengine.run import Run

_LISTED = 8
_LONGEST_NAME = 40  # cells


def run_line(run: Run, now: datetime) -> Content:
    """`◐ db:migrate #12  3.2s`, with the attempt if it is not the first."""
    name = phrases.cut(phrases.plain(run.task), _LONGEST_NAME)
    words = [f"{marks.of_run(run).glyph} {name} #{run.id}"]
    if run.started_at is not None:
        words.append(format_duration(run.duration(now)))
    if attempt := phrases.attempt(run, now):
        words.append(attempt)
    return Content("  ".join(words))


def run_lines(runs: Sequence[Run], now: datetime) -> Content:
    """The first few of some runs, and how many more there are."""
    lines = [run_line(run, now) for run in runs[:_LISTED]]
    if len(runs) > _LISTED:
        lines.append(Content(f"  and {len(runs) - _LISTED} more"))
    return Content("\n").join(lines)


def going_on(runs: Sequence[Run]) -> str:
    """`1 run goes on`, `3 runs go on`."""
    return f"{phrases.count(len(runs), 'run')} {'goes' if len(runs) == 1 else 'go'} on"
