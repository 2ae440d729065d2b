"""What this engine knows of fires, whether or not the file can be read or written now."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from sqlite3 import Connection
from typing import Any

from taskengine.history.past_fires import latest_of, past_miss
from taskengine.history.sqlite import fire_rows
from taskengine.history.sqlite.fire_rows import (
    MAX_MISSED,
    Claim,
    Delayed,
    Fire,
    FireTables,
    Missed,
)
from taskengine.history.sqlite.kept_values import KeptValues
from taskengine.history.sqlite.past_rows import PastRows
from taskengine.records import FireOutcome, PastFire

MAX_CLAIMS = 50_000


class FireMemory:
    """`claims` are those that were made without the file, `fired` the runs of others, `made_up`
    those begun for missed fires: they stay until they are in the file. `looks`, what is missed and
    what is delayed stay as long as they hold.
    """

    def __init__(self) -> None:
        self.claims: KeptValues[Fire, Claim] = KeptValues(_never, most=MAX_CLAIMS)
        self.fired: KeptValues[Fire, int] = KeptValues(_never, most=MAX_CLAIMS)
        self.looks: KeptValues[str, datetime] = KeptValues()
        self.missed: KeptValues[int, Missed] = KeptValues(
            lambda missed: missed.pending, most=MAX_MISSED
        )
        self.made_up: KeptValues[int, int] = KeptValues(_never, most=MAX_MISSED)
        self.delayed: KeptValues[int, Delayed] = KeptValues()
        self._all: tuple[KeptValues[Any, Any], ...] = (
            *(self.claims, self.fired, self.looks),
            *(self.missed, self.made_up, self.delayed),
        )

    def load(self, tables: FireTables) -> None:
        """Take up what the file has."""
        for schedule, at in tables.looks.items():
            self.looks.put_saved(schedule, at)
        for fires in tables.missed:
            self.missed.put_saved(fires.id, Missed(fires))
        for run in tables.delayed:
            self.delayed.put_saved(run.id, Delayed(run))

    def look_on(self, schedule: str, at: datetime, *, is_saved: bool) -> None:
        """Note a look at a fire, if none is noted that is later."""
        before = self.looks.get(schedule)
        if before is not None and before >= at:
            return
        put = self.looks.put_saved if is_saved else self.looks.put
        put(schedule, at)

    def past(self, rows: PastRows, task: str, limit: int) -> Sequence[PastFire]:
        """What became of a task's fires, by the file and by what that does not have yet."""
        fires, missed = dict(rows.fires), dict(rows.missed)
        for fire, claim in self.claims.unsaved().items():
            if claim.task == task:
                fires[fire] = _past_fire(claim)
        for fire, run in self.fired.unsaved().items():
            if fire in fires:
                fires[fire] = replace(fires[fire], run_id=run)
        for missed_id, one in self.missed.unsaved().items():
            if one.fires.task == task:
                missed[missed_id] = past_miss(one.fires, pending=one.pending, run=None)
        for missed_id, run in self.made_up.unsaved().items():
            if missed_id in missed:
                outcome = FireOutcome.MADE_UP
                missed[missed_id] = replace(missed[missed_id], outcome=outcome, run_id=run)
        return latest_of(fires.values(), list(missed.values()), limit)

    def write(self, connection: Connection, engine: int) -> None:
        """Write what the file does not have, as facts of an engine."""
        if all(values.is_saved for values in self._all):
            return
        for claim in self.claims.take().values.values():
            fire_rows.save_claim(connection, claim, engine)
        for (schedule, at), run in self.fired.take().values.items():
            fire_rows.save_fired(connection, schedule, at, run, engine)
        for missed in self.missed.take().values.values():
            fire_rows.save_missed(connection, missed)
        for missed_id, run in self.made_up.take().values.items():
            fire_rows.save_made_up(connection, missed_id, run)
        fire_rows.save_looks(connection, self.looks.take())
        fire_rows.save_delayed(connection, self.delayed.take(), engine)

    def written(self) -> None:
        """What was written last is committed."""
        for values in self._all:
            values.saved()

    def lost(self) -> None:
        """What was written last was rolled back."""
        for values in self._all:
            values.lost()

    def write_all(self) -> None:
        """Let everything be written."""
        for values in self._all:
            values.put_all_again()


def _past_fire(claim: Claim) -> PastFire:
    return PastFire(
        task=claim.task,
        at=claim.at,
        last=claim.at,
        outcome=FireOutcome.FIRED,
        run_id=claim.run,
    )


def _never(_: object) -> bool:
    return False
