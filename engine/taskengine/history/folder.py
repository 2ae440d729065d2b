"""The folder in which a project's history lives."""

import contextlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from taskengine.history.network_folder import network_filesystem
from taskengine.problem import Problem, ProblemKind

FOLDER = ".taskconsole"
DATABASE = "history.db"
_FOLDER_MODE = 0o700
_FILE_MODE = 0o600


@dataclass(frozen=True, slots=True)
class HistoryFolder:
    """A folder for a history; `problem` says why it is not inside the project, if it is not."""

    path: Path
    problem: Problem | None = None

    @property
    def database(self) -> Path:
        """The file of the history, which need not be there."""
        return self.path / DATABASE

    @classmethod
    def of(cls, root: Path) -> "HistoryFolder":
        """Where the history of a project is, or would be; nothing is made. Raises OSError where
        there is no place for it on this host.
        """
        inside = root / FOLDER
        filesystem = network_filesystem(_nearest(inside))
        if filesystem is None:
            return cls(inside)
        path = _own_place(root)
        if network_filesystem(_nearest(path)) is not None:
            raise OSError(
                f"{root} and {path} are on network filesystems, where no history can be kept"
            )
        return cls(path, _moved(root, path, filesystem))

    @classmethod
    def prepare(cls, root: Path) -> "HistoryFolder":
        """The folder for the history of a project, made if need be; only its user may look into
        it, and version control passes it by. Raises OSError, in words, where that can't be.
        """
        folder = cls.of(root)
        folder.make()
        return folder

    def make(self) -> None:
        """Make the folder, if it is not there. Raises OSError, in words."""
        _make(self.path, parents=self.problem is not None)
        with contextlib.suppress(OSError):  # a full disk must not keep an engine from starting
            _make_ignored(self.path / ".gitignore")


def _make(path: Path, *, parents: bool) -> None:
    try:
        path.mkdir(_FOLDER_MODE, parents=parents)
    except FileExistsError:
        _check(path)
    except OSError as error:
        raise OSError(f"{path} can't be made for the history: {error.strerror}") from error


def _check(path: Path) -> None:
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        raise OSError(f"{path} is a symlink, and the history is not put where that leads to")
    if not stat.S_ISDIR(mode):
        raise OSError(f"{path} is no folder, so the history can't be kept in it")


def _make_ignored(path: Path) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("*\n")


def _own_place(root: Path) -> Path:
    """The place of one project among those of its user on this host."""
    # Every command asks where the history is, and few projects are on a network filesystem.
    from hashlib import blake2b

    import platformdirs

    mark = blake2b(os.fsencode(root), digest_size=6).hexdigest()
    return platformdirs.user_state_path("taskconsole") / f"{root.name}-{mark}"


def _nearest(path: Path) -> Path:
    """The innermost folder above a path, or the path itself, that is there."""
    return next(one for one in (path, *path.parents) if one.exists())


def _moved(root: Path, path: Path, filesystem: str) -> Problem:
    return Problem(
        kind=ProblemKind.MOVED_HISTORY,
        message=(
            f"{root} is on a network filesystem ({filesystem}), where several hosts would spoil"
            f" the history for each other; it is kept in {path}, for this host alone"
        ),
        path=path,
        hint="Nothing needs to be done. To keep it in the project, put that on a local disk.",
    )
