"""What a file tells of the fires of a task that have passed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from sqlite3 import Connection

from taskengine.history.past_fires import past_miss
from taskengine.history.sqlite.encodable import encodable
from taskengine.history.sqlite.fire_rows import MISSED_COLUMNS, Fire, missed_of
from taskengine.history.sqlite.instants import from_micros
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
        fires={(row[0], from_micros(row[1])): _fire_of(task, *row[1:]) for row in fires},
        missed={
            row[2]: past_miss(missed_of(*row[2:]), pending=bool(row[0]), run=row[1])
            for row in missed
        },
    )


def _fire_of(
    task: str, at: int, run: int | None, state: str | None, pid: int, is_elsewhere: int | None
) -> PastFire:
    outcome = FireOutcome.FIRED
    if is_elsewhere:
        outcome = FireOutcome.ELSEWHERE
    elif state == RunState.SKIPPED:
        outcome = FireOutcome.SKIPPED
    instant = from_micros(at)
    return PastFire(
        task=task,
        at=instant,
        last=instant,
        outcome=outcome,
        run_id=run,
        pid=pid if is_elsewhere else None,
    )
