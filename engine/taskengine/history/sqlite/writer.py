"""The one thread that writes: what comes in together is committed together."""

import asyncio
import threading
from collections.abc import Callable
from contextvars import Context
from pathlib import Path
from sqlite3 import Connection
from typing import TypeVar

from taskengine.history.history import Report
from taskengine.history.retention import Durability
from taskengine.history.sqlite.database import Connect, connect
from taskengine.history.sqlite.inbox import Inbox
from taskengine.history.sqlite.notices import Notices, Source
from taskengine.history.sqlite.pauses import Pauses
from taskengine.history.sqlite.store import Store
from taskengine.history.sqlite.trouble import Trouble, trouble_of
from taskengine.history.sqlite.unwritten import StoreUnavailable, Unwritten
from taskengine.history.sqlite.upkeep import Upkeep
from taskengine.history.sqlite.work import Work
from taskengine.history.sqlite.writer_loop import WriterLoop

__all__ = ["StoreUnavailable", "Unwritten", "Writer"]

T = TypeVar("T")


class Writer:
    """Owns the connection that writes.

    While the file can't be written (disk full, read-only, locked, deleted, not ours to open) every
    `do` raises StoreUnavailable at once, and the writer tries again and again to open it; then
    `unwritten` is asked for everything it holds. A damaged file is set aside and begun anew, a
    deleted one is begun anew. `report` is told, on the loop that called `open`, what is wrong.
    """

    def __init__(
        self,
        path: Path,
        unwritten: Unwritten,
        *,
        prepare: Callable[[], object] | None = None,
        connect: Connect = connect,
        pauses: Pauses | None = None,
    ) -> None:
        """`prepare` makes the folder, on the writer's thread, whenever the file is opened; it may
        raise OSError.
        """
        pauses = pauses or Pauses()
        self._inbox = Inbox()
        self._notices = Notices()
        self._store = Store(
            path, prepare or (lambda: _make_folder(path.parent)), connect, pauses, self._notices
        )
        self._upkeep = Upkeep(pauses, lambda problem: self._notices.tell(Source.CHORES, problem))
        self._loop = WriterLoop(self._inbox, self._store, unwritten, self._upkeep)
        self._thread: threading.Thread | None = None

    async def open(self, report: Report) -> None:
        """Start the thread and open the file. Raises HistoryTooNew, and RuntimeError where there is
        no more thread to be had; what else is wrong with the file is reported, and leaves the
        writer unavailable.
        """
        self._notices.listen(report)
        opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        thread = threading.Thread(
            target=self._loop.run,
            args=(Work(_nothing, opened),),
            name="taskengine history",
            daemon=True,
        )
        # The opener may be inside a run, whose context the thread must not carry on.
        Context().run(thread.start)
        self._thread = thread
        await opened

    async def close(self) -> None:
        """Write what is unwritten, if that is possible, and end the thread."""
        closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._thread is not None and self._inbox.close(Work(_nothing, closed)):
            await closed

    async def do(self, work: Callable[[Connection], T]) -> T:
        """Do something in a transaction with others, and give its answer when that is committed.

        Awaitable on any loop. What `work` raises is raised here and undoes only its own writes.
        `work` may be called again after a rollback, on another file perhaps; it must not end the
        transaction.
        """
        if not self._store.is_available:
            raise StoreUnavailable(self._store.reason)
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        if not self._inbox.put(Work(work, future)):
            raise StoreUnavailable(self._store.reason)
        return await future

    async def flush(self) -> bool:
        """Return when what is unwritten is committed; False if nothing can be written now."""
        try:
            await self.do(_nothing)
        except StoreUnavailable:
            return False
        return True

    def post(self, work: Callable[[Connection], object]) -> None:
        """Do something in a transaction, and let nobody wait for it. From any thread.

        While nothing can be written it is kept for later, though no more than the latest 10,000;
        what it raises is logged.
        """
        self._inbox.put(Work(work))

    def wake(self, within: float) -> None:
        """Let `unwritten` be written within so many seconds. Cheap; from any thread."""
        self._inbox.wake(within)

    def add_chore(self, chore: Callable[[Connection], bool]) -> None:
        """Call this in a transaction of its own whenever there is nothing else to do, a small piece
        of work at a time, for as long as it says True; then again after further writes.
        """
        self._upkeep.add(chore)
        self._inbox.wake(0)

    def set_durability(self, durability: Durability) -> None:
        """How safe a commit is, from the next one on."""
        self._loop.durability = durability

    def suspect(self, error: Exception) -> None:
        """Let the file be set aside if this error, which a reader met, says it is damaged. From any
        thread.
        """
        generation = self.generation

        def blame(_: Connection) -> None:
            if self.generation == generation:
                raise error

        if trouble_of(error) is Trouble.DAMAGED:
            self.post(blame)

    @property
    def is_available(self) -> bool:
        """Whether the file could be written when it was last tried."""
        return self._store.is_available

    @property
    def generation(self) -> int:
        """Counts how often another file was opened than before, so that readers do so too."""
        return self._store.generation


def _make_folder(folder: Path) -> None:
    """Make the folder, for its user alone, in a project that is still there."""
    folder.mkdir(mode=0o700, exist_ok=True)


def _nothing(_: Connection) -> None:
    """Do nothing: only the answer is waited for."""
