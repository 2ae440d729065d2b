"""A file that was damaged or deleted, and what people are told of it.

A damaged file is never deleted: somebody may get something out of it.
"""

from datetime import datetime
from itertools import count
from pathlib import Path

from taskengine.problem import Problem, ProblemKind

_COMPANIONS = ("-wal", "-shm")


def set_aside(path: Path, now: datetime) -> Path:
    """Rename a file and what SQLite keeps beside it, and give its new path. Raises OSError.

    `now` (in whatever zone people read) becomes a part of the name.
    """
    aside = _free(path, f"{path.name}.damaged-{now:%Y%m%d-%H%M%S}")
    # The file itself comes last: if a new one met the companions of the old one, it would take
    # their content for its own.
    for companion in (*_COMPANIONS, ""):
        source = path.with_name(path.name + companion)
        if source.exists() or not companion:
            source.rename(aside.with_name(aside.name + companion))
    return aside


def damage_problem(path: Path, aside: Path, error: BaseException) -> Problem:
    """What people are told of a file that was set aside."""
    return Problem(
        kind=ProblemKind.DAMAGED_HISTORY,
        message=f"The history was damaged ({error}), and a new one was begun",
        path=aside,
        hint=f"The damaged file was set aside as {aside.name}, and is never deleted. `sqlite3"
        f" {aside} .recover` may get its runs out of it. Runs go on, and are kept in {path.name}.",
    )


def deletion_problem(path: Path) -> Problem:
    """What people are told of a file that was deleted while it was open."""
    return Problem(
        kind=ProblemKind.DAMAGED_HISTORY,
        message="The history was deleted or replaced while it was in use, and was begun anew",
        path=path,
        hint="Earlier runs are only where you have moved the file, if you have. Runs go on, and"
        f" are kept in {path.name}. Close the console before you move or delete its files.",
    )


def _free(path: Path, name: str) -> Path:
    names = (name if n == 1 else f"{name}-{n}" for n in count(1))
    return next(free for name in names if not (free := path.with_name(name)).exists())
