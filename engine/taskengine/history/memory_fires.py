"""What a history in memory keeps of fires, bounded but for what is still to come."""

import itertools
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime

from taskengine.records import PastFire
from taskengine.run import DelayedRun, MissedFires

MAX_CLAIMS = 50_000
MAX_MISSED = 1_000


class MemoryFires:
    """Keeps the latest claims and missed fires; the oldest go first."""

    def __init__(self, *, max_claims: int = MAX_CLAIMS, max_missed: int = MAX_MISSED) -> None:
        self._max_claims = max_claims
        self._max_missed = max_missed
        self._ids = itertools.count(1)
        self._claims: dict[tuple[str, datetime], None] = {}
        self._looks: dict[str, datetime] = {}
        self._missed: dict[int, MissedFires] = {}
        self._delayed: dict[int, DelayedRun] = {}
        self._lock = threading.Lock()

    def next_id(self) -> int:
        """A number that no missed fires and no delayed run had before."""
        return next(self._ids)

    async def claim(self, schedule: str, at: datetime, task: str) -> bool:
        """Keep that a schedule's fire at an instant happens; False if it was claimed before."""
        with self._lock:
            is_new = (schedule, at) not in self._claims
            self._claims[schedule, at] = None
            if len(self._claims) > self._max_claims:
                del self._claims[next(iter(self._claims))]
            self._looks[schedule] = max(at, self._looks.get(schedule, at))
            return is_new

    def keep_fired(self, schedule: str, at: datetime, run_id: int) -> None:
        """Keep which run a claimed fire has begun."""

    async def note_looks(self, looks: Mapping[str, datetime | None]) -> None:
        """Keep up to which instant the fires of schedules were dealt with; None: forget it."""
        with self._lock:
            for schedule, at in looks.items():
                if at is None:
                    self._looks.pop(schedule, None)
                else:
                    self._looks[schedule] = at

    def looks(self) -> Mapping[str, datetime]:
        """Up to which instant the fires of every schedule that is known were dealt with."""
        with self._lock:
            return dict(self._looks)

    async def keep_missed(self, missed: MissedFires) -> None:
        """Keep fires that were missed, and make room for more."""
        with self._lock:
            self._missed[missed.id] = missed
            if len(self._missed) > self._max_missed:
                del self._missed[next(iter(self._missed))]

    async def forget_missed(self, missed_id: int) -> bool:
        """Keep missed fires no longer; False if they were forgotten before."""
        with self._lock:
            return self._missed.pop(missed_id, None) is not None

    async def keep_made_up(self, missed_id: int, run_id: int) -> None:
        """Keep which run was begun for fires that are missed no longer."""

    def missed(self) -> Sequence[MissedFires]:
        """The missed fires that are kept, in the order they came."""
        with self._lock:
            return sorted(self._missed.values(), key=lambda missed: missed.id)

    async def keep_delayed(self, delayed: DelayedRun) -> None:
        """Keep a run that is to begin later."""
        with self._lock:
            self._delayed[delayed.id] = delayed

    async def forget_delayed(self, delayed_id: int) -> bool:
        """Keep a delayed run no longer; False if it was forgotten before."""
        with self._lock:
            return self._delayed.pop(delayed_id, None) is not None

    def delayed(self) -> Sequence[DelayedRun]:
        """The runs that are to begin later, the next one first."""
        with self._lock:
            return sorted(self._delayed.values(), key=lambda one: (one.at, one.id))

    async def past(self, task: str, limit: int) -> Sequence[PastFire]:
        """What became of a task's latest fires, the latest first."""
        return []
