"""Tells which files of a project changed, within a fraction of a second."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from watchfiles import Change
from watchfiles._rust_notify import RustNotify

from taskengine.project.config_file import CONFIG_NAME, PYPROJECT_NAME
from taskengine.project.discovery import folders_below, is_never_code
from taskengine.project.watch_set import WatchSet

# A change is told of after one to two steps; each step costs some 60 µs, idle or not.
_STEP_MS = 75
_DEBOUNCE_MS = 200
_LOOK_UP_MS = 1000
_ARMING_ATTEMPTS = 10


async def watch_changes(
    paths: Callable[[], WatchSet], stop: asyncio.Event
) -> AsyncIterator[set[Path]]:
    """Yield the paths that changed, in batches, until `stop` is set.

    `paths` is asked again after each batch and every second; it must be quick. A folder that
    comes under watch is yielded too, for it may have changed before it did; so the first batch,
    which comes at once, is all the folders.
    Raises OSError if the system can't watch that many folders.
    """
    left = threading.Event()
    watch = await asyncio.to_thread(_Watch, paths())
    try:
        yield set(watch.folders)
        while not stop.is_set():
            changed = await asyncio.to_thread(watch.wait, _EitherSet(stop, left))
            if not watch.is_as(wanted := paths()):
                changed |= await asyncio.to_thread(watch.follow, wanted)
            if changed:
                yield changed
    finally:
        left.set()


@dataclass(frozen=True, slots=True)
class _EitherSet:
    """Looks like an event to the watcher, which polls it from its thread."""

    stop: asyncio.Event
    left: threading.Event

    def is_set(self) -> bool:
        return self.stop.is_set() or self.left.is_set()


class _Watch:
    """A watch on single folders, not on a tree: a tree takes in every environment below it."""

    def __init__(self, wanted: WatchSet) -> None:
        self._wanted = wanted
        self._has_news = False
        self._lost: set[Path] = set()
        self._notify, self.folders = _arm(wanted)

    def wait(self, stop: _EitherSet) -> set[Path]:
        """The next changes that matter; empty if a second brought none."""
        changes = self._notify.watch(_DEBOUNCE_MS, _STEP_MS, _LOOK_UP_MS, stop)
        if isinstance(changes, str):
            return set()
        told = [(change, Path(path)) for change, path in changes]
        found = {path for _, path in told if self._matters(path)}
        self._has_news = bool(found)
        # Another folder may have taken the name of one that went, even with its inode's number.
        self._lost = {path for change, path in told if change != Change.modified} & self.folders
        return found

    def is_as(self, wanted: WatchSet) -> bool:
        """Whether this is still what is to be watched, as far as one can tell without a look."""
        return wanted == self._wanted and not self._has_news

    def follow(self, wanted: WatchSet) -> set[Path]:
        """Watch what is wanted now, and what came to be in it; the folders that are new."""
        if self.is_as(wanted):
            return set()
        self._wanted, self._has_news = wanted, False
        kept = self.folders - self._lost
        if _existing(wanted) == kept:
            return set()
        old = self._notify
        self._notify, self.folders = _arm(wanted)
        old.close()
        self._lost = set()
        return self.folders - kept

    def _matters(self, path: Path) -> bool:
        if path.suffix == ".py" or path.name in {CONFIG_NAME, PYPROJECT_NAME}:
            return True
        if path in self.folders or self._wanted.tasks_dir.is_relative_to(path):
            return True
        return not is_never_code(path.name) and path.is_dir()


def _arm(wanted: WatchSet) -> tuple[RustNotify, set[Path]]:
    """Begin to watch. Once more if folders came or went meanwhile, whose changes would be lost."""
    attempts = _ARMING_ATTEMPTS
    while True:
        attempts -= 1
        folders = _existing(wanted)
        try:
            notify = _notify(folders)
        except FileNotFoundError:
            if attempts == 0:
                raise
            continue
        if attempts == 0 or _existing(wanted) == folders:
            return notify, folders


def _notify(folders: set[Path]) -> RustNotify:
    return RustNotify(
        watch_paths=[str(folder) for folder in folders],
        debug=False,
        force_polling=False,
        poll_delay_ms=300,
        recursive=False,
        ignore_permission_denied=True,
    )


def _existing(wanted: WatchSet) -> set[Path]:
    """The folders that stand for what is wanted, as they are now.

    The tasks folder's parent is one of them: it tells that the tasks folder went or came.
    """
    found = set(folders_below(wanted.tasks_dir))
    for folder in (wanted.tasks_dir.parent, *wanted.folders):
        found.add(next(one for one in (folder, *folder.parents) if one.is_dir()))
    return found
