"""What the user is told of a change of the project's files: one notice of each sort, however many
events there are, and nothing that another event of the same change proves wrong.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from taskconsole.notices import Notice, describe, where
from taskconsole.phrases import count
from taskengine.client.views import TaskView
from taskengine.events import CatalogChanged, Event, FireMissed, ProblemCleared, ProblemRaised
from taskengine.problem import Problem, ProblemKind

_NAMED_AT_MOST = 3
_PASSED = {
    ProblemKind.BLOCKED_LOOP: "no longer blocks the event loop",
    ProblemKind.HELD_LOCK: "no longer holds the interpreter's lock",
}


def of_reload(
    events: Sequence[Event], root: Path, views: Iterable[TaskView], *, tells_problems: bool = True
) -> Iterator[Notice]:
    """What is new since some events; `views` are the tasks as they are after them."""
    raised = [event.problem for event in events if isinstance(event, ProblemRaised)]
    news = list(_changes(events, {problem.task for problem in raised}))
    if tells_problems:
        news += [_of_mended(problem, root) for problem in _mended(events, raised)]
    if news:
        yield Notice("\n".join(news))
    if raised and tells_problems:
        yield Notice(_of_problems(raised, root, views), "", "error")
    if missed := [event for event in events if isinstance(event, FireMissed)]:
        yield _of_missed(missed)


def _catalogs(events: Iterable[Event]) -> Iterator[CatalogChanged]:
    return (event for event in events if isinstance(event, CatalogChanged))


def _changes(events: Iterable[Event], broken: set[str | None]) -> Iterator[str]:
    for event in _catalogs(events):
        reloaded = tuple(name for name in event.changed if name not in broken)
        parts = {"added": event.added, "removed": event.removed, "reloaded": reloaded}
        yield from (f"{verb} {_names(names)}" for verb, names in parts.items() if names)


def _mended(events: Iterable[Event], raised: Iterable[Problem]) -> Iterator[Problem]:
    """What is really mended: not what went with its file, nor what gave way to another fault."""
    removed = {name for event in _catalogs(events) for name in event.removed}
    still_broken = {(problem.path, problem.task) for problem in raised}
    cleared = [event.problem for event in events if isinstance(event, ProblemCleared)]
    for problem in cleared:
        if problem.task not in removed and (problem.path, problem.task) not in still_broken:
            yield problem


def _of_mended(problem: Problem, root: Path) -> str:
    """A task that held up others did so for a while; nobody has mended it. Nor a full disk."""
    if problem.kind is ProblemKind.HISTORY:
        return "the history is written again"
    if words := _PASSED.get(problem.kind):
        return f"{f'task {problem.task}' if problem.task else 'a task'} {words}"
    return f"mended: {where(problem, root)}"


def _of_problems(problems: Sequence[Problem], root: Path, views: Iterable[TaskView]) -> str:
    if len(problems) > 1:
        return f"{len(problems)} new problems: press 4"
    (problem,) = problems
    is_old = not problem.kind.spares_code
    is_served = is_old and any(view.runnable and view.problem == problem for view in views)
    return describe(problem, root) + ("\nThe old version still serves." if is_served else "")


def _of_missed(missed: Sequence[FireMissed]) -> Notice:
    fires = count(sum(event.missed.count for event in missed), "fire")
    tasks = tuple(dict.fromkeys(event.missed.task for event in missed))
    return Notice(f"missed {fires} of {_names(tasks)}: press m there", "", "warning")


def _names(names: tuple[str, ...]) -> str:
    named = ", ".join(names[:_NAMED_AT_MOST])
    more = len(names) - _NAMED_AT_MOST
    return f"{named} and {more} more" if more > 0 else named
