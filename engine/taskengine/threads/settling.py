"""Settles futures, which those who wait for them may have given up meanwhile."""

import asyncio
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def settle(future: asyncio.Future[T], value: T) -> None:
    """Let a future have its value. On its loop."""
    if not future.done():
        future.set_result(value)


def settle_as(future: asyncio.Future[T] | Future[T], done: asyncio.Future[T] | Future[T]) -> None:
    """Let a future come to the same as another, which is done. On its loop, if it has one."""
    if future.done():
        return
    if done.cancelled():
        future.cancel()
    elif (error := done.exception()) is not None:
        future.set_exception(error)
    else:
        future.set_result(done.result())
