"""Hands what happens in the engine to whoever wants to know."""

import logging
from collections.abc import Callable

from taskengine.events import Event

_log = logging.getLogger(__name__)

Subscriber = Callable[[Event], None]


class Hub:
    """Calls every subscriber with every event, in order, on the thread that publishes."""

    def __init__(self) -> None:
        self._subscribers: tuple[Subscriber, ...] = ()

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call `subscriber`, which must be quick, until the returned function is called."""
        self._subscribers = (*self._subscribers, subscriber)
        return lambda: self._drop(subscriber)

    def _drop(self, subscriber: Subscriber) -> None:
        self._subscribers = tuple(one for one in self._subscribers if one is not subscriber)

    def publish(self, event: Event) -> None:
        """Tell all subscribers. One that raises is logged, and harms neither runs nor others."""
        for subscriber in self._subscribers:
            try:
                subscriber(event)
            except Exception:  # noqa: BLE001 - whatever a stranger raises, the run goes on
                _log.exception("a subscriber failed on %s", type(event).__name__)
