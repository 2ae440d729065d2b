"""What one place says about a task, before the config and the schedules are laid over it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from taskengine.problem import Problem
from taskengine.project.syntax import TaskSyntax
from taskengine.task import Schedule, Task, TaskFunction, is_async


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenSchedule:
    """A schedule as it was written, unchecked, and where."""

    cron: str
    timezone: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    path: Path | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A task as its file or its handler defines it.

    `loaded` is False while an import has still to tell more.
    """

    name: str
    title: str = ""
    description: str = ""
    path: Path | None = None
    line: int | None = None
    function: TaskFunction | None = None
    is_async: bool = False
    schedules: tuple[WrittenSchedule, ...] = ()
    problem: Problem | None = None
    loaded: bool = False

    def with_syntax(self, syntax: TaskSyntax) -> "Definition":
        """What the text alone tells of the task."""
        schedules = [_written(one, self.path, line) for one, line in syntax.schedules]
        return replace(
            self,
            title=syntax.title,
            description=syntax.description,
            line=syntax.line,
            is_async=syntax.is_async,
            schedules=tuple(schedules),
        )

    def with_task(self, task: Task, syntax: TaskSyntax | None) -> "Definition":
        """What the imported task tells; lines still come from the text."""
        lines = syntax.schedules if syntax else ()
        line = syntax.line if syntax else first_line_of(task.function)
        schedules = [
            _written(schedule, self.path, _line_of(schedule, lines) or line)
            for schedule in task.schedules
        ]
        return replace(
            self.with_function(task.function),
            title=task.title,
            description=task.description,
            line=line,
            schedules=tuple(schedules),
        )

    def with_function(self, function: TaskFunction) -> "Definition":
        """The same with code to run."""
        return replace(self, function=function, is_async=is_async(function), loaded=True)

    def with_problem(self, problem: Problem) -> "Definition":
        """The same with a fault, which is then all there is to know."""
        return replace(self, problem=replace(problem, task=self.name), loaded=True)


def first_line_of(function: TaskFunction) -> int | None:
    """The line on which a function or its decorators begin, if it is written in Python."""
    code = getattr(function, "__code__", None)
    return getattr(code, "co_firstlineno", None)


def _written(schedule: Schedule, path: Path | None, line: int | None) -> WrittenSchedule:
    """Nobody has checked so far what an author gave; raises TypeError for what isn't text."""
    if not _is_text(schedule):
        raise TypeError(f"a schedule is a text or a Schedule of texts, not {schedule!r}")
    return WrittenSchedule(
        cron=schedule.cron,
        timezone=schedule.timezone,
        payload=schedule.payload,
        path=path,
        line=line,
    )


def _is_text(schedule: object) -> bool:
    if not isinstance(schedule, Schedule):
        return False
    parts: tuple[object, ...] = (schedule.cron, schedule.timezone or "")
    return all(isinstance(part, str) for part in parts)


def _line_of(schedule: Schedule, lines: Sequence[tuple[Schedule, int]]) -> int | None:
    return next((line for one, line in lines if one == schedule), None)
