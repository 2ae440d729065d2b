"""What the user is told of runs that ended while they were not watched."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from taskconsole import marks, phrases
from taskconsole.formatting import format_count, format_duration
from taskconsole.notices import Notice, Severity
from taskconsole.run_line import run_line
from taskengine.events import Event, RunEnded
from taskengine.run import Run, RunState, Trigger

_LISTED = 4
_MILDEST_LAST: tuple[Severity, ...] = ("error", "warning", "information")


def of_ends(ends: Sequence[RunEnded]) -> Notice:
    """Some runs are over: what went wrong with them comes first. There is one at least."""
    if len(ends) == 1:
        return _of_one(ends[0].run, ends[0].at)
    runs = sorted((end.run for end in ends), key=lambda run: _MILDEST_LAST.index(_severity(run)))
    lines = [_line(run) for run in runs[:_LISTED]]
    if len(runs) > _LISTED:
        lines.append(f"and {len(runs) - _LISTED} more")
    title = f"{phrases.count(len(runs), 'run')} ended: {_outcomes(runs)}"
    return Notice("\n".join(lines), title, _severity(runs[0]))


def _of_one(run: Run, now: datetime) -> Notice:
    mark = marks.of_run(run)
    error = f"\n{run.error.type}: {run.error.message}" if run.error else ""
    took = (
        f" after {format_duration(run.duration(now))}" if run.state is not RunState.SKIPPED else ""
    )
    text = f"{mark.glyph} {mark.meaning}{took}{error}"
    return Notice(text, f"{run.task} #{run.id}", _severity(run))


def _line(run: Run) -> str:
    line = run_line(run, run.ended_at or run.queued_at).plain
    if run.error is None:
        return line
    message, _, _ = run.error.message.partition("\n")
    return f"{line}  {run.error.type}: {message}"


def _outcomes(runs: Iterable[Run]) -> str:
    """`2 done, 1 failed`."""
    counts = Counter(run.state for run in runs)
    return ", ".join(
        f"{format_count(counts[state])} {marks.of_state(state).meaning}"
        for state in RunState
        if state in counts
    )


def _severity(run: Run) -> Severity:
    if run.state in marks.WENT_WRONG:
        return "error"
    return "information" if run.state is RunState.DONE else "warning"


def is_news(run: Run, outcomes: Sequence[RunState]) -> bool:
    """Whether the end of a run is worth a word, given its task's latest outcomes with its own.

    A schedule that is done as it was the time before is not: every minute would bring a notice.
    """
    is_usual = tuple(outcomes[-2:]) == (RunState.DONE, RunState.DONE)
    return run.trigger is not Trigger.SCHEDULE or not is_usual


def unwatched(
    events: Iterable[Event], watched: int | None, is_news: Callable[[Run], bool]
) -> Iterator[RunEnded]:
    """The runs among some events that ended while another one was watched, if that is news.

    A child of another run is left out: its parent tells how it went; a run that was skipped too,
    unless it had been put off: whoever called it is told, and a schedule that skips is what its
    task asks for.
    """
    for event in events:
        if not isinstance(event, RunEnded) or event.run.trigger is Trigger.TASK:
            continue
        if event.run.state is RunState.SKIPPED and event.run.trigger is not Trigger.DELAYED:
            continue
        if event.run.id != watched and is_news(event.run):
            yield event
