"""What is wrong with a file whose import came to no end."""

import signal
from pathlib import Path

from taskconsole.cli.importing.traces import Place
from taskengine.problem import Problem, ProblemKind


def too_slow(patience: float, path: Path, place: Place | None) -> Problem:
    """Its import took more than `patience` seconds; `place` is where it was."""
    return Problem(
        kind=ProblemKind.SLOW_IMPORT,
        message=f"its import took more than {patience:g} s and was cut off",
        path=path,
        line=place.line if place else None,
        hint="move slow work from the module into the task's function, or allow for more time",
        traceback=place.trace if place else "",
    )


def ended(code: int, path: Path, place: Place | None) -> Problem:
    """Its import ended the process; `code` is the exit code, or minus the signal's number."""
    how = f"exit code {code}" if code >= 0 else f"signal {-code}, {_name_of(-code)}"
    return Problem(
        kind=ProblemKind.IMPORT,
        message=f"its import ended the process ({how})",
        path=path,
        line=place.line if place else None,
        hint="a module must not end the process that imports it",
        traceback=place.trace if place else "",
    )


def _name_of(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"
