"""Hands what happens in the engine to whoever wants to know."""

import logging
import threading
from collections.abc import Callable
from contextvars import Context, copy_context
from dataclasses import dataclass

from taskengine.events import Event

_log = logging.getLogger(__name__)

Subscriber = Callable[[Event], None]


@dataclass(frozen=True, slots=True, eq=False)
class _Subscription:
    subscriber: Subscriber
    context: Context


class Hub:
    """Calls every subscriber with every event, in order, on the thread that publishes."""

    def __init__(self) -> None:
        self._subscriptions: tuple[_Subscription, ...] = ()
        self._lock = threading.Lock()

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call `subscriber`, which must be quick, until the returned function is called.

        It is called in the present context: in that of an event's cause, what it prints would land
        in the output of the run that is told of.
        """
        subscription = _Subscription(subscriber, copy_context())
        with self._lock:
            self._subscriptions = (*self._subscriptions, subscription)
        return lambda: self._drop(subscription)

    def _drop(self, subscription: "_Subscription") -> None:
        with self._lock:
            kept = tuple(one for one in self._subscriptions if one is not subscription)
            self._subscriptions = kept

    def publish(self, event: Event) -> None:
        """Tell all subscribers. One that raises is logged, and harms neither runs nor others."""
        for subscription in self._subscriptions:
            try:
                subscription.context.copy().run(subscription.subscriber, event)
            except BaseException:  # noqa: BLE001 - whatever a stranger raises, the run goes on
                _log.exception("a subscriber failed on %s", type(event).__name__)
