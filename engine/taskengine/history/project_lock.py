"""The lock that makes a project one engine's, and the note that says whose it is."""

import contextlib
import errno
import fcntl
import os
import weakref
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from taskengine.errors import EngineAlreadyRunning
from taskengine.folder_lock import one_at_a_time
from taskengine.history.engine_note import NOTE, EngineNote
from taskengine.history.process_identity import ProcessIdentity

LOCK = "engine.lock"
_FILE_MODE = 0o600
_READ_ONLY = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class ProjectLock:
    """Held from `take` to `release`; an engine that dies lets go of it by that.

    It is `flock`'s, which belongs to the open file. Programs that this process starts don't get the
    file, and children that it forks let go of it: none of them keeps the project when this process
    is gone.

    `exclusive` keeps all others away. Otherwise engines that share hold it together; `is_alone`
    says whether there was no other when this one came.
    """

    def __init__(self, root: Path, folder: Path, *, exclusive: bool) -> None:
        self.exclusive = exclusive
        self.is_alone = False
        self._root = root
        self._path = folder / LOCK
        self._note_path = folder / NOTE
        self._note: EngineNote | None = None
        self._descriptor: int | None = None
        self._since: datetime | None = None
        self._is_noted = False
        _locks.add(self)

    def take(self, since: datetime) -> None:
        """Hold the project, for an engine that starts at `since` (aware). Raises
        EngineAlreadyRunning, and OSError where there is no place for a lock.
        """
        self._since = since
        if not self._lock():
            raise self._refusal()
        own = EngineNote(process=ProcessIdentity.own(), since=since)
        self._write_note(replace(self._note, since=since) if self._note else own)

    def announce(self, socket: Path | None, url: str) -> None:
        """Note where the engine that holds the project can be reached, from now on."""
        if self._note:
            self._write_note(replace(self._note, socket=socket, url=url))

    def may_live(self, process: ProcessIdentity) -> bool:
        """Whether an engine of that process, which has used this project, may still be at work
        while this one holds it. Processes of other hosts can't be seen; their locks can.
        """
        if self.exclusive:
            return False
        return process.is_alive() if process.is_here else not self.is_alone

    def renew(self, since: datetime) -> bool:
        """Hold the project, as `take` does, if it is not held: its folder may have been deleted, or
        have been out of reach. False if another engine holds it. Raises OSError where there is no
        place for a lock.
        """
        if self._descriptor is not None and _is_at(self._descriptor, self._path):
            if not self._is_noted and self._note:
                self._write_note(self._note)
            return True
        self.let_go()
        try:
            self.take(since)
        except EngineAlreadyRunning:
            return False
        return True

    def release(self) -> None:
        """Hold the project no more, and take the note away if it is this engine's."""
        if self._descriptor is None:
            return
        if EngineNote.read(self._note_path) == self._note:
            with contextlib.suppress(OSError):
                self._note_path.unlink()
        self.let_go()

    def let_go(self) -> None:
        """Close the file, and nothing else."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def _lock(self) -> bool:
        """Lock the file, and see to it that nobody has deleted that meanwhile."""
        while True:
            self._descriptor = _open(self._path)
            try:
                is_held = self._try_lock(self._descriptor)
                if is_held and _is_at(self._descriptor, self._path):
                    return True
            except BaseException:
                self.let_go()
                raise
            self.let_go()
            if not is_held:
                return False

    def _try_lock(self, descriptor: int) -> bool:
        if self.exclusive:
            self.is_alone = _try(descriptor, fcntl.LOCK_EX)
            return self.is_alone
        with one_at_a_time(self._path.parent):  # who looks whether it is alone keeps others away
            self.is_alone = _try(descriptor, fcntl.LOCK_EX)
            return _try(descriptor, fcntl.LOCK_SH)

    def _write_note(self, note: EngineNote) -> None:
        self._note, self._is_noted = note, False
        with contextlib.suppress(OSError):  # a full disk: it is held all the same
            note.write(self._note_path)
            self._is_noted = True

    def _refusal(self) -> EngineAlreadyRunning:
        """Who holds it, unless the note is an earlier engine's that has died."""
        holder = EngineNote.read(self._note_path)
        if holder is None or (holder.process.is_here and not holder.process.is_alive()):
            return EngineAlreadyRunning(self._root, None, None)
        return EngineAlreadyRunning(self._root, holder.process.pid, holder.since, holder.socket)


def _open(path: Path) -> int:
    """A file to lock; it needs not be writable for that. Python's descriptors close on exec."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, _FILE_MODE)
    except OSError as error:
        if error.errno not in _READ_ONLY or not path.exists():
            raise
        return os.open(path, os.O_RDONLY | os.O_NOFOLLOW)


def _try(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether an open file is still the one of that path."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except OSError:
        return False


_locks: "weakref.WeakSet[ProjectLock]" = weakref.WeakSet()


def _let_go_in_child() -> None:
    for lock in tuple(_locks):
        lock.let_go()


os.register_at_fork(after_in_child=_let_go_in_child)
