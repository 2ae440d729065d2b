"""The parts beside an engine, such as its servers, which end with it."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable

from taskengine.errors import EngineNotRunning

STOPPED_WITHIN = 15.0  # seconds
_log = logging.getLogger(__name__)


class Company:
    """Who has to be stopped with an engine: when the runs are over, so that he can tell of their
    ends, and before the history closes.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stops: tuple[Callable[[], Awaitable[None]], ...] = ()
        self._is_stopped = False

    def take_along(self, stop: Callable[[], Awaitable[None]]) -> Callable[[], None]:
        """Have a part stopped with the engine, until the returned function is called. `stop` is
        called on the engine's loop. Raises EngineNotRunning if it comes too late for that.
        """
        with self._lock:
            if self._is_stopped:
                raise EngineNotRunning("The engine is stopping")
            self._stops = (*self._stops, stop)

        def leave() -> None:
            with self._lock:
                self._stops = tuple(one for one in self._stops if one != stop)

        return leave

    async def stop(self) -> None:
        """Stop each part whatever becomes of the others. One that hangs is left behind: the history
        has to be closed.
        """
        with self._lock:
            self._is_stopped, parts = True, self._stops
        if not parts:
            return
        stops = [asyncio.ensure_future(stop()) for stop in parts]
        done, late = await asyncio.wait(stops, timeout=STOPPED_WITHIN)
        for one in late:
            one.cancel()
            _log.error(
                "a part beside the engine has not stopped within %g seconds: it is left behind",
                STOPPED_WITHIN,
            )
        for error in await asyncio.gather(*done, return_exceptions=True):
            if isinstance(error, BaseException):
                _log.error("a part beside the engine did not stop in order", exc_info=error)
