"""Progress and cancelling in a sync task, which runs on a thread of its own."""

import os
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

from taskengine import TaskEvent, task
from tasks._shared import human_size, project_path

BAR_WIDTH = 30
EIGHTHS = " ▏▎▍▌▋▊▉"


@dataclass(frozen=True, slots=True)
class Size:
    """How much a folder holds."""

    name: str
    files: int
    bytes: int


@task
def run(event: TaskEvent) -> dict[str, object] | None:
    """Report which subfolders take how much space, largest first.

    Payload:
        folder: which folder to look into; the project by default.
        top: how many subfolders to list; 20 by default.
    """
    context = event.context
    folder = project_path(event.payload.get("folder", "."))
    subfolders = sorted(path for path in folder.iterdir() if is_real_folder(path))
    sizes = []
    for done, subfolder in enumerate(subfolders):
        context.progress(done, len(subfolders), subfolder.name)
        sizes.append(size_of(subfolder, context.cancelled))
        # Nobody can stop a thread from outside: a sync task has to look, and to return by itself.
        if context.cancelled.is_set():
            print(f"Cancelled at {subfolder.name}")
            return None
    sizes.sort(key=lambda size: size.bytes, reverse=True)
    print_chart(sizes[: int(event.payload.get("top", 20))])
    total = sum(size.bytes for size in sizes)
    print(f"{human_size(total)} in {len(sizes)} subfolders of {folder}")
    return {"folder": str(folder), "bytes": total, "subfolders": [asdict(one) for one in sizes]}


def is_real_folder(path: Path) -> bool:
    """Whether it is a folder, and no link to one."""
    return path.is_dir() and not path.is_symlink()


def size_of(folder: Path, cancelled: threading.Event) -> Size:
    """What is in a folder at any depth, without following links."""
    files = total = 0
    for inner, _, names in os.walk(folder):
        if cancelled.is_set():
            break
        for name in names:
            files += 1
            total += length_of(Path(inner, name))
    return Size(folder.name, files, total)


def length_of(file: Path) -> int:
    """A file's length in bytes; 0 if it went away meanwhile."""
    try:
        return file.lstat().st_size
    except FileNotFoundError:
        return 0


def print_chart(sizes: list[Size]) -> None:
    """One line for each folder; the first one's bar has the full width."""
    for size in sizes:
        share = size.bytes / max(sizes[0].bytes, 1)
        print(f"{human_size(size.bytes):>9}  {bar(share):<{BAR_WIDTH + 1}} {size.name}")


def bar(share: float) -> str:
    """A bar whose end is drawn in eighths of a character."""
    whole, eighths = divmod(round(share * BAR_WIDTH * 8), 8)
    return "█" * whole + EIGHTHS[eighths]
