"""How many processes there are at a time."""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Slots:
    """At most `size` are taken at a time, in the order they were asked for. For one event loop."""

    def __init__(self, size: int) -> None:
        self._free = size
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def take(self) -> None:
        """Wait for a slot and take it."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._hand_out()
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # it was its turn just then
                self.give_back()
            raise

    def give_back(self) -> None:
        """Let the next one have the slot."""
        self._free += 1
        self._hand_out()

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Let another have the slot of one that only waits.

        It is not waited for afterwards: for a moment there may be more than `size`.
        """
        self.give_back()
        try:
            yield
        finally:
            self._free -= 1

    def _hand_out(self) -> None:
        while self._free > 0 and self._waiting:
            turn = self._waiting.popleft()
            if not turn.cancelled():
                self._free -= 1
                turn.set_result(None)
