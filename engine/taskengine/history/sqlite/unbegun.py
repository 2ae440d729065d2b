"""Fires and delayed runs that an engine was about to begin when it died: they are still to come.

A run is kept before its code begins. Where none is kept, nothing has happened that could happen
twice.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from sqlite3 import Connection
from typing import TypeAlias

from taskengine.history.sqlite.sql import marks
from taskengine.run import Trigger

_LAST_MOMENTS = timedelta(
    minutes=1
)  # what has not begun for longer is not to begin: it was refused
_RECENT = 20_000  # runs among which those of that minute are
_FIRES = """
SELECT schedule, at, task FROM fires JOIN engines ON engines.id = engine
WHERE run IS NULL AND engine IN ({}) AND claimed_at >= stopped_at - ? ORDER BY schedule, at"""
_TAKEN = "SELECT id, task, at FROM delayed_runs WHERE engine NOT IN ({}) ORDER BY id"
_BEGUN = """
SELECT task, scheduled_at, id FROM runs
WHERE trigger = ? AND scheduled_at IS NOT NULL AND id > (SELECT max(id) FROM runs) - ?"""
_LAST_BEGUN = """
SELECT at FROM fires WHERE schedule = ? AND run IS NOT NULL ORDER BY at DESC LIMIT 1"""
_Meant: TypeAlias = tuple[str, int]


@dataclass(frozen=True, slots=True)
class _Fire:
    schedule: str
    at: int
    task: str


def bring_back(connection: Connection, dead: Collection[int], living: Collection[int]) -> None:
    """Let what engines were about to begin be begun by the next, as by the rules for what is late.

    `dead` are those that have just been found dead, `living` those that may be at work.
    """
    span = _LAST_MOMENTS // timedelta(microseconds=1)
    found = connection.execute(_FIRES.format(marks(dead)), (*dead, span))
    if fires := [_Fire(*row) for row in found]:
        _bring_back_fires(connection, fires)
    if taken := connection.execute(_TAKEN.format(marks(living)), tuple(living)).fetchall():
        _bring_back_delayed(connection, taken)


def _bring_back_fires(connection: Connection, fires: Iterable[_Fire]) -> None:
    begun = _begun(connection, Trigger.SCHEDULE)
    claims: defaultdict[str, list[int]] = defaultdict(list)
    for fire in fires:
        if runs := begun.get((fire.task, fire.at)):
            _link(connection, fire, runs[0])
        else:
            claims[fire.schedule].append(fire.at)
    for schedule, instants in claims.items():
        _give_up_claims(connection, schedule, instants)


def _link(connection: Connection, fire: _Fire, run: int) -> None:
    connection.execute(
        "UPDATE fires SET run = ? WHERE schedule = ? AND at = ?", (run, fire.schedule, fire.at)
    )


def _give_up_claims(connection: Connection, schedule: str, instants: Iterable[int]) -> None:
    """Let them be claimed again, and the schedule look at them again: those after the last that has
    begun, for it would look at that again, too.
    """
    last = connection.execute(_LAST_BEGUN, (schedule,)).fetchone()
    given_up = [at for at in instants if last is None or at > last[0]]
    if not given_up:
        return
    connection.executemany(
        "DELETE FROM fires WHERE schedule = ? AND at = ?", [(schedule, at) for at in given_up]
    )
    connection.execute(
        "UPDATE looks SET at = min(at, ?) WHERE schedule = ?", (min(given_up) - 1, schedule)
    )


def _bring_back_delayed(connection: Connection, taken: Iterable[tuple[int, str, int]]) -> None:
    begun = _begun(connection, Trigger.DELAYED)
    for delayed_id, task, at in taken:
        if runs := begun.get((task, at)):
            runs.pop()
            connection.execute("DELETE FROM delayed_runs WHERE id = ?", (delayed_id,))
        else:
            connection.execute("UPDATE delayed_runs SET engine = NULL WHERE id = ?", (delayed_id,))


def _begun(connection: Connection, trigger: Trigger) -> dict[_Meant, list[int]]:
    """The latest runs of a trigger, by their task and the instant that was meant."""
    begun: defaultdict[_Meant, list[int]] = defaultdict(list)
    for task, at, run in connection.execute(_BEGUN, (trigger.value, _RECENT)):
        begun[task, at].append(run)
    return begun
