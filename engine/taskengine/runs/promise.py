"""What several coroutines wait for, and hear once."""

import asyncio
from typing import Generic, TypeVar

from taskengine.threads.settling import settle

T = TypeVar("T")


class Promise(Generic[T]):
    """A value that comes once. Belongs to one event loop.

    A future would have to be shielded from those who wait for it and give up, which costs each of
    them another future and another round of the loop.
    """

    __slots__ = ("_values", "_waiting")

    def __init__(self) -> None:
        self._values: tuple[T, ...] = ()
        self._waiting: dict[asyncio.Future[T], None] = {}

    @property
    def is_fulfilled(self) -> bool:
        """Whether the value has come."""
        return bool(self._values)

    def fulfil(self, value: T) -> None:
        """Let all who wait have the value, now or later; what comes after the first counts for
        nothing.
        """
        if self._values:
            return
        self._values = (value,)
        for waiter in self._waiting:
            settle(waiter, value)

    async def wait(self) -> T:
        """The value, as soon as it has come."""
        if self._values:
            return self._values[0]
        waiter: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting[waiter] = None
        try:
            return await waiter
        finally:
            del self._waiting[waiter]
