"""The first task of a project that has none."""

import errno
import os
from pathlib import Path
from secrets import token_hex

EXAMPLE = """\
from taskengine import TaskEvent, task


@task(description="Say hello")
async def run(event: TaskEvent) -> dict[str, object]:
    name = event.payload.get("name", "world")
    print(f"Hello, {name}!")
    return {"result": f"greeted {name}"}
"""


def write_example(tasks_dir: Path) -> Path:
    """Write `hello.py` into the tasks folder, which is made if need be.

    Raises FileExistsError if there is such a file already, and OSError if it can't be written.
    """
    tasks_dir.mkdir(parents=True, exist_ok=True)
    path = tasks_dir / "hello.py"
    whole = tasks_dir / f".hello.py.{token_hex(4)}"
    try:
        whole.write_text(EXAMPLE, encoding="utf-8")
        _put(whole, path)
    finally:
        whole.unlink(missing_ok=True)
    return path


def _put(whole: Path, path: Path) -> None:
    """Let the file appear at once: an engine that watches would take up an empty one."""
    try:
        path.hardlink_to(whole)
    except FileExistsError:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
    except OSError:  # the disk knows no links
        with path.open("x", encoding="utf-8") as file:
            file.write(EXAMPLE)
