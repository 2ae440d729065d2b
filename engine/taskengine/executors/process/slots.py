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

    def take_back(self) -> None:
        """Take a slot at once, if need be one too many: for a moment there are more than `size`."""
        self._free -= 1

    def _hand_out(self) -> None:
        while self._free > 0 and self._waiting:
            turn = self._waiting.popleft()
            if not turn.cancelled():
                self._free -= 1
                turn.set_result(None)


class Loan:
    """The slot of one that waits for others is lent meanwhile: once, however many they are."""

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self._waits = 0

    @contextmanager
    def open(self) -> Iterator[None]:
        """Wait for one more."""
        if self._waits == 0:
            self._slots.give_back()
        self._waits += 1
        try:
            yield
        finally:
            self._waits -= 1
            if self._waits == 0:
                self._slots.take_back()
