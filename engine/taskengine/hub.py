"""Hands what happens in the engine to whoever wants to know."""

from collections.abc import Callable

from taskengine.events import Event

Subscriber = Callable[[Event], None]


class Hub:
    """Calls every subscriber with every event, in order, on the thread that publishes."""

    def __init__(self) -> None:
        self._subscribers: tuple[Subscriber, ...] = ()

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call `subscriber` from now on, until the returned function is called.

        It must be quick and must not raise.
        """
        self._subscribers = (*self._subscribers, subscriber)
        return lambda: self._drop(subscriber)

    def _drop(self, subscriber: Subscriber) -> None:
        self._subscribers = tuple(one for one in self._subscribers if one is not subscriber)

    def publish(self, event: Event) -> None:
        """Tell all subscribers."""
        for subscriber in self._subscribers:
            subscriber(event)
