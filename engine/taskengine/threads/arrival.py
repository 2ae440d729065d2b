"""What another thread gives, awaited on an event loop."""

import asyncio
import contextlib
from concurrent.futures import Future
from functools import partial
from typing import TypeVar

from taskengine.threads.mailbox import Mailbox
from taskengine.threads.settling import settle_as

T = TypeVar("T")


async def arrival(future: Future[T], mailbox: Mailbox) -> T:
    """What a future that nobody can cancel gives or raises, after what was posted before that to
    the mailbox of the loop at hand.

    `asyncio.wrap_future` would wake the loop for each, and carry a cancellation both ways.
    """
    arrived: asyncio.Future[T] = asyncio.get_running_loop().create_future()

    def tell(done: Future[T]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody waits there
            mailbox.post(partial(settle_as, arrived, done))

    future.add_done_callback(tell)
    return await arrived
