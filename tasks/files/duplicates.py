"""`isolation="process"`: work that needs the processor for long has one of its own.

In the console's process it would slow down every other task. Here it takes what memory it is
allowed, and a cancel or the time limit ends it at once, even if a dead network drive holds it up.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from taskengine import TaskContext, TaskEvent, task
from tasks._shared import human_size, project_path

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Where to look. The descriptions are for the form in which a payload is written."""

    folder: Annotated[str, Meta(description="which folder; by default the project")] = "."
    at_least: Annotated[int, Meta(ge=1, description="how many bytes a file has to have")] = 1000


@dataclass(frozen=True, slots=True)
class File:
    """A regular file, and its length in bytes."""

    path: Path
    size: int


@task(isolation="process", memory="512MB", timeout="1h")
def run(event: TaskEvent[Duplicates]) -> dict[str, object]:
    """Find files with the same contents, and how much room their copies take."""
    folder = project_path(event.payload.folder).resolve()
    if not folder.is_dir():
        raise NotADirectoryError(f"there is no folder {folder}")
    print(f"Files of the same length in {folder}:")
    suspects = of_equal_length(files_in(folder, event.payload.at_least))
    print(f"{len(suspects)}, with {human_size(sum(one.size for one in suspects))} to read")
    groups = same_contents(suspects, event.context)
    for group in groups[:SHOWN]:
        print(f"{human_size(wasted(group)):>9}  {len(group)} x {group[0].path.relative_to(folder)}")
    total = sum(map(wasted, groups))
    print(f"{len(groups)} files have copies, which take {human_size(total)}")
    found = [[str(one.path.relative_to(folder)) for one in group] for group in groups[:SHOWN]]
    return {"folder": str(folder), "wasted_bytes": total, "groups": len(groups), "largest": found}


def files_in(folder: Path, at_least: int) -> Iterator[File]:
    """The regular files at any depth. Of several hard links to one file, the first one found."""
    seen = set()
    for inner, _, names in os.walk(folder):
        for name in names:
            path = Path(inner, name)
            try:
                status = path.lstat()
            except FileNotFoundError:
                continue
            identity = (status.st_dev, status.st_ino)
            is_regular = path.is_file() and not path.is_symlink()
            if is_regular and status.st_size >= at_least and identity not in seen:
                seen.add(identity)
                yield File(path, status.st_size)


def of_equal_length(files: Iterable[File]) -> list[File]:
    """Those that share their length with another one: the others need not be read."""
    by_size: dict[int, list[File]] = defaultdict(list)
    for file in files:
        by_size[file.size].append(file)
    return [file for group in by_size.values() if len(group) > 1 for file in group]


def same_contents(files: list[File], context: TaskContext) -> list[list[File]]:
    """The groups of files that do not differ, the most wasteful first."""
    total, done = sum(file.size for file in files), 0
    groups: dict[tuple[int, bytes], list[File]] = defaultdict(list)
    for file in files:
        context.progress(done, total, file.path.name)
        if digest := digest_of(file.path):
            groups[file.size, digest].append(file)
        done += file.size
    context.progress(done, total)
    found = [sorted(group, key=lambda file: file.path) for group in groups.values()]
    return sorted((group for group in found if len(group) > 1), key=wasted, reverse=True)


def digest_of(path: Path) -> bytes:
    """What stands for the file's contents; empty if it can't be read, which is told."""
    try:
        with path.open("rb") as stream:
            return file_digest(stream, "blake2b").digest()
    except OSError as error:
        print(f"{path} is left out: {error.strerror}")
        return b""


def wasted(group: list[File]) -> int:
    """The bytes that all but one of the copies take."""
    return group[0].size * (len(group) - 1)
