"""A run as rows of the file, and back: what comes out is exactly what went in."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from sqlite3 import Connection

from taskengine.history.sqlite.details import (
    Stored,
    fields_of,
    more_of,
    pack,
    size_of,
    to_json,
    unpack,
)
from taskengine.history.sqlite.encodable import encodable
from taskengine.history.sqlite.instants import (
    from_micros,
    from_micros_or_none,
    to_micros,
    to_micros_or_none,
)
from taskengine.history.sqlite.readable import Row, readable
from taskengine.history.sqlite.stored_output import NOTHING_STORED, StoredOutput
from taskengine.history.summary import PAYLOAD_CHARS, error_line
from taskengine.run import Run, RunError, RunState, Trigger

_UPDATE_RUN = """
UPDATE runs SET state=?, started_at=?, ended_at=?, attempt=?, error_line=?, lines=?, gap_start=?,
  gap_end=?, engine=?, begun=?, open=?, packed=?, size=?
WHERE id=?"""
_ADD_OUTPUT = "UPDATE runs SET lines=?, size=size+?, packed=0 WHERE id=?"
_WIDEN_GAP = """
UPDATE runs SET gap_start = CASE gap_end WHEN gap_start THEN ?1 ELSE min(gap_start, ?1) END,
  gap_end = max(gap_end, ?2)
WHERE id=?3"""
_INSERT_RUN = """
INSERT OR REPLACE INTO runs(state, started_at, ended_at, attempt, error_line, lines, gap_start,
  gap_end, engine, begun, open, packed, size, id, task, trigger, queued_at, scheduled_at, key,
  max_attempts, payload_start, parent_id, rerun_of)
VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_UPDATE_DETAILS = (
    "UPDATE details SET result=?, error_type=?, error_message=?, traceback=?, more=? WHERE run=?"
)
_INSERT_DETAILS = """
INSERT OR REPLACE INTO details(result, error_type, error_message, traceback, more, run, payload)
VALUES(?, ?, ?, ?, ?, ?, ?)"""
_SELECT = """
SELECT id, task, state, trigger, queued_at, started_at, ended_at, scheduled_at, key, attempt,
  max_attempts, parent_id, rerun_of, payload, result, error_type, error_message, traceback, more
FROM runs CROSS JOIN details ON run = id """


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What `engine` has to do with a run: whether its code may have begun, and whether there is
    something left to do for it.
    """

    engine: int
    begun: bool = True
    open: bool = False


@dataclass(frozen=True, slots=True)
class Saved:
    """How many bytes a run takes that was saved: its payload, and all of it with its output."""

    payload_size: int
    size: int


def save_run(
    connection: Connection,
    run: Run,
    standing: Standing,
    output: StoredOutput = NOTHING_STORED,
    payload_size: int | None = None,
) -> Saved:
    """Bring the rows of a run up to what it is, whether there are any of it or not.

    `payload_size` is known of a run that was saved before; its payload is not looked at again. In
    a process whose threads are busy every statement costs its turn, so there are few.
    """
    ending = _ending_of(run)
    size = output.size + sum(map(size_of, ending))
    state = _state_of(run, standing, output)
    if payload_size is not None:
        saved = Saved(payload_size, size + payload_size)
        if connection.execute(_UPDATE_RUN, (*state, saved.size, run.id)).rowcount:
            connection.execute(_UPDATE_DETAILS, (*ending, run.id))
            return saved
    payload = to_json(run.payload)
    stored = pack(payload)
    saved = Saved(size_of(stored), size + size_of(stored))
    connection.execute(_INSERT_RUN, (*state, saved.size, *_origin_of(run, payload)))
    connection.execute(_INSERT_DETAILS, (*ending, run.id, stored))
    return saved


def save_late_output(
    connection: Connection, run_id: int, before: StoredOutput, now: StoredOutput
) -> bool:
    """Keep that there is more output of a run that was over; False if the run is not kept any more.

    Its output may have been packed or shortened meanwhile: the row is right about what it says.
    """
    added = (now.lines, now.size - before.size, run_id)
    if not connection.execute(_ADD_OUTPUT, added).rowcount:
        return False
    if now.gap != before.gap:
        connection.execute(_WIDEN_GAP, (*now.gap, run_id))
    return True


def load_run(connection: Connection, run_id: int) -> Run | None:
    """A run as it was saved last; None if it is not kept."""
    found = load_runs(connection, "WHERE id = ?", (run_id,))
    return found[0] if found else None


def load_runs(connection: Connection, which: str, arguments: Sequence[object] = ()) -> list[Run]:
    """The runs that a part of a query picks, from its WHERE on, in its order; without those whose
    rows make no sense.
    """
    return list(readable(connection.execute(_SELECT + which, arguments), _run_of))


def _state_of(run: Run, standing: Standing, output: StoredOutput) -> Row:
    return (
        run.state.value,
        to_micros_or_none(run.started_at),
        to_micros_or_none(run.ended_at),
        run.attempt,
        encodable(error_line(run)),
        output.lines,
        *output.gap,
        standing.engine,
        standing.begun,
        standing.open,
        # What goes on is not packed before its end, and need not be looked for among what is to be.
        not run.state.is_final or output.is_small,
    )


def _origin_of(run: Run, payload: str) -> Row:
    return (
        run.id,
        run.task,
        run.trigger.value,
        to_micros(run.queued_at),
        to_micros_or_none(run.scheduled_time),
        encodable(run.key),
        run.max_attempts,
        payload[:PAYLOAD_CHARS],
        run.parent_id,
        run.rerun_of,
    )


def _ending_of(run: Run) -> tuple[Stored | None, ...]:
    error, result = run.error, None if run.result is None else pack(to_json(run.result))
    more = more_of(run)
    return (
        result,
        encodable(error.type) if error else None,
        pack(error.message) if error else None,
        pack(error.traceback) if error else None,
        None if more is None else pack(more),
    )


def _run_of(row: Row) -> Run:
    (run_id, task, state, trigger, queued_at, started_at, ended_at, scheduled_at, key) = row[:9]
    attempt, max_attempts, parent_id, rerun_of, payload, result = row[9:15]
    error_type, message, traceback, more = row[15:]
    return Run(
        id=run_id,
        task=task,
        payload=json.loads(unpack(payload)),
        trigger=Trigger(trigger),
        state=RunState(state),
        queued_at=from_micros(queued_at),
        started_at=from_micros_or_none(started_at),
        ended_at=from_micros_or_none(ended_at),
        scheduled_time=from_micros_or_none(scheduled_at),
        key=key,
        attempt=attempt,
        max_attempts=max_attempts,
        parent_id=parent_id,
        rerun_of=rerun_of,
        result=None if result is None else json.loads(unpack(result)),
        error=None
        if error_type is None
        else RunError(type=error_type, message=unpack(message), traceback=unpack(traceback)),
        **fields_of(unpack(more)) if more is not None else {},
    )
