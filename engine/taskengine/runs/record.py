"""Keeps how a run stands and tells of it, in this order."""

from collections.abc import Callable

from taskengine.events import Event, RunEvent
from taskengine.history.history import History


class Record:
    """What everybody may know of runs, while it happens."""

    def __init__(self, history: History, emit: Callable[[Event], None]) -> None:
        self._history = history
        self._emit = emit

    def tell(self, event: RunEvent) -> None:
        """Keep the run as the event has it, and let everybody hear."""
        self._history.keep_changed(event.run)
        self._emit(event)
