"""What the writer's thread does, from its first look at the file to its last."""

import time
from collections import deque
from collections.abc import Callable

from taskengine.errors import HistoryTooNew
from taskengine.history.retention import Durability
from taskengine.history.sqlite.group_commit import commit
from taskengine.history.sqlite.inbox import Inbox
from taskengine.history.sqlite.overlay import SOON
from taskengine.history.sqlite.store import Store
from taskengine.history.sqlite.unwritten import StoreUnavailable, Unwritten
from taskengine.history.sqlite.upkeep import Upkeep
from taskengine.history.sqlite.work import Work, answer

_MOST_KEPT = 10_000  # posted pieces of work that are kept while nothing can be written
_MOST_TRIES = 3  # a file that was damaged or deleted makes room for a new one at once


class WriterLoop:
    """Takes from the inbox and writes. `durability` may be set by any thread."""

    def __init__(self, inbox: Inbox, store: Store, unwritten: Unwritten, upkeep: Upkeep) -> None:
        self.durability = Durability.PROCESS
        self._inbox = inbox
        self._store = store
        self._unwritten = unwritten
        self._upkeep = upkeep
        self._look_at: float | None = None
        self._doing: list[Work] = []
        self._kept: deque[Work] = deque(maxlen=_MOST_KEPT)

    def run(self, opened: Work) -> None:
        """Open the file, answer `opened`, and write until the inbox closes."""
        self._guard(lambda: self._commit([]))
        if isinstance(self._store.error, HistoryTooNew):
            opened.fail(self._store.error)
            answer([opened])
        else:
            answer([opened])
            while not self._inbox.is_closing:
                self._guard(self._step)
            self._guard(self._write_rest)
        self._store.close()
        left, closers = self._inbox.finish()
        self._refuse(left)
        answer(closers)

    def _guard(self, do: Callable[[], None]) -> None:
        """Call something. The thread has to go on, whatever it raises."""
        try:
            do()
        except BaseException as error:  # noqa: BLE001 - it is told, as the store's trouble
            self._store.fail(error)
            self._refuse(self._doing)

    def _step(self) -> None:
        works = self._inbox.take(self._next_due)
        now = time.monotonic()
        if _is_due(self._look_at, now):
            self._look_at = None
        if not self._store.is_available:
            self._refuse(works)
            if now >= self._store.retry_at:
                self._commit(self._take_kept())
        elif works or _is_due(self._inbox.due, now):
            self._commit(works)
        elif _is_due(self._upkeep.due, now):
            self._keep_up(now)

    def _next_due(self) -> float | None:
        if not self._store.is_available:
            return self._store.retry_at
        dues = (self._inbox.due, self._upkeep.due, self._look_at)
        return min((due for due in dues if due is not None), default=None)

    def _commit(self, works: list[Work]) -> None:
        """Write what is unwritten and do all of the work, or refuse it."""
        self._doing = works
        for tries in range(1, _MOST_TRIES + 1):
            try:
                database = self._store.take()
                database.set_durability(self.durability)
                self._inbox.due = None
                log_size = commit(database, self._unwritten, works)
            except BaseException as error:  # noqa: BLE001 - it is told, as the store's trouble
                if not self._store.fail(error, may_begin_anew=tries < _MOST_TRIES):
                    break
            else:
                self._store.confirm()
                self._doing = []
                answer(works)
                now = time.monotonic()
                self._upkeep.note_write(now, log_size)
                # There is more to come, probably: to look once by itself is cheaper for all than to
                # be woken when the next run has something to be written soon.
                self._look_at = now + SOON
                return
        self._refuse(works)

    def _keep_up(self, now: float) -> None:
        try:
            self._upkeep.do_piece(self._store.take(), now)
        except BaseException as error:  # noqa: BLE001 - it is told, as the store's trouble
            if self._store.fail(error):
                self._commit([])

    def _write_rest(self) -> None:
        rest = self._take_kept()
        while works := self._inbox.take(time.monotonic):
            rest += works
        self._commit(rest)
        if self._store.database is not None:
            self._store.database.shorten_log(waits=False)

    def _take_kept(self) -> list[Work]:
        kept = list(self._kept)
        self._kept.clear()
        return kept

    def _refuse(self, works: list[Work]) -> None:
        """Keep for later what nobody waits for, and say to the others that it can't be done."""
        self._doing = []
        self._kept.extend(work for work in works if work.future is None)
        waiting = [work for work in works if work.future is not None]
        for work in waiting:
            work.fail(StoreUnavailable(self._store.reason))
        answer(waiting)


def _is_due(instant: float | None, now: float) -> bool:
    return instant is not None and instant <= now
