"""Tasks that the program has made known itself, under a name, without a file of the project."""

import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from taskengine.problem import Problem, ProblemKind
from taskengine.project.definition import Definition
from taskengine.project.import_problem import import_problem
from taskengine.project.loader import Loader
from taskengine.project.plan import Plan
from taskengine.project.source import TaskSource
from taskengine.project.syntax import SyntaxReader
from taskengine.task import Task, TaskFunction, first_line


@dataclass(frozen=True, slots=True, eq=False)
class AddedSource:
    """A task in the program's memory. `path` is None, for there is no file to read it from."""

    name: str
    task: Task
    path: None = None

    def scan(self, reader: SyntaxReader) -> Definition:  # noqa: ARG002 - `TaskSource` has it
        """What can be told of it without looking at its function."""
        return Definition(name=self.name, title=self.task.title, description=self.task.description)

    def module(self, loader: Loader) -> str:  # noqa: ARG002 - as above
        """No module: there is nothing to import."""
        return ""

    def load(self, loader: Loader, reader: SyntaxReader) -> Definition:  # noqa: ARG002 - as above
        """The task as it is."""
        return self.define()

    def define(self) -> Definition:
        """The task as it is; what its options raise is its problem."""
        path = _file_of(self.task.function)
        known = Definition(name=self.name, path=path)
        try:
            handler = _handler_of(self.task.function)
            known = replace(known, importable=bool(handler), handler=handler)
            return known.with_task(self.task, None)
        except BaseException as error:  # noqa: BLE001 - what is looked at is the user's
            return known.with_problem(import_problem(error, _is_any_file, path or Path()))


def added_source(task: Task | TaskFunction, name: str) -> AddedSource:
    """The source of a task or of a plain function. Raises TypeError, or ValueError for the name."""
    if not name or not all(part.strip() for part in name.split(":")):
        raise ValueError(f"{name!r} is no name for a task: write it like `db:migrate`")
    if isinstance(task, Task):
        return AddedSource(name, task)
    if callable(task):
        return AddedSource(name, Task(function=task, description=first_line(task.__doc__)))
    raise TypeError(f"a task is a function, with @task or without, not {type(task).__name__}")


class AddedTasks:
    """The tasks that were added so far. Safe to use from every thread."""

    def __init__(self) -> None:
        self.sources: Mapping[str, AddedSource] = MappingProxyType({})
        self._lock = threading.Lock()

    def add(self, source: AddedSource) -> None:
        """Take one more. Raises ValueError if another one has its name."""
        with self._lock:
            if source.name in self.sources:
                raise ValueError(f"a task `{source.name}` was added already")
            self.sources = MappingProxyType({**self.sources, source.name: source})


def with_added(plan: Plan, added: Mapping[str, AddedSource]) -> Plan:
    """The plan with the program's tasks over it; other code of the same name is a problem."""
    passed_over = [plan.sources[name] for name in added if name in plan.sources]
    faulty = {name: one for name, one in plan.faulty.items() if name not in added}
    return Plan(
        sources={**plan.sources, **added},
        faulty=faulty,
        problems=(*plan.problems, *map(_clash, passed_over)),
    )


def _clash(source: TaskSource) -> Problem:
    return Problem(
        kind=ProblemKind.NAME_CLASH,
        message=f"`{source.name}` is added by the program too, and the program's task is run",
        path=source.path,
        task=source.name,
        hint="give one of the two another name",
    )


def _handler_of(function: TaskFunction) -> str:
    """How another process finds the function: "module:name"; empty if it is in no module's reach.

    The program's main module has another name there.
    """
    module = str(getattr(function, "__module__", ""))
    name = str(getattr(function, "__qualname__", ""))
    found: object = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    if isinstance(found, Task):
        found = found.function
    return f"{module}:{name}" if found is function and module != "__main__" else ""


def _file_of(function: TaskFunction) -> Path | None:
    code = getattr(function, "__code__", None)
    file = Path(getattr(code, "co_filename", ""))
    return file if file.is_file() else None


def _is_any_file(_: Path) -> bool:
    return True
