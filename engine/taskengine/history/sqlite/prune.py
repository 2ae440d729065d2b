"""Keeps the history within its bounds, a small piece of work at a time."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from sqlite3 import Connection

from taskengine.clock import Clock
from taskengine.history.retention import HistorySettings
from taskengine.history.sqlite.excess import Amount, excess
from taskengine.history.sqlite.old_fires import OldFires
from taskengine.history.sqlite.removal import MOST_RUNS, remove
from taskengine.history.sqlite.vacuum import Vacuum


class Pruner:
    """A chore for the writer: call `prune` in a transaction of its own for as long as it says True.

    A piece of work takes a few milliseconds. That there is nothing to do is known from counters.
    No run is deleted before it is known how much is to be kept. `thorough`: no page is left free
    for what is written next.
    """

    def __init__(
        self, clock: Clock, settings: HistorySettings | None = None, *, thorough: bool = False
    ) -> None:
        self._clock = clock
        self._settings = settings
        self._old_fires = OldFires()
        self._vacuum = Vacuum(thorough=thorough)
        self._removed: defaultdict[str, Amount] = defaultdict(Amount)

    @property
    def removed(self) -> Mapping[str, Amount]:
        """What was deleted of each task so far."""
        return self._removed

    def configure(self, settings: HistorySettings) -> None:
        """Keep as much as these settings say, from the next piece of work on. From any thread."""
        self._settings = settings

    def prune(self, connection: Connection) -> bool:
        """Delete some of what is too much or too old, or give free pages back to the disk; False
        if there was nothing to do.
        """
        now = self._clock.now()
        if self._settings and self._remove_some(connection, self._settings, now):
            return True
        return self._old_fires.forget(connection, now) or self._vacuum.shrink(connection)

    def _remove_some(
        self, connection: Connection, settings: HistorySettings, now: datetime
    ) -> bool:
        too_much = list(islice(excess(connection, settings, now), MOST_RUNS))
        if not too_much:
            return False
        for task, amount in remove(connection, too_much).items():
            self._removed[task].runs += amount.runs
            self._removed[task].size += amount.size
        return True
