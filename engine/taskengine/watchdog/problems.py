"""What is said of a task that keeps others from going on."""

from pathlib import Path

from taskengine.problem import Problem, ProblemKind
from taskengine.project.catalog import CatalogEntry
from taskengine.watchdog.stacks import Stack

_BLOCKING_HINT = (
    "await asyncio.to_thread(...) for the call that blocks, make the task a plain `def`, "
    'or give it isolation="process"'
)
_HOSTS_HINT = "the tasks share the loop of the program: move what blocks it to a thread"
_HOLDING_HINT = 'isolation="process" gives the task an interpreter of its own'


def blocked_loop(task: str | None, stack: Stack, root: Path | None, is_hosts_loop: bool) -> Problem:
    """The loop of the `async` tasks does not answer; `task` is at work on it, or somebody else."""
    stranger = "code of the program around the engine" if is_hosts_loop else "a task"
    path, line = stack.place(root)
    return Problem(
        kind=ProblemKind.BLOCKED_LOOP,
        message=f"{f'task {task}' if task else stranger} blocks the event loop",
        path=path,
        line=line,
        task=task,
        hint=_HOSTS_HINT if is_hosts_loop and task is None else _BLOCKING_HINT,
        traceback=stack.text(),
    )


def held_lock(entry: CatalogEntry | None, stack: Stack, root: Path | None) -> Problem:
    """No thread of the process could go on, because one had Python's global lock for itself."""
    path, line = stack.place(root)
    if entry and not stack.is_in(root):
        path, line = entry.path, entry.line  # it is over by now
    return Problem(
        kind=ProblemKind.HELD_LOCK,
        message=f"{f'task {entry.name}' if entry else 'a task'} holds the interpreter's lock",
        path=path,
        line=line,
        task=entry.name if entry else None,
        hint=_HOLDING_HINT,
        traceback=stack.text(),
    )
