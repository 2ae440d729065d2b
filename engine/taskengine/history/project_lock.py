"""The lock that makes a project one engine's, and the note that says whose it is."""

import contextlib
import errno
import fcntl
import json
import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from taskengine.errors import EngineAlreadyRunning
from taskengine.history.process_identity import ProcessIdentity

LOCK = "engine.lock"
NOTE = "engine.json"
_FILE_MODE = 0o600
_READ_ONLY = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


@dataclass(frozen=True, slots=True)
class _Holder:
    process: ProcessIdentity
    since: datetime


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
        self._note = folder / NOTE
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
        self._write_note(_Holder(ProcessIdentity.own(), since))

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
            if not self._is_noted:
                self._write_note(_Holder(ProcessIdentity.own(), since))
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
        holder = _read(self._note)
        if holder and holder.since == self._since and holder.process == ProcessIdentity.own():
            with contextlib.suppress(OSError):
                self._note.unlink()
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
        with _one_at_a_time(self._path.parent):  # who looks whether it is alone keeps others away
            self.is_alone = _try(descriptor, fcntl.LOCK_EX)
            return _try(descriptor, fcntl.LOCK_SH)

    def _write_note(self, holder: _Holder) -> None:
        self._is_noted = False
        with contextlib.suppress(OSError):  # a full disk: it is held all the same
            _write(self._note, holder)
            self._is_noted = True

    def _refusal(self) -> EngineAlreadyRunning:
        """Who holds it, unless the note is an earlier engine's that has died."""
        holder = _read(self._note)
        if holder is None or (holder.process.is_here and not holder.process.is_alive()):
            return EngineAlreadyRunning(self._root, None, None)
        return EngineAlreadyRunning(self._root, holder.process.pid, holder.since)


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


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether an open file is still the one of that path."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except OSError:
        return False


def _write(path: Path, holder: _Holder) -> None:
    """Put the note in its place at once: whoever reads it meanwhile finds one or the other."""
    process = asdict(holder.process)
    note = {"pid": process.pop("pid"), "started_at": holder.since.isoformat(), **process}
    new = path.with_name(f"{path.name}.{holder.process.pid}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, _FILE_MODE)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(note, file, indent=2)
            file.write("\n")
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise


def _read(path: Path) -> _Holder | None:
    try:
        note: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        process = ProcessIdentity(note["pid"], note["start"], note["boot"], note["host"])
        return _Holder(process, datetime.fromisoformat(note["started_at"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


_locks: "weakref.WeakSet[ProjectLock]" = weakref.WeakSet()


def _let_go_in_child() -> None:
    for lock in tuple(_locks):
        lock.let_go()


os.register_at_fork(after_in_child=_let_go_in_child)
