"""What a history in memory keeps of fires, bounded but for what is still to come."""

import itertools
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from taskengine.history.past_fires import latest_of, past_miss
from taskengine.records import FireOutcome, PastFire
from taskengine.run import DelayedRun, MissedFires, RunState

MAX_CLAIMS = 50_000
MAX_MISSED = 1_000


@dataclass(slots=True)
class _Claim:
    task: str
    run: int | None = None


@dataclass(slots=True)
class _Missed:
    fires: MissedFires
    pending: bool = True
    run: int | None = None


class MemoryFires:
    """Keeps the latest claims and missed fires; the oldest go first.

    `state_of` says how a run stands, if it is known.
    """

    def __init__(
        self,
        state_of: Callable[[int], RunState | None] = lambda _: None,
        *,
        max_claims: int = MAX_CLAIMS,
        max_missed: int = MAX_MISSED,
    ) -> None:
        self._state_of = state_of
        self._max_claims = max_claims
        self._max_missed = max_missed
        self._ids = itertools.count(1)
        self._claims: dict[tuple[str, datetime], _Claim] = {}
        self._looks: dict[str, datetime] = {}
        self._missed: dict[int, _Missed] = {}
        self._delayed: dict[int, DelayedRun] = {}
        self._lock = threading.Lock()

    def next_id(self) -> int:
        """A number that no missed fires and no delayed run had before."""
        return next(self._ids)

    async def claim(self, schedule: str, at: datetime, task: str) -> bool:
        """Keep that a schedule's fire at an instant happens; False if it was claimed before."""
        with self._lock:
            self._looks[schedule] = max(at, self._looks.get(schedule, at))
            if (schedule, at) in self._claims:
                return False
            self._claims[schedule, at] = _Claim(task)
            if len(self._claims) > self._max_claims:
                del self._claims[next(iter(self._claims))]
            return True

    def keep_fired(self, schedule: str, at: datetime, run_id: int) -> None:
        """Keep which run a claimed fire has begun."""
        with self._lock:
            if claim := self._claims.get((schedule, at)):
                claim.run = run_id

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
            self._missed[missed.id] = _Missed(missed)
            if len(self._missed) > self._max_missed:
                cleared = (one for one, kept in self._missed.items() if not kept.pending)
                del self._missed[next(cleared, next(iter(self._missed)))]

    async def forget_missed(self, missed_id: int) -> bool:
        """Let missed fires be missed no longer; False if that was so before."""
        with self._lock:
            missed = self._missed.get(missed_id)
            if missed is None or not missed.pending:
                return False
            missed.pending = False
            return True

    async def keep_made_up(self, missed_id: int, run_id: int) -> None:
        """Keep which run was begun for fires that are missed no longer."""
        with self._lock:
            if missed := self._missed.get(missed_id):
                missed.run = run_id

    def missed(self) -> Sequence[MissedFires]:
        """The missed fires that are kept, in the order they came."""
        with self._lock:
            pending = [missed.fires for missed in self._missed.values() if missed.pending]
        return sorted(pending, key=lambda missed: missed.id)

    async def keep_delayed(self, delayed: DelayedRun) -> None:
        """Keep a run that is to begin later."""
        with self._lock:
            self._delayed[delayed.id] = delayed

    async def take_delayed(self, delayed_id: int) -> bool:
        """Let this engine begin a delayed run; without it there is nothing that could remember."""
        return await self.forget_delayed(delayed_id)

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
        with self._lock:
            claims = [(at, one.run) for (_, at), one in self._claims.items() if one.task == task]
            missed = [one for one in self._missed.values() if one.fires.task == task]
        fires = [self._past_fire(task, at, run) for at, run in claims]
        return latest_of(fires, [_past_miss(one) for one in missed], limit)

    def _past_fire(self, task: str, at: datetime, run: int | None) -> PastFire:
        is_skipped = run is not None and self._state_of(run) is RunState.SKIPPED
        outcome = FireOutcome.SKIPPED if is_skipped else FireOutcome.FIRED
        return PastFire(task=task, at=at, last=at, outcome=outcome, run_id=run)


def _past_miss(missed: _Missed) -> PastFire:
    return past_miss(missed.fires, pending=missed.pending, run=missed.run)
