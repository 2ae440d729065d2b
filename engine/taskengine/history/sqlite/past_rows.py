"""What a file tells of the fires of a task that have passed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from sqlite3 import Connection

from taskengine.history.past_fires import past_miss
from taskengine.history.sqlite.encodable import encodable
from taskengine.history.sqlite.fire_rows import MISSED_COLUMNS, Fire, missed_of
from taskengine.history.sqlite.instants import from_micros
from taskengine.history.sqlite.readable import Row, readable
from taskengine.records import FireOutcome, PastFire
from taskengine.run import RunState

# What engines claimed that were gone before this one began is not elsewhere, but before.
_FIRES = """
SELECT schedule, fires.at, run, runs.state, theirs.pid,
  theirs.id <> own.id AND claimed_at >= own.started_at
    AND coalesce(theirs.stopped_at > own.started_at, 1)
FROM fires LEFT JOIN runs ON runs.id = run JOIN engines theirs ON theirs.id = fires.engine
  LEFT JOIN engines own ON own.id = :engine
WHERE fires.task = :task ORDER BY fires.at DESC LIMIT :limit"""
_MISSED = f"""
SELECT pending, run, {MISSED_COLUMNS} FROM missed_fires
WHERE task = :task ORDER BY last_at DESC LIMIT :limit"""  # noqa: S608 - our own names


@dataclass(frozen=True, slots=True)
class PastRows:
    """Fires by schedule and instant, and missed ones by their number."""

    fires: Mapping[Fire, PastFire] = field(default_factory=dict)
    missed: Mapping[int, PastFire] = field(default_factory=dict)


def load_past(connection: Connection, task: str, limit: int, engine: int) -> PastRows:
    """The latest fires of a task, as many of each sort, as that engine sees them."""
    arguments = {"task": encodable(task), "limit": limit, "engine": engine}
    fires = connection.execute(_FIRES, arguments)
    missed = connection.execute(_MISSED, arguments)
    return PastRows(
        fires=dict(readable(fires, lambda row: _fire_of(task, *row))),
        missed=dict(readable(missed, _miss_of)),
    )


def _miss_of(row: Row) -> tuple[int, PastFire]:
    pending, run, *missed = row
    return missed[0], past_miss(missed_of(*missed), pending=bool(pending), run=run)


def _fire_of(
    task: str,
    schedule: str,
    at: int,
    run: int | None,
    state: str | None,
    pid: int,
    is_elsewhere: int | None,
) -> tuple[Fire, PastFire]:
    outcome = FireOutcome.FIRED
    if is_elsewhere:
        outcome = FireOutcome.ELSEWHERE
    elif state == RunState.SKIPPED:
        outcome = FireOutcome.SKIPPED
    instant = from_micros(at)
    fire = PastFire(
        task=task,
        at=instant,
        last=instant,
        outcome=outcome,
        run_id=run,
        pid=pid if is_elsewhere else None,
    )
    return (schedule, instant), fire
