"""The signs for how tasks and runs stand. Each differs in shape, not only in colour."""

from collections.abc import Sequence
from dataclasses import dataclass

from taskengine.client.views import TaskStatus, TaskView
from taskengine.run import Run, RunState

SPINNER = "◐◓◑◒"


@dataclass(frozen=True, slots=True)
class Mark:
    """One sign: a character of one cell, the name of its tone in the theme, and its meaning."""

    glyph: str
    tone: str
    meaning: str


RUNNING = Mark(SPINNER[0], "running", "running")
QUEUED = Mark("◌", "running", "queued")
WAITING = Mark("↻", "warning", "waiting")
STOPPING = Mark("◍", "warning", "stopping")
DONE = Mark("✓", "done", "done")
FAILED = Mark("✗", "failed", "failed")
CANCELLED = Mark("⊘", "warning", "cancelled")
TIMEOUT = Mark("⇥", "failed", "timed out")
CRASHED = Mark("✸", "failed", "crashed")
INTERRUPTED = Mark("↯", "warning", "interrupted")
SKIPPED = Mark("↷", "muted", "skipped")
PAUSED = Mark("‖", "warning", "paused")
PROBLEM = Mark("▲", "failed", "has a problem")
IDLE = Mark("○", "muted", "ready")
NEVER_RUN = Mark("·", "muted", "never run")

_OF_STATE = {
    RunState.QUEUED: QUEUED,
    RunState.RUNNING: RUNNING,
    RunState.WAITING: WAITING,
    RunState.DONE: DONE,
    RunState.FAILED: FAILED,
    RunState.CANCELLED: CANCELLED,
    RunState.TIMEOUT: TIMEOUT,
    RunState.CRASHED: CRASHED,
    RunState.INTERRUPTED: INTERRUPTED,
    RunState.SKIPPED: SKIPPED,
}
_BARS = {
    RunState.DONE: "▂",
    RunState.FAILED: "█",
    RunState.TIMEOUT: "▇",
    RunState.CRASHED: "█",
    RunState.SKIPPED: "▁",
}
_STYLES = {
    "running": "bold $primary",
    "done": "$success",
    "failed": "bold $error",
    "warning": "$warning",
    "muted": "$text-muted",
}
WENT_WRONG = frozenset({RunState.FAILED, RunState.TIMEOUT, RunState.CRASHED})
URGENCY = (
    PROBLEM,
    CRASHED,
    FAILED,
    TIMEOUT,
    STOPPING,
    WAITING,
    RUNNING,
    QUEUED,
    PAUSED,
    CANCELLED,
    INTERRUPTED,
    SKIPPED,
)


def of_run(run: Run) -> Mark:
    """How a run stands."""
    return STOPPING if run.stopping and not run.state.is_final else of_state(run.state)


def of_state(state: RunState) -> Mark:
    """What a run's state looks like."""
    return _OF_STATE[state]


def leading(runs: Sequence[Run]) -> Run:
    """The one of a task's going runs that stands for all of them: one that goes on before those
    that wait behind it, the newest of several; one that is over, but not yet for its engine, last.
    """
    return min(reversed(runs), key=_urgency)


def _urgency(run: Run) -> int:
    mark = of_run(run)
    return len(URGENCY) if run.state.is_final else URGENCY.index(mark)


def of_task(view: TaskView, status: TaskStatus) -> Mark:
    """How a task stands: what goes on first, then what needs the user, then what was."""
    if status.active:
        return of_run(leading(status.active))
    if view.problem is not None or not view.runnable:
        return PROBLEM
    if status.paused:
        return PAUSED
    if status.last is None:
        return NEVER_RUN
    last = of_run(status.last)
    return IDLE if last is DONE else last


def bar(state: RunState) -> str:
    """One outcome in a spark: low is good, tall is bad."""
    return _BARS.get(state, "▅")


def most_urgent(marks: set[Mark]) -> Mark | None:
    """The mark that a folded group shows for the tasks in it; None if nothing calls for a look."""
    return next((mark for mark in URGENCY if mark in marks), None)


def style_of(state: RunState) -> str:
    """How a state's sign is styled in a line of text."""
    return _STYLES[of_state(state).tone]
