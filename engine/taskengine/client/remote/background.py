"""Work that a handle does in the background."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

Spawn: TypeAlias = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]
"""Begins a piece of work, which ends at the latest with the handle."""


class BackgroundWork:
    """The tasks of one handle; once it was ended, what is begun is cancelled at once."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_ended = False

    def begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Have something done."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if self._is_ended:
            task.cancel()
        return task

    async def end(self) -> None:
        """Cancel all of it, and return when it has ended."""
        self._is_ended = True
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
