"""A handle of a Nitro server, and what it tells."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from support.engines import NOON
from support.reached import Heard
from taskengine.client.handle import Handle
from taskengine.client.nitro.handle import NitroHandle
from taskengine.clock import Clock
from taskengine.testing import ManualClock

EVERY = 0.05
"""Seconds between two looks at a server."""


@asynccontextmanager
async def on_nitro(url: str, clock: Clock | None = None) -> AsyncIterator[tuple[Handle, Heard]]:
    """A handle that was started, and leaves at the end."""
    handle: Handle = NitroHandle(url, clock=clock or ManualClock(NOON), every=EVERY)
    heard = Heard()
    handle.listen(heard)
    try:
        await handle.start()
        await handle.load()
        yield handle, heard
    finally:
        await handle.stop()
