"""Which files of the tasks folder are tasks, and what they are called."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from taskengine.problem import Problem, ProblemKind
from taskengine.project.config import as_name

_NEVER_CODE = frozenset({"__pycache__", "node_modules"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFile:
    """A file that ought to hold the task `name`. `clash` says why the name is not its own."""

    name: str
    path: Path
    clash: Problem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The task files of a folder, by name, and what kept others from being one."""

    files: tuple[TaskFile, ...] = ()
    problems: tuple[Problem, ...] = ()


def find_task_files(folder: Path, *, ignores_case: bool | None = None) -> Found:
    """All task files below the tasks folder; none if there is no such folder.

    `ignores_case` says whether names that differ by case only are one, as they are on some disks;
    None asks the disk.
    """
    if ignores_case is None:
        ignores_case = _ignores_case(folder)
    names: dict[str, list[tuple[str, Path]]] = {}
    folders = list(folders_below(folder))
    problems = [fault for one in folders or [folder] if (fault := _fault_of(one))]
    for path in sorted(path for one in folders for path in _python_files(one)):
        name = task_name(path.relative_to(folder))
        if not name.isprintable():
            problems.append(_bad_name(path, name))
            continue
        same = name.casefold() if ignores_case else name
        names.setdefault(same, []).append((name, path))
    files = [_task_file(claims) for claims in names.values()]
    return Found(files=tuple(sorted(files, key=lambda file: file.name)), problems=tuple(problems))


def task_name(path: Path) -> str:
    """The name of the task in a file, by its path below the tasks folder."""
    return as_name(":".join(path.with_name(path.name.removesuffix(".py")).parts))


def may_be_task(path: PurePath) -> bool:
    """Whether a file at a path below the tasks folder would be taken for a task's."""
    return not (_is_left_out_file(path.name) or any(map(_is_left_out_folder, path.parts[:-1])))


def is_never_code(name: str) -> bool:
    """Whether a folder of this name holds neither tasks nor helpers."""
    return name.startswith(".") or name in _NEVER_CODE


def is_environment(folder: str | Path) -> bool:
    """Whether a folder is a virtual environment."""
    return os.path.lexists(os.path.join(folder, "pyvenv.cfg"))  # noqa: PTH118 - called per folder


def folders_below(folder: Path) -> Iterator[Path]:
    """The folder and those below it that may hold tasks; none if it doesn't exist."""
    yield from _folders(folder, frozenset())


def _is_left_out_file(name: str) -> bool:
    return (
        name.startswith(("_", ".", "test_")) or name.endswith("_test.py") or name == "conftest.py"
    )


def _is_left_out_folder(name: str) -> bool:
    return name.startswith("_") or is_never_code(name)


def _folders(folder: Path, above: frozenset[str]) -> Iterator[Path]:
    """`above` holds the real paths of the folders around, for links that lead back to one."""
    real = os.path.realpath(folder)
    if real in above or not folder.is_dir() or is_environment(folder):
        return
    yield folder
    for entry in entries_in(folder):
        if not _is_left_out_folder(entry.name) and entry.is_dir():
            yield from _folders(folder / entry.name, above | {real})


def _python_files(folder: Path) -> Iterator[Path]:
    for entry in entries_in(folder):
        name = entry.name
        if name.endswith(".py") and not _is_left_out_file(name) and entry.is_file():
            yield folder / name


def entries_in(folder: Path) -> Iterable[os.DirEntry[str]]:
    """What is in a folder; nothing if it can't be read or went away just now."""
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def _fault_of(folder: Path) -> Problem | None:
    """Why tasks may be in there that are not found; None for a folder that is not there."""
    try:
        os.scandir(folder).close()
    except OSError as error:
        if not os.path.lexists(folder):
            return None
        return Problem(
            kind=ProblemKind.NO_TASK,
            message=f"no tasks can be looked for here: {error.strerror}",
            path=folder,
            hint="make it a folder that can be read, or name another one as `tasks_dir`",
        )
    return None


def _ignores_case(folder: Path) -> bool:
    """Whether the disk takes the folder's name in the other case for the same."""
    other = folder.with_name(folder.name.swapcase())
    try:
        return other.name != folder.name and other.samefile(folder)
    except OSError:
        return False


def _task_file(claims: list[tuple[str, Path]]) -> TaskFile:
    name, path = claims[0]
    if len(claims) == 1:
        return TaskFile(name=name, path=path)
    others = " and ".join(str(other) for _, other in claims[1:])
    clash = Problem(
        kind=ProblemKind.NAME_CLASH,
        message=f"{path} and {others} are both called `{name}`",
        path=path,
        task=name,
        hint="rename one of the files",
    )
    return TaskFile(name=name, path=path, clash=clash)


def _bad_name(path: Path, name: str) -> Problem:
    return Problem(
        kind=ProblemKind.NO_TASK,
        message=f"{name!r} can't be a task's name: it has characters that can't be printed",
        path=path,
        hint="rename the file",
    )
