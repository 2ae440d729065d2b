"""Fires, missed fires and delayed runs as rows of the file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from sqlite3 import Connection
from typing import TypeAlias

from taskengine.history.sqlite.details import to_json
from taskengine.history.sqlite.encodable import encodable
from taskengine.history.sqlite.instants import from_micros, to_micros
from taskengine.history.sqlite.kept_values import Taken
from taskengine.history.sqlite.readable import readable
from taskengine.run import DelayedRun, MissedFires

MAX_MISSED = 1_000
Fire: TypeAlias = tuple[str, datetime]
"""A schedule's identity, and the instant."""
MISSED_COLUMNS = "id, task, cron, timezone, payload, first_at, last_at, count"

_CLAIM = """
INSERT INTO fires(schedule, at, task, engine, claimed_at, run) VALUES(?, ?, ?, ?, ?, ?)
ON CONFLICT(schedule, at) DO NOTHING"""
_FIRED = "UPDATE fires SET run=? WHERE schedule=? AND at=? AND engine=?"
_LOOK_ON = """
INSERT INTO looks(schedule, at) VALUES(?, ?)
ON CONFLICT(schedule) DO UPDATE SET at=max(at, excluded.at)"""
_LOOK = "INSERT OR REPLACE INTO looks(schedule, at) VALUES(?, ?)"
_MISS = """
INSERT INTO missed_fires(id, task, cron, timezone, payload, first_at, last_at, count, pending)
VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT(id) DO UPDATE SET pending=excluded.pending"""
_DELAY = """
INSERT INTO delayed_runs(id, task, payload, at, created_at, engine) VALUES(?, ?, ?, ?, ?, ?)
ON CONFLICT(id) DO UPDATE SET engine=excluded.engine"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A fire of a task's schedule that this engine claimed, and the run it began, if it has."""

    schedule: str
    at: datetime
    task: str
    claimed_at: datetime
    run: int | None = None


@dataclass(frozen=True, slots=True)
class Missed:
    """Fires that were missed; `pending` until they are made up for or dismissed."""

    fires: MissedFires
    pending: bool = True


@dataclass(frozen=True, slots=True)
class Delayed:
    """A delayed run; this engine has `taken` it if it is about to begin it."""

    run: DelayedRun
    taken: bool = False


@dataclass(frozen=True, slots=True)
class FireTables:
    """What a file holds of fires to come and to be made up for."""

    looks: Mapping[str, datetime] = field(default_factory=dict)
    missed: tuple[MissedFires, ...] = ()
    delayed: tuple[DelayedRun, ...] = ()


def load(connection: Connection) -> FireTables:
    """Read what makes sense of it; of missed fires the latest thousand."""
    looks = connection.execute("SELECT schedule, at FROM looks")
    missed = connection.execute(
        f"SELECT {MISSED_COLUMNS} FROM missed_fires"  # noqa: S608 - our own names
        f" WHERE pending=1 ORDER BY id DESC LIMIT {MAX_MISSED}"
    )
    delayed = connection.execute(
        "SELECT id, task, payload, at, created_at FROM delayed_runs WHERE engine IS NULL"
    )
    return FireTables(
        looks=dict(readable(looks, lambda row: (row[0], from_micros(row[1])))),
        missed=tuple(readable(missed, lambda row: missed_of(*row)))[::-1],
        delayed=tuple(readable(delayed, lambda row: _delayed_of(*row))),
    )


def claim(connection: Connection, fire: Claim, engine: int) -> bool:
    """Claim a fire and note the look at it; False if any engine has claimed it before."""
    is_new = save_claim(connection, fire, engine)
    connection.execute(_LOOK_ON, (fire.schedule, to_micros(fire.at)))
    return is_new


def save_claim(connection: Connection, fire: Claim, engine: int) -> bool:
    """Claim a fire, without a look; False if any engine has claimed it before."""
    at, claimed_at = to_micros(fire.at), to_micros(fire.claimed_at)
    row = (fire.schedule, at, encodable(fire.task), engine, claimed_at, fire.run)
    return connection.execute(_CLAIM, row).rowcount == 1


def is_claimed(connection: Connection, schedule: str, at: datetime) -> bool:
    """Whether any engine has claimed a fire."""
    found = connection.execute(
        "SELECT 1 FROM fires WHERE schedule=? AND at=?", (schedule, to_micros(at))
    )
    return found.fetchone() is not None


def save_fired(connection: Connection, schedule: str, at: datetime, run: int, engine: int) -> None:
    """Write which run a fire has begun that this engine claimed."""
    connection.execute(_FIRED, (run, schedule, to_micros(at), engine))


def save_looks(connection: Connection, looks: Taken[str, datetime]) -> None:
    """Write up to where the fires of schedules were dealt with."""
    if not looks.values and not looks.dropped:  # nearly always: asked at every commit
        return
    rows = [(schedule, to_micros(at)) for schedule, at in looks.values.items()]
    connection.executemany(_LOOK, rows)
    gone = [(schedule,) for schedule in looks.dropped]
    connection.executemany("DELETE FROM looks WHERE schedule=?", gone)


def save_missed(connection: Connection, missed: Missed) -> None:
    """Write missed fires, as they stand."""
    fires = missed.fires
    row = (
        fires.id,
        encodable(fires.task),
        fires.cron,
        fires.timezone,
        to_json(fires.payload),
        to_micros(fires.first),
        to_micros(fires.last),
        fires.count,
        missed.pending,
    )
    connection.execute(_MISS, row)


def clear_missed(connection: Connection, missed_id: int) -> bool:
    """Let missed fires be missed no longer; False if that was so before."""
    cleared = connection.execute(
        "UPDATE missed_fires SET pending=0 WHERE id=? AND pending=1", (missed_id,)
    )
    return cleared.rowcount == 1


def save_made_up(connection: Connection, missed_id: int, run: int) -> None:
    """Write which run was begun for missed fires."""
    connection.execute("UPDATE missed_fires SET run=? WHERE id=?", (run, missed_id))


def save_delayed(connection: Connection, delayed: Taken[int, Delayed], engine: int) -> None:
    """Write delayed runs as they stand, and forget those that are kept no longer."""
    if not delayed.values and not delayed.dropped:
        return
    rows = [_row_of(one, engine) for one in delayed.values.values()]
    connection.executemany(_DELAY, rows)
    gone = [(delayed_id,) for delayed_id in delayed.dropped]
    connection.executemany("DELETE FROM delayed_runs WHERE id=?", gone)


def take_delayed(connection: Connection, delayed_id: int, engine: int) -> bool:
    """Let an engine begin a delayed run; False if it is gone, or another does."""
    taken = connection.execute(
        "UPDATE delayed_runs SET engine=? WHERE id=? AND engine IS NULL", (engine, delayed_id)
    )
    return taken.rowcount == 1


def call_off_delayed(connection: Connection, delayed_id: int) -> bool:
    """Forget a delayed run that nobody has taken; False if there is none."""
    gone = connection.execute(
        "DELETE FROM delayed_runs WHERE id=? AND engine IS NULL", (delayed_id,)
    )
    return gone.rowcount == 1


def _row_of(delayed: Delayed, engine: int) -> tuple[object, ...]:
    run = delayed.run
    return (
        run.id,
        encodable(run.task),
        to_json(run.payload),
        to_micros(run.at),
        to_micros(run.created_at),
        engine if delayed.taken else None,
    )


def missed_of(
    missed_id: int,
    task: str,
    cron: str,
    timezone: str,
    payload: str,
    first: int,
    last: int,
    count: int,
) -> MissedFires:
    """The missed fires of a row of `MISSED_COLUMNS`."""
    return MissedFires(
        id=missed_id,
        task=task,
        cron=cron,
        timezone=timezone,
        payload=json.loads(payload),
        first=from_micros(first),
        last=from_micros(last),
        count=count,
    )


def _delayed_of(delayed_id: int, task: str, payload: str, at: int, created_at: int) -> DelayedRun:
    return DelayedRun(
        id=delayed_id,
        task=task,
        payload=json.loads(payload),
        at=from_micros(at),
        created_at=from_micros(created_at),
    )
