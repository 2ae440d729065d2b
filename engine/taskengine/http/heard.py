"""Callers who wait for what takes long, and may hang up before."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request

LOOKS_EVERY = 1.0  # seconds between looks whether a caller who waits is still there

T = TypeVar("T")


async def while_heard(
    work: "asyncio.Future[T]", request: Request, may_end: Callable[[], bool] = lambda: True
) -> T:
    """What something comes to, for as long as somebody waits: callers who give up on what does not
    end would pile up. Raises ClientDisconnect when they have, as soon as the work `may_end`; it is
    cancelled then.
    """
    try:
        while not (await asyncio.wait({work}, timeout=LOOKS_EVERY))[0]:
            if may_end() and await request.is_disconnected():
                raise ClientDisconnect
        return work.result()
    finally:
        work.cancel()
