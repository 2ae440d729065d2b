"""What a Python file says about its tasks, read from its syntax tree: none of its code runs."""

import ast
import traceback
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from taskengine.options import OPTION_NAMES
from taskengine.parsing import parsed
from taskengine.problem import Problem, ProblemKind
from taskengine.project.literals import (
    OptionSyntax,
    call_keywords,
    dotted_name,
    is_shown_whole,
    literal_option,
    literal_schedules,
    literal_text,
)
from taskengine.task import Schedule, first_line

PACKAGE = "taskengine"
_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
_Definition: TypeAlias = _Function | ast.Assign | ast.AnnAssign


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSyntax:
    """One task as it is written. `schedules` holds what is literal, each with its line; `is_whole`
    is False where some of what lists show of a task is not.
    """

    attribute: str
    line: int
    is_async: bool = False
    title: str = ""
    description: str = ""
    schedules: tuple[tuple[Schedule, int], ...] = ()
    options: Mapping[str, OptionSyntax] = field(default_factory=dict)
    is_whole: bool = True

    @property
    def literal_options(self) -> dict[str, object]:
        """The options with a literal value."""
        return {name: one.value for name, one in self.options.items() if one.is_literal}

    @property
    def option_lines(self) -> dict[str, int]:
        """On which line each option stands."""
        return {name: one.line for name, one in self.options.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSyntax:
    """What can be known of a file without running it.

    `attributes` are the names that the file itself defines, `imports` the dotted names that it
    may import, relative ones with their dots. `problem` says why the file doesn't parse.
    """

    mentions_engine: bool = False
    tasks: tuple[TaskSyntax, ...] = ()
    attributes: frozenset[str] = frozenset()
    imports: frozenset[str] = frozenset()
    problem: Problem | None = None


def read_syntax(source: bytes, path: Path) -> FileSyntax:
    """Look at a file's text. Raises nothing: what doesn't parse is a problem."""
    try:
        tree = parsed(lambda: ast.parse(source, filename=str(path)))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return FileSyntax(problem=syntax_problem(error, path))
    imports = [node for node in _statements(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = frozenset(_imported_names(imports))
    task_names = _TaskNames(imports)
    definitions = list(_definitions(tree))
    return FileSyntax(
        mentions_engine=any(name.partition(".")[0] == PACKAGE for name in names),
        tasks=tuple(
            _task(definition, marker)
            for definition in definitions
            if (marker := task_names.marker(definition))
        ),
        attributes=frozenset(name for one in definitions for name in _targets(one)),
        imports=names,
    )


def syntax_problem(error: Exception, path: Path) -> Problem:
    """The problem of a file that doesn't parse; equal for equal faults, whoever met them."""
    text = "".join(traceback.format_exception_only(error))
    if not isinstance(error, SyntaxError):
        return Problem(kind=ProblemKind.IMPORT, message=str(error), path=path, traceback=text)
    return Problem(
        kind=ProblemKind.IMPORT,
        message=f"{type(error).__name__}: {error.msg}",
        path=path,
        line=error.lineno,
        column=error.offset,
        traceback=text,
    )


class SyntaxReader:
    """Reads files' syntax, each text once."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[bytes, FileSyntax]] = {}

    def read(self, path: Path) -> FileSyntax:
        """The syntax of a file as it is now; that it can't be read is a problem, too."""
        try:
            return self.parse(path, path.read_bytes())
        except OSError as error:
            message = f"can't be read: {error.strerror or error}"
            return FileSyntax(problem=Problem(kind=ProblemKind.IMPORT, message=message, path=path))

    def parse(self, path: Path, source: bytes) -> FileSyntax:
        """The syntax of a text that the file has, or had."""
        known, syntax = self._known.get(path, (None, FileSyntax()))
        if known != source:
            syntax = read_syntax(source, path)
            self._known[path] = (source, syntax)
        return syntax


class _TaskNames:
    """Under which names a file knows the `task` decorator."""

    def __init__(self, imports: Iterable[ast.Import | ast.ImportFrom]) -> None:
        self._names: set[str] = set()
        for node in imports:
            for alias in node.names:
                self._add(node, alias)

    def _add(self, node: ast.Import | ast.ImportFrom, alias: ast.alias) -> None:
        modules = (PACKAGE, f"{PACKAGE}.task")
        if isinstance(node, ast.ImportFrom):
            if node.module in modules and not node.level and alias.name in {"task", "Task"}:
                self._names.add(alias.asname or alias.name)
        elif alias.name in modules:
            known_as = alias.asname or alias.name
            self._names |= {f"{known_as}.task", f"{known_as}.Task"}
            if not alias.asname:
                self._names |= {f"{PACKAGE}.task", f"{PACKAGE}.Task"}

    def marker(self, definition: _Definition) -> ast.expr | None:
        """The expression that makes the definition a task: a decorator, or the assigned value."""
        if isinstance(definition, _Function):
            candidates = definition.decorator_list
        else:
            candidates = [definition.value] if isinstance(definition.value, ast.Call) else []
        return next((one for one in candidates if self._is_task(one)), None)

    def _is_task(self, expression: ast.expr) -> bool:
        while isinstance(expression, ast.Call):
            expression = expression.func
        return dotted_name(expression) in self._names


def _inner(node: ast.AST) -> Iterator[ast.stmt]:
    """The statements one level below a node. Expressions hold none: to skip them saves half."""
    for block in ("body", "orelse", "finalbody"):
        yield from getattr(node, block, ())
    for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield from part.body


def _statements(node: ast.AST) -> Iterator[ast.stmt]:
    for inner in _inner(node):
        yield inner
        yield from _statements(inner)


def _imported_names(imports: Iterable[ast.Import | ast.ImportFrom]) -> Iterator[str]:
    """`from a import b` may import `a.b`, too."""
    for node in imports:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        else:
            module = "." * node.level + (node.module or "")
            yield module
            dot = "." if node.module else ""
            yield from (f"{module}{dot}{alias.name}" for alias in node.names if alias.name != "*")


def _definitions(node: ast.AST) -> Iterator[_Definition]:
    """What a module defines on its own level, also inside `if`, `try`, `with` and their kin."""
    for inner in _inner(node):
        if isinstance(inner, _Definition):
            yield inner
        elif not isinstance(inner, ast.ClassDef):
            yield from _definitions(inner)


def _targets(definition: _Definition) -> list[str]:
    if isinstance(definition, _Function):
        return [definition.name]
    if isinstance(definition, ast.AnnAssign):
        return _plain_names([definition.target])
    return _plain_names(definition.targets)


def _plain_names(targets: Iterable[ast.expr]) -> list[str]:
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _task(definition: _Definition, marker: ast.expr) -> TaskSyntax:
    keywords = call_keywords(marker)
    written = {name: keyword.value for name, keyword in keywords.items()}
    docstring = ast.get_docstring(definition) if isinstance(definition, _Function) else None
    return TaskSyntax(
        attribute=next(iter(_targets(definition)), ""),
        line=definition.lineno,
        is_async=isinstance(definition, ast.AsyncFunctionDef),
        title=literal_text(written.get("name")),
        description=literal_text(written.get("description")) or first_line(docstring),
        schedules=tuple(literal_schedules(written.get("schedule"))),
        options={
            name: literal_option(keyword)
            for name, keyword in keywords.items()
            if name in OPTION_NAMES
        },
        is_whole=is_shown_whole(marker),
    )
