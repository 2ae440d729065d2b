"""What another thread gives, awaited on an event loop."""

import asyncio
import contextlib
from concurrent.futures import Future
from functools import partial
from typing import TypeVar

from taskengine.threads.mailbox import Mailbox

T = TypeVar("T")


async def arrival(future: Future[T], mailbox: Mailbox) -> T:
    """What a future that nobody can cancel gives or raises, after what was posted before that to
    the mailbox of the loop at hand.

    `asyncio.wrap_future` would wake the loop for each, and carry a cancellation both ways.
    """
    arrived: asyncio.Future[T] = asyncio.get_running_loop().create_future()

    def tell(done: Future[T]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody waits there
            mailbox.post(partial(_give, arrived, done))

    future.add_done_callback(tell)
    return await arrived


def _give(arrived: asyncio.Future[T], done: Future[T]) -> None:
    if arrived.done():
        return
    if (error := done.exception()) is not None:
        arrived.set_exception(error)
    else:
        arrived.set_result(done.result())
