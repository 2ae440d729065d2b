"""What a user's module raised while it was imported, as a problem at its place in the project."""

import importlib
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from traceback import FrameSummary, StackSummary, TracebackException

from taskengine.problem import Problem, ProblemKind
from taskengine.project.syntax import syntax_problem

_OWN_FOLDER = str(Path(__file__).parents[1])
_IMPORT_FILES = ("<frozen importlib", str(importlib.__file__))


def import_problem(error: BaseException, is_inside: Callable[[Path], bool], path: Path) -> Problem:
    """The problem of the file `path`; its place is the deepest one that is the project's own."""
    if isinstance(error, SyntaxError) and error.filename and is_inside(Path(error.filename)):
        return syntax_problem(error, Path(error.filename))
    told = TracebackException.from_exception(error)
    frames = [frame for frame in _shown(told.stack) if is_inside(Path(frame.filename))]
    return Problem(
        kind=ProblemKind.IMPORT,
        message=_message(error),
        path=Path(frames[-1].filename) if frames else path,
        line=frames[-1].lineno if frames else None,
        hint=_hint(error),
        traceback=_text(told),
    )


def _message(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return f"the file called sys.exit({error.code!r}) while it was imported"
    if _is_not_installed(error):
        return f"{error} in the environment {sys.prefix}"
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _hint(error: BaseException) -> str:
    if _is_not_installed(error):
        return "install it there, or start taskconsole from the project's own environment"
    if isinstance(error, SystemExit):
        return "call it in the task, or below `if __name__ == '__main__':`"
    return ""


def _is_not_installed(error: BaseException) -> bool:
    """Whether a module is missing altogether, and not just a part of one that is there."""
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return False
    top = error.name.partition(".")[0]
    return top not in sys.modules and find_spec(top) is None


def _text(told: TracebackException) -> str:
    """The traceback as Python prints it, without the frames of the import system and our own."""
    for one in _chain(told):
        one.stack = StackSummary.from_list(list(_shown(one.stack)))
    return "".join(told.format())


def _chain(told: TracebackException | None) -> Iterator[TracebackException]:
    if told is not None:
        yield told
        yield from _chain(told.__cause__)
        yield from _chain(told.__context__)


def _shown(stack: StackSummary) -> Iterator[FrameSummary]:
    for frame in stack:
        if not frame.filename.startswith((_OWN_FOLDER, *_IMPORT_FILES)):
            yield frame
