"""What the user is told in passing, in short sentences, and how the places of problems are told."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from taskconsole import phrases
from taskengine.problem import Problem
from taskengine.run import Run

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


def of_join(run: Run) -> Notice:
    """A call of the user's joined a run instead of beginning one."""
    used = run.joined[-1].payload_used
    loss = "" if used else "; your payload was not used"
    return Notice(f"joined run #{run.id} that was going on{loss}", run.task, "warning")


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
