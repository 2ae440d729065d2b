"""A dry run by default: a task that destroys something says first what it would destroy."""

import logging
import os
import stat
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from taskengine import TaskEvent, task
from tasks._shared import PROJECT, human_size, project_path

DAY_SECONDS = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class OldFile:
    """A file to remove: `path.name` in the folder that is open as `folder_fd`."""

    path: Path
    folder_fd: int
    size: int
    days: float


@task
def run(event: TaskEvent) -> dict[str, object]:
    """Remove old files below a folder; by default only say which.

    Folders stay, even empty ones. Links are neither removed nor followed.

    Payload:
        folder: which folder; by default the system's folder for temporary files.
        days: the age from which a file counts as old; 30 by default.
        pattern: what the file's name must look like; "*" by default, for example "*.log".
        dry_run: false to remove files. The folder has to be named then.
        allow_dangerous: true for a folder at the top, or one that holds this project or your home.
    """
    payload = event.payload
    days, pattern = float(payload.get("days", 30)), str(payload.get("pattern", "*"))
    dry_run = payload.get("dry_run", True) is not False
    folder = folder_to_clean(payload, dry_run=dry_run)
    print(f"Files older than {days:g} days in {folder}, named {pattern}:")
    sizes = []
    for file in old_files(folder, days, pattern, event.context.cancelled):
        if dry_run or remove(file, event.context.log):
            print(f"{human_size(file.size):>9} {file.days:>6.0f} days  {file.path}")
            sizes.append(file.size)
    verdict = "Would remove (this is a dry run)" if dry_run else "Removed"
    print(f"{verdict} {len(sizes)} files, {human_size(sum(sizes))}")
    return {"folder": str(folder), "files": len(sizes), "bytes": sum(sizes), "dry_run": dry_run}


def folder_to_clean(payload: Mapping[str, Any], *, dry_run: bool) -> Path:
    """The real folder, links followed. Raises ValueError for one that may be named by mistake."""
    folder = project_path(payload.get("folder", tempfile.gettempdir())).resolve()
    if not folder.is_dir():
        raise NotADirectoryError(f"there is no folder {folder}")
    if dry_run:
        return folder
    if "folder" not in payload:
        raise ValueError("name the `folder` in which to remove files")
    if is_dangerous(folder) and payload.get("allow_dangerous", False) is not True:
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
