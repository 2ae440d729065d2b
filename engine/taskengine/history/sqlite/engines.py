"""The engines that ever worked on a file: whose runs and claims are whose."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection

from taskengine.history.process_identity import ProcessIdentity
from taskengine.history.sqlite.instants import to_micros
from taskengine.history.sqlite.sql import marks


@dataclass(frozen=True, slots=True)
class EngineRow:
    """An engine that did not say that it stopped, with its number in the file."""

    id: int
    process: ProcessIdentity


def register(connection: Connection, process: ProcessIdentity, since: datetime) -> int:
    """Write down an engine that works in a process, and give back its number."""
    added = connection.execute(
        "INSERT INTO engines(pid, process_start, boot, host, started_at) VALUES(?, ?, ?, ?, ?)",
        (process.pid, process.start, process.boot, process.host, to_micros(since)),
    )
    assert added.lastrowid is not None, "a row was added"
    return added.lastrowid


def is_registered(
    connection: Connection, engine: int, process: ProcessIdentity, since: datetime
) -> bool:
    """Whether the engine that was registered with this is known by that number in this file, which
    may have been begun anew, by another engine of the same process perhaps.
    """
    found = connection.execute(
        "SELECT 1 FROM engines"
        " WHERE id=? AND pid=? AND process_start=? AND boot=? AND host=? AND started_at=?",
        (engine, process.pid, process.start, process.boot, process.host, to_micros(since)),
    )
    return found.fetchone() is not None


def stop(connection: Connection, engine: int, now: datetime) -> None:
    """Write down that an engine works no more."""
    stop_all(connection, [(engine, to_micros(now))])


def stop_all(connection: Connection, ends: Iterable[tuple[int, int]]) -> None:
    """Write down that engines work no more, each since an instant in microseconds."""
    connection.executemany(
        "UPDATE engines SET stopped_at=? WHERE id=?", [(at, engine) for engine, at in ends]
    )


def ends(connection: Connection, engines: Collection[int]) -> dict[int, int]:
    """Since when each of these engines works no more, in microseconds."""
    query = f"SELECT id, stopped_at FROM engines WHERE id IN ({marks(engines)})"  # noqa: S608
    return dict(connection.execute(query, tuple(engines)))


def unstopped(connection: Connection) -> list[EngineRow]:
    """The engines that did not say that they stopped: they live, or have died."""
    rows = connection.execute(
        "SELECT id, pid, process_start, boot, host FROM engines WHERE stopped_at IS NULL"
    )
    return [EngineRow(row[0], ProcessIdentity(*row[1:])) for row in rows]
