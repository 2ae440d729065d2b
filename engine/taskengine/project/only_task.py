"""The one task that a module defines, and the problem of those with none or several."""

from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from taskengine.problem import Problem, ProblemKind
from taskengine.project.definition import Definition, first_line_of
from taskengine.project.syntax import FileSyntax, TaskSyntax
from taskengine.task import Task


def with_only_task(known: Definition, module: ModuleType, syntax: FileSyntax) -> Definition:
    """The definition by the one task that the module itself defines."""
    own = {
        attribute: value
        for attribute, value in vars(module).items()
        if isinstance(value, Task) and attribute in syntax.attributes
    }
    path = known.path or Path(module.__file__ or "")
    if not own:
        return known.with_problem(_no_task(path))
    if len({id(task) for task in own.values()}) > 1:
        found = [syntax_of(name, syntax.tasks) or _unseen(name, own[name]) for name in own]
        return known.with_problem(several_tasks(path, found))
    attribute, task = next(iter(own.items()))
    return known.with_task(task, syntax_of(attribute, syntax.tasks))


def several_tasks(path: Path, tasks: Iterable[TaskSyntax]) -> Problem:
    """The problem of a file with more than one task."""
    in_order = sorted(tasks, key=lambda task: task.line)
    words = " and ".join(f"`{task.attribute}` (line {task.line})" for task in in_order)
    return Problem(
        kind=ProblemKind.SEVERAL_TASKS,
        message=f"the file has several tasks: {words}",
        path=path,
        line=in_order[1].line,
        hint="one file holds one task: move the others to files of their own",
    )


def _no_task(path: Path) -> Problem:
    return Problem(
        kind=ProblemKind.NO_TASK,
        message="the file has no task",
        path=path,
        hint="put @task over a function, or begin the file's name with _ if it is a helper",
    )


def syntax_of(attribute: str, tasks: Iterable[TaskSyntax]) -> TaskSyntax | None:
    """How a task is written, if its text was understood."""
    return next((one for one in tasks if one.attribute == attribute), None)


def _unseen(attribute: str, task: Task) -> TaskSyntax:
    return TaskSyntax(attribute=attribute, line=first_line_of(task.function) or 1)
