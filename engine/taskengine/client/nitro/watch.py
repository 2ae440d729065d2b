"""Looks at something again and again, in good times at even intervals, in bad ones ever later."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from time import monotonic

from taskengine.errors import EngineUnreachable

EVERY = 2.0
"""Seconds from one look to the next at a server that answers."""
LONGEST_WAIT = 10.0
LONG = 5.0
_SHORTEST_WAIT = 0.3
_MANY_MISSES = 10


class Watch:
    """Calls `look` every so often, and `miss` with the reason each time that it fails, but for the
    first of a row: a dev server is away for a moment after each change of a file. What has taken
    `LONG` to fail is told at once.
    """

    def __init__(
        self, look: Callable[[], Awaitable[None]], miss: Callable[[str], None], every: float
    ) -> None:
        self._look = look
        self._miss = miss
        self._every = every
        self._is_wanted = asyncio.Event()
        self._misses = 0

    def look_soon(self) -> None:
        """Wait no longer for the next look."""
        self._is_wanted.set()

    async def go_on(self) -> None:
        """Look until this is cancelled."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._wait()):
                    await self._is_wanted.wait()
            self._is_wanted.clear()
            began = monotonic()
            try:
                await self._look()
            except EngineUnreachable as error:
                self._misses = min(self._misses + 1, _MANY_MISSES)
                if self._misses > 1 or monotonic() - began >= LONG:
                    self._miss(str(error))
            else:
                self._misses = 0

    def _wait(self) -> float:
        if not self._misses:
            return self._every
        shortest = min(self._every, _SHORTEST_WAIT)
        return min(shortest * 2.0 ** (self._misses - 1), LONGEST_WAIT)
