"""What is done when there is nothing else to do: chores, then bringing the log into the file."""

from collections.abc import Callable
from sqlite3 import Connection
from typing import TypeAlias

from taskengine.history.sqlite.database import LONGEST_LOG, Database
from taskengine.history.sqlite.pauses import Pauses
from taskengine.history.sqlite.transaction import transaction
from taskengine.history.sqlite.trouble import chore_problem, trouble_of
from taskengine.problem import Problem

Chore: TypeAlias = Callable[[Connection], bool]
"""Does a small piece of work; True: there is more."""


class Upkeep:
    """Says when something is due, and does one piece of it. Only `add` is for any thread.

    `tell` hears after each round of chores what went wrong in it; None: nothing.
    """

    def __init__(self, pauses: Pauses, tell: Callable[[Problem | None], None]) -> None:
        self.due: float | None = None
        self._pauses = pauses
        self._tell = tell
        self._chores: list[Chore] = []
        self._left: dict[Chore, None] = {}
        self._problem: Problem | None = None
        self._begun = 0.0
        self._written = 0.0
        self._shorten_from = 0.0
        self._is_log_long = False

    def add(self, chore: Chore) -> None:
        """Do this, too, after the next write."""
        self._chores.append(chore)

    def note_write(self, now: float, log_size: int) -> None:
        """Something was written, and the log has so many bytes: there may be more to do."""
        if not self._left:
            self._begun = now
        for chore in tuple(self._chores):
            self._left.setdefault(chore)
        self._written = now
        self.due = now + self._pauses.idle
        if self._left:
            self.due = min(now + self._pauses.quiet, self._begun + self._pauses.longest_quiet)
        self._is_log_long = log_size > LONGEST_LOG and now >= self._shorten_from
        if self._is_log_long:
            self.due = now

    def do_piece(self, database: Database, now: float) -> None:
        """Do one piece of what is due. Raises what has to do with the file, as sqlite3.Error."""
        self.due = None
        if self._is_log_long or not self._left:
            self._shorten_log(database, now)
        else:
            self._do_chore(database.connection)
            self.due = now if self._left else self._written + self._pauses.idle

    def _shorten_log(self, database: Database, now: float) -> None:
        is_short = database.shorten_log(waits=self._is_log_long)
        self._is_log_long = False
        self._shorten_from = now + self._pauses.last_retry
        if self._left:
            self.due = now
        elif not is_short:
            self.due = self._shorten_from

    def _do_chore(self, connection: Connection) -> None:
        chore = next(iter(self._left))
        del self._left[chore]
        has_more = False
        try:
            with transaction(connection):
                has_more = chore(connection)
        except BaseException as error:
            if trouble_of(error):
                raise
            self._problem = chore_problem(error)
        if has_more:
            self._left.setdefault(chore)  # after the others' turn
        if not self._left:
            self._tell(self._problem)
            self._problem = None
