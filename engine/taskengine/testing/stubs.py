"""Tasks that stand in for others in a test."""

from typing import Any, NoReturn

from taskengine.task import Task, TaskEvent


def as_task(answer: object) -> Task:
    """The task that answers so: a task or a function is called, an exception is raised, any other
    value is the result.
    """
    if isinstance(answer, Task):
        return answer
    if callable(answer) and not isinstance(answer, type):
        return Task(function=answer)

    def stub(_: TaskEvent[Any]) -> object:
        return _raise(answer) if isinstance(answer, BaseException) else answer

    return Task(function=stub)


def _raise(error: BaseException) -> NoReturn:
    raise error
