"""Work in the background that is done in its order."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine

FINISH_SECONDS = 1.0

Work = Callable[[], Coroutine[object, object, None]]


class InOrder:
    """Does one piece of work after the other for each name, and names side by side.

    Where users' code takes its time over one task's payload, all other tasks go on. A piece of
    work must see to its own errors.
    """

    def __init__(self) -> None:
        self._queues: dict[str, deque[Work]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, name: str, work: Work) -> None:
        """Do this after all that was added under the same name before."""
        if queue := self._queues.get(name):
            queue.append(work)
            return
        self._queues[name] = deque([work])
        task = asyncio.get_running_loop().create_task(self._do(name))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _do(self, name: str) -> None:
        queue = self._queues[name]
        try:
            while queue:
                await queue[0]()
                queue.popleft()
        finally:
            del self._queues[name]

    async def finish(self) -> None:
        """Wait until all that was added is done, a second at the most."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=FINISH_SECONDS)
