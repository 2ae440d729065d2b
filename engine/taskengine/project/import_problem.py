"""What a user's module raised while it was imported, as a problem at its place in the project."""

import importlib
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from traceback import FrameSummary, StackSummary, TracebackException

from taskengine.parsing import parsed
from taskengine.problem import Problem, ProblemKind
from taskengine.project.syntax import syntax_problem

_OWN_FOLDER = f"{Path(__file__).parents[1]}{os.sep}"
_IMPORT_FILES = ("<frozen importlib", str(importlib.__file__))
_LONGEST_CHAIN = 50


def import_problem(error: BaseException, is_inside: Callable[[Path], bool], path: Path) -> Problem:
    """The problem of the file `path`; its place is the deepest one that is the project's own.

    Raises nothing, whatever the error does when it is asked what it has to say.
    """
    try:
        return _told_problem(error, is_inside, path)
    except BaseException:  # noqa: BLE001 - the error is the user's code and may raise anything
        return Problem(kind=ProblemKind.IMPORT, message=type(error).__name__, path=path)


def _told_problem(error: BaseException, is_inside: Callable[[Path], bool], path: Path) -> Problem:
    if isinstance(error, SyntaxError) and error.filename and is_inside(Path(error.filename)):
        return syntax_problem(error, Path(error.filename))
    told = _cut(TracebackException.from_exception(error))
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
    words = _words(error)
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def _words(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException:  # noqa: BLE001 - a user's `__str__` may raise anything
        return ""


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
    return parsed(lambda: "".join(told.format()))


def _cut(told: TracebackException) -> TracebackException:
    """Forget the far end of a chain of causes that nobody could read."""
    for one in list(_chain(told))[_LONGEST_CHAIN:]:
        one.__cause__ = one.__context__ = None
    return told


def _chain(told: TracebackException) -> Iterator[TracebackException]:
    """An exception and what it came of, the nearest first."""
    waiting = deque([told])
    while waiting:
        one = waiting.popleft()
        yield one
        waiting.extend(near for near in (one.__cause__, one.__context__) if near is not None)


def _shown(stack: StackSummary) -> Iterator[FrameSummary]:
    for frame in stack:
        if not frame.filename.startswith((_OWN_FOLDER, *_IMPORT_FILES)):
            yield frame
