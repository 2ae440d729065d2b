"""A task whose code the config names: a file anywhere in the project, or a module."""

from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from taskengine.problem import Problem, ProblemKind
from taskengine.project.definition import Definition
from taskengine.project.handler import Handler
from taskengine.project.loader import Loader
from taskengine.project.only_task import syntax_of, with_only_task
from taskengine.project.syntax import FileSyntax, SyntaxReader
from taskengine.task import Task, first_line
from taskengine.wording import did_you_mean


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlerSource:
    """A handler that the config names, at `config_path` and `line`."""

    name: str
    handler: Handler
    config_path: Path
    line: int | None

    @property
    def path(self) -> Path | None:
        """The handler's file, if it is given by its path."""
        return self.handler.path

    def scan(self, reader: SyntaxReader) -> Definition:
        """What the text of the handler's file tells; a module's file is not known yet."""
        bare = Definition(name=self.name, path=self.path, importable=True)
        if self.path is None:
            return bare
        syntax = reader.read(self.path)
        wanted = [one for one in syntax.tasks if one.attribute == self.handler.attribute]
        tasks = wanted if self.handler.attribute else syntax.tasks
        known = bare.with_syntax(tasks[0]) if tasks else bare
        return known.with_problem(syntax.problem) if syntax.problem else known

    def module(self, loader: Loader) -> str:
        """The handler's module."""
        return loader.module_name(self.path) if self.path else self.handler.module

    def load(self, loader: Loader, reader: SyntaxReader) -> Definition:
        """Import the handler and take what the config names of it."""
        known = self.scan(reader)
        module = loader.load(self.module(loader), self.path or self.config_path)
        if isinstance(module, Problem):
            return known.with_problem(module)
        file = self.path or Path(module.__file__ or self.config_path)
        syntax = reader.read(file)
        known = Definition(name=self.name, path=file, importable=True)
        if not self.handler.attribute:
            return with_only_task(known, module, syntax)
        return self._with_attribute(known, module, syntax)

    def _with_attribute(
        self, known: Definition, module: ModuleType, syntax: FileSyntax
    ) -> Definition:
        value: object = module
        for part in self.handler.attribute.split("."):
            value = getattr(value, part, None)
        if isinstance(value, Task):
            return known.with_task(value, syntax_of(self.handler.attribute, syntax.tasks))
        if callable(value):
            plain = Task(function=value, description=first_line(value.__doc__))
            return known.with_task(plain, None)
        return known.with_problem(self._missing(module))

    def _missing(self, module: ModuleType) -> Problem:
        functions = [name for name, value in vars(module).items() if callable(value)]
        return Problem(
            kind=ProblemKind.CONFIG,
            message=f"there is no function `{self.handler.attribute}` in {module.__name__}",
            path=self.config_path,
            line=self.line,
            hint=did_you_mean(self.handler.attribute, functions),
        )
