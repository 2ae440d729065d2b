"""The file as long as it can be written, and what becomes of it when it can't."""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from taskengine.history.sqlite.damage import damage_problem, deletion_problem, set_aside
from taskengine.history.sqlite.database import Connect, Database
from taskengine.history.sqlite.notices import Notices, Source
from taskengine.history.sqlite.pauses import Pauses
from taskengine.history.sqlite.trouble import Trouble, problem_of, trouble_with_file

_MOST_SET_ASIDE = 5  # in one session: a disk that damages every file must not fill with them


class Store:
    """Opens the file and gives it up. For the writer's thread; the attributes are for any.

    `database` is the open file. `generation` counts how often it was opened. `is_available`:
    something was written since it was opened last. `error` is why it was given up, and `reason`
    says so. `retry_at` is when to open it again, in the time of `time.monotonic`.
    """

    def __init__(
        self,
        path: Path,
        prepare: Callable[[], object],
        connect: Connect,
        pauses: Pauses,
        notices: Notices,
    ) -> None:
        self.database: Database | None = None
        self.generation = 0
        self.is_available = False
        self.error: BaseException | None = None
        self.reason = "The history is not open"
        self.retry_at = 0.0
        self._path = path
        self._prepare = prepare
        self._connect = connect
        self._pauses = pauses
        self._retries = pauses.retries()
        self._notices = notices
        self._times_set_aside = 0

    def take(self) -> Database:
        """The open file; opens it if need be. Raises what `Database` raises, and what makes the
        folder.
        """
        if self.database is not None and self.database.is_outdated:
            self._close()
        if self.database is None:
            self._prepare()
            self.database = Database(self._path, self._pauses.busy, self._connect)
            self.generation += 1
        return self.database

    def confirm(self) -> None:
        """Something was written, so the trouble is over."""
        if not self.is_available or self.error is not None:
            self.is_available = True
            self.error = None
            self._retries = self._pauses.retries()
            self._notices.tell(Source.FILE, None)

    def fail(self, error: BaseException, *, may_begin_anew: bool = True) -> bool:
        """Give the file up because of an error; True: it is out of the way, and a new one can be
        opened at once.
        """
        trouble = trouble_with_file(error, self._path)
        problem = problem_of(trouble, error, self._path)
        self.error = error
        self.reason = problem.message
        self.retry_at = time.monotonic() + next(self._retries)
        in_place = self._close()
        if may_begin_anew and self._clear_the_way(trouble, error, in_place=in_place):
            return True
        self.is_available = False
        if trouble is not Trouble.TOO_NEW or self.generation:  # else `Writer.open` raises it
            self._notices.tell(Source.FILE, problem)
        return False

    def close(self) -> None:
        """Let go of the file for good."""
        self.is_available = False
        self.reason = "The history is closed"
        self._close()

    def _close(self) -> bool:
        """Close the file; False if another one is in its place."""
        database, self.database = self.database, None
        if database is None:
            return True
        in_place = database.is_in_place()
        database.close()
        return in_place

    def _clear_the_way(self, trouble: Trouble, error: BaseException, *, in_place: bool) -> bool:
        if trouble is Trouble.GONE:
            self._notices.tell(Source.DAMAGE, deletion_problem(self._path))
            return True
        return trouble is Trouble.DAMAGED and (not in_place or self._set_aside(error))

    def _set_aside(self, error: BaseException) -> bool:
        if self._times_set_aside == _MOST_SET_ASIDE:
            return False
        try:
            aside = set_aside(self._path, datetime.now().astimezone())
        except OSError:
            return False
        self._times_set_aside += 1
        self._notices.tell(Source.DAMAGE, damage_problem(self._path, aside, error))
        return True
