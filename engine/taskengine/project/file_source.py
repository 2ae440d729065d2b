"""A task that a file of the tasks folder holds."""

from dataclasses import dataclass
from pathlib import Path

from taskengine.problem import Problem, ProblemKind
from taskengine.project.definition import Definition
from taskengine.project.discovery import TaskFile
from taskengine.project.loader import Loader
from taskengine.project.only_task import several_tasks, with_only_task
from taskengine.project.syntax import FileSyntax, SyntaxReader


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file of the tasks folder."""

    file: TaskFile

    @property
    def name(self) -> str:
        """The name from the file's path."""
        return self.file.name

    @property
    def path(self) -> Path:
        """The file."""
        return self.file.path

    def scan(self, reader: SyntaxReader) -> Definition:
        """What the file's text tells."""
        bare = Definition(name=self.name, path=self.path, importable=True)
        syntax = reader.read(self.path)
        fault = self.file.clash or syntax.problem or _fault(self.path, syntax)
        known = bare.with_syntax(syntax.tasks[0]) if syntax.tasks else bare
        return known.with_problem(fault) if fault else known

    def module(self, loader: Loader) -> str:
        """The module that the file is."""
        return loader.module_name(self.path)

    def load(self, loader: Loader, reader: SyntaxReader) -> Definition:
        """Import the file and take its one task."""
        known = self.scan(reader)
        syntax = reader.read(self.path)
        if known.problem and not syntax.problem:
            return known
        module = loader.load(self.module(loader), self.path)
        if isinstance(module, Problem):
            return known.with_problem(module)
        return with_only_task(known, module, syntax)


def _fault(path: Path, syntax: FileSyntax) -> Problem | None:
    """What is wrong with a task file, as far as its text tells."""
    if not syntax.mentions_engine:
        return Problem(
            kind=ProblemKind.NO_TASK,
            message="the file never imports taskengine, so it is not imported",
            path=path,
            hint="give it a task, or a name that begins with _ if it is a helper",
        )
    different = {one.attribute: one for one in syntax.tasks}
    if len(different) > 1:
        return several_tasks(path, different.values())
    return None
