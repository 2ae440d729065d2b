"""Forgets fires, and missed ones, that are too long ago to matter to anybody."""

from datetime import datetime, timedelta
from sqlite3 import Connection

from taskengine.history.sqlite.instants import to_micros

KEPT_FOR = timedelta(days=90)
_MOST_ROWS = 500
_EVERY = timedelta(days=1)


class OldFires:
    """Looks through all fires once a day, a few at a time.

    A fire whose run is kept is kept with it. So is one at or after its schedule's look, whatever
    its age: it was claimed, and must not happen once more.
    """

    def __init__(self) -> None:
        self._began: datetime | None = None
        self._schedule: str | None = None
        self._after = 0

    def forget(self, connection: Connection, now: datetime) -> bool:
        """Go on a little; False if there is nothing to do for the day."""
        if self._began is None or not timedelta(0) <= now - self._began < _EVERY:
            self._began = now
            self._go_to(_next_schedule(connection, ""))
        oldest = to_micros(self._began - KEPT_FOR)
        if self._schedule is None:
            return _forget_missed(connection, oldest)
        last = self._forget_some(connection, self._schedule, oldest)
        if last is None:
            self._go_to(_next_schedule(connection, self._schedule))
        else:
            self._after = last
        return True

    def _go_to(self, schedule: str | None) -> None:
        self._schedule, self._after = schedule, 0

    def _forget_some(self, connection: Connection, schedule: str, oldest: int) -> int | None:
        """Look through the next fires of a schedule; the instant of the last, None at the end."""
        look = connection.execute("SELECT at FROM looks WHERE schedule = ?", (schedule,)).fetchone()
        stop = min(oldest, look[0]) if look else oldest
        last: int | None = connection.execute(
            "SELECT max(at) FROM (SELECT at FROM fires WHERE schedule = ? AND at > ? AND at < ?"
            " ORDER BY at LIMIT ?)",
            (schedule, self._after, stop, _MOST_ROWS),
        ).fetchone()[0]
        connection.execute(
            "DELETE FROM fires WHERE schedule = ? AND at > ? AND at <= ?"
            " AND NOT EXISTS (SELECT 1 FROM runs WHERE id = fires.run)",
            (schedule, self._after, last),
        )
        return last


def _next_schedule(connection: Connection, after: str) -> str | None:
    found: str | None = connection.execute(
        "SELECT min(schedule) FROM fires WHERE schedule > ?", (after,)
    ).fetchone()[0]
    return found


def _forget_missed(connection: Connection, oldest: int) -> bool:
    """Forget some of those missed fires that were made up for or dismissed."""
    cursor = connection.execute(
        "DELETE FROM missed_fires WHERE id IN"
        " (SELECT id FROM missed_fires WHERE pending = 0 AND last_at < ? LIMIT ?)",
        (oldest, _MOST_ROWS),
    )
    return cursor.rowcount == _MOST_ROWS
