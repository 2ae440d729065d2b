"""Has a project looked through by another process, which may hang or die of what it imports."""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from taskconsole.cli.check.report import Report, decoded
from taskengine.executors.process.boot import start_interpreter
from taskengine.problem import Problem, ProblemKind

_IMPORTER = "taskconsole.cli.check.importer"
_PIECE = 65_536
_STDERR = 2
_MOST_CULPRITS = 5


class _Silence(Exception):
    """Nothing was said for too long."""


def look_through(root: Path, patience: float) -> Report:
    """Import all tasks of a project elsewhere, and give back what is wrong with it.

    `patience` is how many seconds each import may take. After one that takes longer, or that ends
    the process, the others are imported anew without it. If there are many such, they are judged by
    their text alone. Raises OSError if no process can be started.
    """
    faults: dict[Path, Problem] = {}
    while True:
        said = _asked(root, patience, faults)
        if isinstance(said, Report):
            others = (one for one in said.problems if not _is_refusal(one, faults))
            return Report(said.tasks, said.schedules, (*faults.values(), *others))
        culprit = said.path or root
        is_new = culprit not in faults
        faults.setdefault(culprit, said)
        if not is_new or culprit == root or len(faults) == _MOST_CULPRITS:
            return _by_text(root, faults.values())


def _is_refusal(problem: Problem, refused: Collection[Path]) -> bool:
    """Whether it only says that a file was not imported again."""
    return problem.kind is ProblemKind.IMPORT and problem.path in refused


def _asked(root: Path, patience: float, refused: Collection[Path]) -> Report | Problem:
    """What another process reports, or what is wrong with the file that kept it from that."""
    at_work: Path | None = None
    with _importing([root, *refused]) as (process, reports):
        try:
            for line in _lines(reports, patience):
                said = decoded(line)
                if isinstance(said, Report):
                    return said
                at_work = said.path
            code = process.wait(patience)  # it said no more, but it may still be there
        except (_Silence, subprocess.TimeoutExpired):
            return _too_slow(at_work or root, patience)
        return _ended(at_work or root, code)


@contextmanager
def _importing(asked: Collection[Path]) -> Iterator[tuple["subprocess.Popen[bytes]", IO[bytes]]]:
    """The other process, and what it says. Nothing of it is left afterwards."""
    request, to_request = os.pipe()
    from_report, report = os.pipe()
    with os.fdopen(from_report, "rb", buffering=0) as reports:
        try:
            process = start_interpreter(_IMPORTER, [request, report], stderr=_STDERR)
        finally:
            os.close(request)
            os.close(report)
            with os.fdopen(to_request, "wb") as asking, suppress(BrokenPipeError):
                asking.write(b"\0".join(map(os.fsencode, asked)))
        try:
            yield process, reports
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _lines(reports: IO[bytes], patience: float) -> Iterator[bytes]:
    """What is said, line by line, up to the end. Raises _Silence."""
    with selectors.DefaultSelector() as selector:
        selector.register(reports, selectors.EVENT_READ)
        begun, late = b"", time.monotonic() + patience
        while selector.select(max(late - time.monotonic(), 0)):
            piece = reports.read(_PIECE)
            if not piece:
                return
            *lines, begun = (begun + piece).split(b"\n")
            yield from lines
            late = time.monotonic() + patience
    raise _Silence


def _by_text(root: Path, faults: Collection[Problem]) -> Report:
    """What the files' text tells, where the imports came to no end."""
    from taskengine.project.project import Project
    from taskengine.project.zone import default_timezone

    with Project(root, default_timezone=default_timezone) as project:
        catalog = project.scan()
    return Report(len(catalog.entries), len(catalog.schedules), (*faults, *catalog.problems))


def _too_slow(path: Path, patience: float) -> Problem:
    return Problem(
        kind=ProblemKind.SLOW_IMPORT,
        message=f"its import took more than {patience:g} s and was cut off",
        path=path,
        hint="move slow work from the module into the task's function, or allow for more time",
    )


def _ended(path: Path, code: int) -> Problem:
    how = f"exit code {code}" if code >= 0 else f"signal {-code}, {_name_of(-code)}"
    return Problem(
        kind=ProblemKind.IMPORT,
        message=f"its import ended the process ({how})",
        path=path,
        hint="a module must not end the process that imports it",
    )


def _name_of(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"
