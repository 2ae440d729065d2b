"""The folder of a project's history, held for one engine or for several that share it."""

from datetime import datetime
from pathlib import Path

from taskengine.history.folder import FOLDER, HistoryFolder
from taskengine.history.process_identity import ProcessIdentity
from taskengine.history.project_lock import ProjectLock
from taskengine.problem import Problem


class ProjectPlace:
    """`path` is the file's, whether it is there or not; `problem` says why that is elsewhere than
    one would look for it, if it is.
    """

    def __init__(self, root: Path, *, exclusive: bool) -> None:
        self._root = root
        try:
            folder = HistoryFolder.of(root)
            self._folder: HistoryFolder | None = folder
        except OSError:  # told when it is made
            self._folder, folder = None, HistoryFolder(root / FOLDER)
        self.path = folder.database
        self.problem: Problem | None = folder.problem
        self._lock = ProjectLock(root, folder.path, exclusive=exclusive)
        self._since: datetime | None = None
        self._is_taken = False

    def take(self, since: datetime) -> None:
        """Make the folder and hold it, for an engine that starts at `since`. Where there can be
        none, that is told when it is prepared. Once is enough. Raises EngineAlreadyRunning.
        """
        if self._is_taken:
            return
        self._since = since
        try:
            self._make()
            self._lock.take(since)
        except OSError:
            return
        self._is_taken = True

    def announce(self, socket: Path | None, url: str) -> None:
        """Note where the engine can be reached, for programs that look for it."""
        self._lock.announce(socket, url)

    def may_live(self, process: ProcessIdentity) -> bool:
        """Whether another engine may be at work in a process."""
        return self._lock.may_live(process)

    def prepare(self) -> None:
        """Make the folder, if it is gone, and hold it again. Raises OSError, in words."""
        assert self._since is not None, "the project was taken, or was to be"
        self._make()
        if not self._lock.renew(self._since):
            raise OSError(f"another engine has taken {self.path.parent} meanwhile")

    def _make(self) -> None:
        """Make the folder. Where there was no place for one, there may be by now."""
        (self._folder or HistoryFolder.of(self._root)).make()

    def release(self) -> None:
        """Hold the folder no more."""
        self._lock.release()
        self._is_taken = False
