"""The first task of a project that has none."""

from pathlib import Path

from taskengine.whole_file import write_whole

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
    write_whole(path, EXAMPLE)
    return path
