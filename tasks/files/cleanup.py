"""A dry run by default: a task that destroys something says first what it would destroy.

And a typed payload: a mistyped key or a value of the wrong type is refused before anything runs.
"""

import logging
import os
import stat
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from taskengine import TaskEvent, task
from tasks._shared import PROJECT, human_size, project_path

DAY_SECONDS = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Cleanup:
    """Which files to remove. The descriptions are for the form in which a payload is written."""

    folder: Annotated[
        str | None, Meta(description="which folder; by default the one for temporary files")
    ] = None
    days: Annotated[float, Meta(ge=0, description="the age from which a file counts as old")] = 30
    pattern: Annotated[str, Meta(description="what a file's name must look like")] = "*"
    dry_run: Annotated[
        bool, Meta(description="false to remove files; the folder has to be named then")
    ] = True
    allow_dangerous: Annotated[
        bool, Meta(description="also at the top, or where this project or your home is")
    ] = False


@dataclass(frozen=True, slots=True)
class OldFile:
    """A file to remove: `path.name` in the folder that is open as `folder_fd`."""

    path: Path
    folder_fd: int
    size: int
    days: float


@task
def run(event: TaskEvent[Cleanup]) -> dict[str, object]:
    """Remove old files below a folder; by default only say which.

    Folders stay, even empty ones. Links are neither removed nor followed.
    """
    wanted = event.payload
    folder = folder_to_clean(wanted)
    print(f"Files older than {wanted.days:g} days in {folder}, named {wanted.pattern}:")
    sizes = []
    for file in old_files(folder, wanted.days, wanted.pattern, event.context.cancelled):
        if wanted.dry_run or remove(file, event.context.log):
            print(f"{human_size(file.size):>9} {file.days:>6.0f} days  {file.path}")
            sizes.append(file.size)
    verdict = "Would remove (this is a dry run)" if wanted.dry_run else "Removed"
    print(f"{verdict} {len(sizes)} files, {human_size(sum(sizes))}")
    found = {"folder": str(folder), "files": len(sizes), "bytes": sum(sizes)}
    return {**found, "dry_run": wanted.dry_run}


def folder_to_clean(wanted: Cleanup) -> Path:
    """The real folder, links followed. Raises ValueError for one that may be named by mistake."""
    named = tempfile.gettempdir() if wanted.folder is None else wanted.folder
    folder = project_path(named).resolve()
    if not folder.is_dir():
        raise NotADirectoryError(f"there is no folder {folder}")
    if wanted.dry_run:
        return folder
    if wanted.folder is None:
        raise ValueError("name the `folder` in which to remove files")
    if is_dangerous(folder) and not wanted.allow_dangerous:
        raise ValueError(f"{folder} is dangerous to clean; `allow_dangerous` = true does it anyway")
    return folder


def is_dangerous(folder: Path) -> bool:
    """Whether it is at the top of the disk, or holds this project or the user's home folder."""
    precious = (PROJECT, Path.home().resolve())
    return len(folder.parts) <= 2 or any(one.is_relative_to(folder) for one in precious)


def old_files(
    folder: Path, days: float, pattern: str, cancelled: threading.Event
) -> Iterator[OldFile]:
    """The regular files older than `days`, until cancelled. Links are left alone."""
    now = time.time()
    # fwalk holds each folder open, so that a file is removed where it was found, even if somebody
    # puts a link in the folder's place meanwhile.
    for inner, _, names, folder_fd in os.fwalk(folder):
        for name in names:
            if cancelled.is_set():
                return
            status = regular_file(name, folder_fd)
            if status is None or not fnmatch(name, pattern):
                continue
            age = (now - status.st_mtime) / DAY_SECONDS
            if age > days:
                yield OldFile(Path(inner, name), folder_fd, status.st_size, age)


def regular_file(name: str, folder_fd: int) -> os.stat_result | None:
    """The status of a regular file; None for anything else, and for what is gone."""
    try:
        status = os.stat(name, dir_fd=folder_fd, follow_symlinks=False)
    except OSError:
        return None
    return status if stat.S_ISREG(status.st_mode) else None


def remove(file: OldFile, log: logging.Logger) -> bool:
    """Remove a file and tell whether that went well."""
    try:
        os.unlink(file.path.name, dir_fd=file.folder_fd)
    except OSError as error:
        log.warning("%s stays: %s", file.path, error.strerror)
        return False
    return True
