"""Fires in a project's file: what is claimed there is claimed by one engine only."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from sqlite3 import Connection

from taskengine.clock import Clock
from taskengine.history.sqlite import fire_rows
from taskengine.history.sqlite.fire_memory import FireMemory
from taskengine.history.sqlite.fire_rows import Claim, Delayed, FireTables, Missed
from taskengine.history.sqlite.numbers import FIRES, Numbers
from taskengine.history.sqlite.past_rows import PastRows, load_past
from taskengine.history.sqlite.reader import Reader
from taskengine.history.sqlite.writer import StoreUnavailable, Writer
from taskengine.records import PastFire
from taskengine.run import DelayedRun, MissedFires

SOON = 0.02


class SqliteFires:
    """Keeps fires for the engine whose number `engine` gives.

    The only engine on a file knows all by itself: while the file can't be written, it goes on in
    memory, and `write`, `written` and `lost` are what the writer asks for later. Engines that share
    a file can't know what the others do: then they claim nothing, and raise StoreUnavailable.
    """

    def __init__(
        self,
        writer: Writer,
        reader: Reader,
        path: Path,
        clock: Clock,
        engine: Callable[[], int],
        *,
        exclusive: bool,
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._clock = clock
        self._engine = engine
        self._exclusive = exclusive
        self._memory = FireMemory()
        self._numbers = Numbers(FIRES, writer, reader, path, exclusive=exclusive)

    async def open(self) -> None:
        """Read what earlier engines have kept. Called once, before all else, when the writer is
        open and has brought in order what engines that died have left.
        """
        await self._numbers.open(self._engine())
        self._memory.load(await self._reader.ask(fire_rows.load, FireTables()))

    async def close(self) -> None:
        """Leave what was reserved and not used to the next engine."""
        await self._numbers.close()

    def next_id(self) -> int:
        """A number that no missed fires and no delayed run had before."""
        return self._numbers.next()

    async def claim(self, schedule: str, at: datetime, task: str) -> bool:
        """Keep that a schedule's fire at an instant happens; False if it was claimed before.

        Raises StoreUnavailable where other engines may claim it, too.
        """
        claim = Claim(schedule=schedule, at=at, task=task, claimed_at=self._clock.now())
        try:
            is_new = await self._writer.do(
                lambda connection: fire_rows.claim(connection, claim, self._engine())
            )
        except StoreUnavailable:
            if not self._exclusive:
                raise
            return await self._claim_in_memory(claim)
        self._memory.look_on(schedule, at, is_saved=True)
        return is_new

    async def _claim_in_memory(self, claim: Claim) -> bool:
        fire = (claim.schedule, claim.at)
        look = partial(fire_rows.is_claimed, schedule=claim.schedule, at=claim.at)
        was_claimed = await self._reader.ask(look, False)
        self._memory.look_on(claim.schedule, claim.at, is_saved=False)
        if was_claimed or self._memory.claims.get(fire):
            return False
        self._memory.claims.put(fire, claim)
        return True

    def keep_fired(self, schedule: str, at: datetime, run_id: int) -> None:
        """Keep which run a claimed fire has begun."""
        if claim := self._memory.claims.get((schedule, at)):
            self._memory.claims.put((schedule, at), replace(claim, run=run_id))
        else:
            self._memory.fired.put((schedule, at), run_id)
        self._writer.wake(SOON)

    async def note_looks(self, looks: Mapping[str, datetime | None]) -> None:
        """Keep up to which instant the fires of schedules were dealt with; None: forget it."""
        for schedule, at in looks.items():
            if at is None:
                self._memory.looks.drop(schedule)
            else:
                self._memory.looks.put(schedule, at)
        await self._writer.flush()

    def looks(self) -> Mapping[str, datetime]:
        """Up to which instant the fires of every schedule that is known were dealt with."""
        return self._memory.looks.values()

    async def keep_missed(self, missed: MissedFires) -> None:
        """Keep fires that were missed."""
        self._memory.missed.put(missed.id, Missed(missed))
        await self._writer.flush()

    async def forget_missed(self, missed_id: int) -> bool:
        """Let missed fires be missed no longer; False if that was so before. Raises
        StoreUnavailable where other engines may have seen to them.
        """
        missed = self._memory.missed.get(missed_id)
        if missed is None or not missed.pending:
            return False
        cleared = Missed(missed.fires, pending=False)
        if self._exclusive:
            self._memory.missed.put(missed_id, cleared)
            await self._writer.flush()
            return True
        is_ours = await self._writer.do(partial(fire_rows.clear_missed, missed_id=missed_id))
        self._memory.missed.drop_saved(missed_id)
        return is_ours

    async def keep_made_up(self, missed_id: int, run_id: int) -> None:
        """Keep which run was begun for fires that are missed no longer."""
        self._memory.made_up.put(missed_id, run_id)
        await self._writer.flush()

    def missed(self) -> Sequence[MissedFires]:
        """The missed fires that are kept, in the order they came."""
        missed = self._memory.missed.values().values()
        return sorted((one.fires for one in missed if one.pending), key=lambda fires: fires.id)

    async def keep_delayed(self, delayed: DelayedRun) -> None:
        """Keep a run that is to begin later."""
        self._memory.delayed.put(delayed.id, Delayed(delayed))
        await self._writer.flush()

    async def take_delayed(self, delayed_id: int) -> bool:
        """Let this engine, and no other, begin a delayed run; False if that can't be. Raises
        StoreUnavailable where other engines may have taken it.
        """
        delayed = self._memory.delayed.get(delayed_id)
        if delayed is None or delayed.taken:
            return False
        taken = Delayed(delayed.run, taken=True)
        if self._exclusive:
            self._memory.delayed.put(delayed_id, taken)
            await self._writer.flush()
            return True
        if not await self._writer.do(
            lambda connection: fire_rows.take_delayed(connection, delayed_id, self._engine())
        ):
            self._memory.delayed.drop_saved(delayed_id)
            return False
        self._memory.delayed.put_saved(delayed_id, taken)
        return True

    async def forget_delayed(self, delayed_id: int) -> bool:
        """Keep a delayed run no longer; False if it is gone, or another engine has taken it. Raises
        StoreUnavailable where other engines may have taken it.
        """
        delayed = self._memory.delayed.get(delayed_id)
        if delayed is None:
            return False
        if self._exclusive or delayed.taken:
            self._memory.delayed.drop(delayed_id)
            await self._writer.flush()
            return True
        is_ours = await self._writer.do(partial(fire_rows.call_off_delayed, delayed_id=delayed_id))
        self._memory.delayed.drop_saved(delayed_id)
        return is_ours

    def delayed(self) -> Sequence[DelayedRun]:
        """The runs that are to begin later and were not taken, the next one first."""
        delayed = self._memory.delayed.values().values()
        runs = (one.run for one in delayed if not one.taken)
        return sorted(runs, key=lambda run: (run.at, run.id))

    async def past(self, task: str, limit: int) -> Sequence[PastFire]:
        """What became of a task's latest fires, the latest first."""
        look = partial(load_past, task=task, limit=limit, engine=self._engine())
        return self._memory.past(await self._reader.ask(look, PastRows()), task, limit)

    def write(self, connection: Connection) -> None:
        """Write what is unwritten."""
        self._memory.write(connection, self._engine())

    def written(self) -> None:
        """What was written last is committed."""
        self._memory.written()

    def lost(self) -> None:
        """What was written last was rolled back."""
        self._memory.lost()

    def write_all(self) -> None:
        """Let everything be written: the file was begun anew."""
        if self._exclusive:
            self._memory.write_all()
        else:  # what others have begun or cleared meanwhile must not come back
            self._memory.looks.put_all_again()
