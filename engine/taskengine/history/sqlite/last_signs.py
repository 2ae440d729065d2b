"""When an engine that died was last known to live: it can't say so any more."""

from collections.abc import Iterable
from sqlite3 import Connection

from taskengine.history.sqlite import chunks
from taskengine.history.sqlite.readable import SENSELESS
from taskengine.history.sqlite.sql import marks
from taskengine.output import OutputLine

_STARTS = "SELECT id, started_at FROM engines WHERE id IN ({})"
_RUNS = """
SELECT engine, max(max(queued_at, coalesce(started_at, 0), coalesce(ended_at, 0))) FROM runs
WHERE id > (SELECT max(id) FROM runs) - 2000 AND engine IN ({}) GROUP BY engine"""
_OPEN = """
SELECT engine, max(max(queued_at, coalesce(started_at, 0))) FROM runs
WHERE open = 1 AND engine IN ({}) GROUP BY engine"""
_CLAIMS = """
SELECT engine, max(claimed_at) FROM fires WHERE run IS NULL AND engine IN ({}) GROUP BY engine"""
_WRITING = "SELECT engine, id FROM runs WHERE open = 1 AND begun = 1 AND engine IN ({})"
_LAST_CHUNK = "SELECT data, compressed FROM chunks WHERE run = ? ORDER BY first DESC LIMIT 1"


def last_signs(connection: Connection, engines: Iterable[int]) -> list[tuple[int, int]]:
    """The last moment at which each of these engines is known to have lived, in microseconds: it
    started, or kept a fire or a run that is open or among the latest, or a run of it wrote a line.
    """
    asked = tuple(engines)
    signs: dict[int, int] = {}
    for query in (_STARTS, _RUNS, _OPEN, _CLAIMS):
        for engine, at in connection.execute(query.format(marks(asked)), asked):
            signs[engine] = max(at, signs.get(engine, at))
    for engine, run in connection.execute(_WRITING.format(marks(asked)), asked).fetchall():
        signs[engine] = max(signs[engine], _last_line_at(connection, run))
    return list(signs.items())


def _last_line_at(connection: Connection, run: int) -> int:
    """When a run wrote its last line that is kept; 0 without one that makes sense."""
    found = connection.execute(_LAST_CHUNK, (run,)).fetchone()
    if found is None:
        return 0
    try:
        line = chunks.text_of(found[0], is_compressed=bool(found[1])).rpartition("\n")[2]
        return OutputLine.decode(line).time * 1000
    except SENSELESS:
        return 0
