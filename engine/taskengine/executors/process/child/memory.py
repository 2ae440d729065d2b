"""The limit on the memory of a task's process."""

import inspect
import resource
import sys
from collections.abc import Awaitable, Callable

# What the limit counts: private memory that can be written to. On macOS there is no such limit
# that the system enforces, so the whole address space is the next best.
_LIMIT = resource.RLIMIT_DATA if sys.platform == "linux" else resource.RLIMIT_AS


def limit_memory(size: int) -> None:
    """Let allocations beyond `size` bytes fail, with MemoryError where they are Python's."""
    _, hard = resource.getrlimit(_LIMIT)
    resource.setrlimit(_LIMIT, (_within(size, hard), hard))


def lift_limit() -> None:
    """Allow as much as before, so that the end of a run that is over its limit can be told."""
    _, hard = resource.getrlimit(_LIMIT)
    resource.setrlimit(_LIMIT, (hard, hard))


def lifting_when_exceeded(function: Callable[[], object]) -> Callable[[], object]:
    """The function, with the limit lifted if it runs into it: what it holds, its traceback holds
    too, and there would be no room left to say what happened.
    """

    def call() -> object:
        try:
            value = function()
        except MemoryError:
            lift_limit()
            raise
        return _awaited(value) if inspect.isawaitable(value) else value

    return call


async def _awaited(value: Awaitable[object]) -> object:
    try:
        return await value
    except MemoryError:
        lift_limit()
        raise


def _within(size: int, hard: int) -> int:
    return size if hard == resource.RLIM_INFINITY else min(size, hard)
