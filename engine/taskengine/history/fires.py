"""What a history must do for fires: those that happened, were missed, and are still to come."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from taskengine.records import PastFire
from taskengine.run import DelayedRun, MissedFires


class FireHistory(Protocol):
    """Keeps which fires happened, which were missed, and which runs were put off.

    A schedule goes by its identity, a short text that is the same in every process; instants are
    aware and in UTC. The coroutines are called on the engine's loop, several at a time, and return
    when the fact is kept. The plain methods answer from any thread.
    """

    def next_id(self) -> int:
        """A number that no missed fires and no delayed run had before."""

    async def claim(self, schedule: str, at: datetime, task: str) -> bool:
        """Keep that the fire of a task's schedule at an instant happens; False if it was claimed
        before, by this engine or another.

        It is a look at that instant, too, if none is noted that is later.
        """

    def keep_fired(self, schedule: str, at: datetime, run_id: int) -> None:
        """Keep which run a claimed fire has begun; within a moment is soon enough."""

    async def note_looks(self, looks: Mapping[str, datetime | None]) -> None:
        """Keep up to which instant the fires of schedules were dealt with, in place of what was
        noted before; None: forget that of a schedule that is gone, though not what it claimed.
        """

    def looks(self) -> Mapping[str, datetime]:
        """Up to which instant the fires of every schedule that is known were dealt with."""

    async def keep_missed(self, missed: MissedFires) -> None:
        """Keep fires that were missed."""

    async def forget_missed(self, missed_id: int) -> bool:
        """Let missed fires be missed no longer; False if that was so before."""

    async def keep_made_up(self, missed_id: int, run_id: int) -> None:
        """Keep which run was begun for fires that are missed no longer; without one they were
        dismissed.
        """

    def missed(self) -> Sequence[MissedFires]:
        """The missed fires that are kept, in the order they came."""

    async def keep_delayed(self, delayed: DelayedRun) -> None:
        """Keep a run that is to begin later."""

    async def take_delayed(self, delayed_id: int) -> bool:
        """Let this engine, and no other, begin a delayed run now; False if it was forgotten or
        taken before. If the engine dies before it has kept a run for it, it is to begin again.
        """

    async def forget_delayed(self, delayed_id: int) -> bool:
        """Keep a delayed run no longer: it has begun, or is called off. False if it was forgotten
        before, or another engine has taken it.
        """

    def delayed(self) -> Sequence[DelayedRun]:
        """The runs that are to begin later and were not taken, the next one first."""

    async def past(self, task: str, limit: int) -> Sequence[PastFire]:
        """What became of a task's latest fires, the latest first. On any loop."""
