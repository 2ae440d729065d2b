"""What the user is told in passing: events of the engine, turned into short sentences."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from taskconsole import marks, phrases
from taskconsole.formatting import format_duration
from taskengine.events import Event, RunEnded
from taskengine.problem import Problem
from taskengine.run import Run, RunState, Trigger

Severity = Literal["information", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Notice:
    """One message in plain words; whatever they were, they are fit for the screen."""

    text: str
    title: str = ""
    severity: Severity = "information"

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", phrases.plain(self.text))
        object.__setattr__(self, "title", phrases.plain(self.title))


Tell = Callable[[Notice], None]


def of_end(run: Run, now: datetime) -> Notice:
    """A run that nobody watched is over."""
    mark = marks.of_run(run)
    error = f"\n{run.error.type}: {run.error.message}" if run.error else ""
    took = (
        f" after {format_duration(run.duration(now))}" if run.state is not RunState.SKIPPED else ""
    )
    text = f"{mark.glyph} {mark.meaning}{took}{error}"
    return Notice(text, f"{run.task} #{run.id}", _severity(run))


def _severity(run: Run) -> Severity:
    if run.state in marks.WENT_WRONG:
        return "error"
    return "information" if run.state is RunState.DONE else "warning"


def of_join(run: Run) -> Notice:
    """A call of the user's joined a run instead of beginning one."""
    used = run.joined[-1].payload_used
    loss = "" if used else "; your payload was not used"
    return Notice(f"joined run #{run.id} that was going on{loss}", run.task, "warning")


def is_news(run: Run, outcomes: Sequence[RunState]) -> bool:
    """Whether the end of a run is worth a word, given its task's latest outcomes with its own.

    A schedule that is done as it was the time before is not: every minute would bring a notice.
    """
    is_usual = tuple(outcomes[-2:]) == (RunState.DONE, RunState.DONE)
    return run.trigger is not Trigger.SCHEDULE or not is_usual


def of_unwatched(
    events: Iterable[Event], watched: int | None, is_news: Callable[[Run], bool]
) -> Iterator[Notice]:
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
            yield of_end(event.run, event.at)


def describe(problem: Problem, root: Path) -> str:
    """A problem in one line: its place, and what is wrong there."""
    place = where(problem, root)
    return f"{place}: {problem.message}" if place else problem.message


def where(problem: Problem, root: Path) -> str:
    """The place of a problem, told from the project's root."""
    if problem.path is None:
        return problem.task or problem.kind.value
    path = relative(problem.path, root)
    return f"{path}:{problem.line}" if problem.line else path


def relative(path: Path, root: Path) -> str:
    """How to call a file of the project: from its root, if it is in there."""
    return str(path.relative_to(root) if path.is_relative_to(root) else path)
