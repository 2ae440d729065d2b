"""What a process does that has to wait for its task: it gets ready for reading and compiling one.

After a fork, each page of memory is slow when it is touched for the first time.
"""

from pathlib import Path

from taskengine.project.syntax import read_syntax

_SAMPLE = b'''
from taskengine import TaskEvent, task

@task(description="as good as any", memory="1GB")
async def run(event: TaskEvent) -> int:
    """Say nothing."""
    return 1
'''


def warm_up() -> None:
    """Read and compile a task that there is not. Nothing of it stays, and nothing of it runs."""
    path = Path("warm_up.py")
    read_syntax(_SAMPLE, path)
    compile(_SAMPLE, str(path), "exec")
