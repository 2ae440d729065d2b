"""What time it is where the engine is, by this machine's clock and how far that one is off."""

from datetime import datetime, timedelta

from taskengine.clock import Clock


class DistantClock:
    """Knows no better than this machine's clock until it was `set`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset = timedelta(0)
        self._asked_at = clock.now()

    def now(self) -> datetime:
        """The engine's present instant."""
        return self._clock.now() + self._offset

    def here(self) -> datetime:
        """The present instant by this machine's clock."""
        return self._clock.now()

    def note_asked(self) -> None:
        """The engine is asked for the time now; its answer may take long."""
        self._asked_at = self._clock.now()

    def set(self, there: datetime, come_at: datetime) -> None:
        """Learn how far the engine's clock is ahead. It was read at some time since it was asked
        for, which may be hours ago, and before that came: what was known stays, unless it can't be.
        """
        least, most = there - come_at, there - self._asked_at
        self._offset = min(max(self._offset, least), most)
