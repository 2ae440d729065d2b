"""Whether two runs are one and the same, whatever their numbers are."""

import json
from dataclasses import replace
from datetime import timedelta
from sqlite3 import Connection

import msgspec

from taskengine.history.sqlite import rows
from taskengine.history.sqlite.instants import to_micros
from taskengine.history.sqlite.spans import spans_of
from taskengine.records import RunQuery
from taskengine.run import Run


def are_twins(one: Run, other: Run) -> bool:
    """Whether all that is known of both is the same, but for numbers of runs."""
    return one.queued_at == other.queued_at and _but_for_numbers(one) == _but_for_numbers(other)


def find_twin(connection: Connection, run: Run) -> int | None:
    """The number that the same run has in a history, if it is there."""
    moment = RunQuery(since=run.queued_at, until=run.queued_at + timedelta(microseconds=1))
    for span in spans_of(connection, moment, None):
        candidates = rows.load_runs(
            connection,
            "WHERE id >= ? AND id < ? AND queued_at = ? AND task = ?",
            (span.start, span.stop, to_micros(run.queued_at), run.task),
        )
        for one in candidates:
            if are_twins(one, run):
                return one.id
    return None


def _but_for_numbers(run: Run) -> str:
    """As text, in which a number that is none equals itself."""
    plain = replace(run, id=0, parent_id=None, rerun_of=None, children=())
    return json.dumps(msgspec.to_builtins(plain), sort_keys=True)
