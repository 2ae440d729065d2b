"""What one place says about a task, before the config and the schedules are laid over it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from taskengine.payload.payload_type import PayloadType
from taskengine.payload.payload_types import payload_type_of
from taskengine.payload.unsupported import UnsupportedPayload
from taskengine.problem import Problem, ProblemKind
from taskengine.project.syntax import TaskSyntax
from taskengine.project.written_options import OptionLayer, check_code_options
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

    `loaded` is False while an import has still to tell more. `options` are those that are right,
    `option_problems` what is wrong with the others. `importable` says whether another process would
    find the code, by `handler` where neither the config nor the task's name leads there. `is_told`
    is True where its text alone told all that lists show of it.
    """

    name: str
    title: str = ""
    description: str = ""
    path: Path | None = None
    line: int | None = None
    function: TaskFunction | None = None
    is_async: bool = False
    payload_type: PayloadType | None = None
    schedules: tuple[WrittenSchedule, ...] = ()
    options: OptionLayer = field(default_factory=dict)
    option_problems: tuple[Problem, ...] = ()
    problem: Problem | None = None
    loaded: bool = False
    importable: bool = False
    handler: str = ""
    is_told: bool = False

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
            is_told=syntax.is_whole,
        ).with_options(syntax.literal_options, syntax.option_lines, syntax.line)

    def with_task(self, task: Task, syntax: TaskSyntax | None) -> "Definition":
        """What the imported task tells; lines still come from the text."""
        lines = syntax.schedules if syntax else ()
        line = syntax.line if syntax else first_line_of(task.function)
        schedules = [
            _written(schedule, self.path, _line_of(schedule, lines) or line)
            for schedule in task.schedules
        ]
        option_lines = syntax.option_lines if syntax else {}
        return replace(
            self.with_function(task.function).with_options(task.options, option_lines, line),
            title=task.title,
            description=task.description,
            line=line,
            schedules=tuple(schedules),
        ).with_payload_type()

    def with_function(self, function: TaskFunction) -> "Definition":
        """The same with code to run."""
        return replace(self, function=function, is_async=is_async(function), loaded=True)

    def with_payload_type(self) -> "Definition":
        """The same with the type that its function names for the payload.

        With one that is of no use, nothing can be run: a dict that nobody has checked might do
        what nobody meant.
        """
        if self.function is None:
            return self
        try:
            return replace(self, payload_type=payload_type_of(self.function))
        except UnsupportedPayload as error:
            problem = Problem(
                kind=ProblemKind.PAYLOAD,
                message=str(error),
                path=self.path,
                line=self.line,
                hint=error.hint,
            )
            return replace(self, function=None).with_problem(problem)

    def with_options(
        self, written: Mapping[str, object], lines: Mapping[str, int], line: int | None
    ) -> "Definition":
        """The same with what is written of its options, unless in `lines` on the line `line`."""
        checked = check_code_options(self.name, written, self.path, lines, line)
        return replace(self, options=checked.layer, option_problems=checked.problems)

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
