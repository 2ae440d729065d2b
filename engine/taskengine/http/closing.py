"""The end of a server, or of a way into it, as known to answers that would otherwise take long."""

import asyncio
import contextlib
import threading

from taskengine.threads.settling import settle


class Closing:
    """Says to streams, and to calls that wait for something, that the server goes away, or the door
    is shut by which they came.

    Used by any thread; `wait` may be awaited on any loop.
    """

    def __init__(self) -> None:
        self._has_begun = False
        self._waiting: dict[asyncio.Future[None], asyncio.AbstractEventLoop] = {}
        self._lock = threading.Lock()

    @property
    def has_begun(self) -> bool:
        """Whether that has come."""
        return self._has_begun

    def begin(self) -> None:
        """Let everybody stop waiting, now and from now on."""
        with self._lock:
            self._has_begun = True
            waiting, self._waiting = self._waiting, {}
        for future, loop in waiting.items():
            with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
                loop.call_soon_threadsafe(settle, future, None)

    async def wait(self) -> None:
        """Return when that comes."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        with self._lock:
            if self._has_begun:
                return
            self._waiting[future] = loop
        try:
            await future
        finally:
            with self._lock:
                self._waiting.pop(future, None)
